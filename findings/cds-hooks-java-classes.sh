#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-server-cds-hooks 8.8.0 (Maven; Java 17): the classes for CDS Hooks' JSON, read and written by
#   Jackson's own ObjectMapper.
# One expects: what CDS Hooks 2.0 defines can be read and written: the body of a feedback call (a list under "feedback"),
#   a suggestion that deletes (resourceId), a link's autolaunchable, the extension of a card.
# Seen: the body of a feedback call is refused, only one element of its list can be read; resourceId and autolaunchable
#   are refused as unknown, so there is no way to say what is to be deleted; the content of an extension is dropped.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-server-cds-hooks</artifactId><version>8.8.0</version>
  </dependency></dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # ca.uhn.hapi.fhir:hapi-fhir-server-cds-hooks@8.8.0
cat >Look.java <<'END'
import ca.uhn.hapi.fhir.cdshooks.api.json.CdsServiceFeedbackJson;
import ca.uhn.hapi.fhir.cdshooks.api.json.CdsServiceResponseCardJson;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;

public class Look {
  static void read(String what, Class<?> as, String json) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    try {
      System.out.println(what + ": " + mapper.writeValueAsString(mapper.readValue(json, as)));
    } catch (UnrecognizedPropertyException refused) {
      System.out.println(what + ": refused, unknown: " + refused.getPropertyName());
    }
  }

  public static void main(String[] none) throws Exception {
    String one = "{'card':'4e0a3a1e-3283-4575-ab82-028d55fe2719','outcome':'accepted',"
        + "'outcomeTimestamp':'2026-11-05T20:02:33Z'}";
    String card = "{'summary':'s','indicator':'info','source':{'label':'l'}%s}";
    read("feedback", CdsServiceFeedbackJson.class, ("{'feedback':[" + one + "]}").replace('\'', '"'));
    read("delete", CdsServiceResponseCardJson.class, card.formatted(",'selectionBehavior':'any','suggestions':[{'label':'x',"
        + "'actions':[{'type':'delete','description':'d','resourceId':['ServiceRequest/1']}]}]").replace('\'', '"'));
    read("link", CdsServiceResponseCardJson.class, card.formatted(",'links':[{'label':'x','url':'https://ehr.example',"
        + "'type':'absolute','autolaunchable':false}]").replace('\'', '"'));
    read("extension", CdsServiceResponseCardJson.class, card.formatted(",'extension':{'org.example':1}").replace('\'', '"'));
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
feedback: refused, unknown: feedback
delete: refused, unknown: resourceId
link: refused, unknown: autolaunchable
extension: {"extension":{},"summary":"s","indicator":"info","source":{"label":"l"}}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
