#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-converter 8.8.1 (Maven; Java 17): resources of STU3 as R4, by VersionConvertorFactory_30_40.
# One expects: STU3's notGiven and notDone, which mean the opposite of the resource, become R4's status not-done (declined of a
#   dispense), as they do for a Procedure and an Immunization; or the conversion is refused.
# Seen: of a MedicationAdministration and a MedicationDispense they are dropped, with the reason: a dose that was withheld is
#   completed. A family history that was not taken (notDone) is completed and empty, like that of a healthy family; only a
#   reason that was given for it is kept.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-converter</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-dstu3</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-caching-caffeine</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # ca.uhn.hapi.fhir:hapi-fhir-converter@8.8.1
cat >Look.java <<'END'
import ca.uhn.fhir.context.FhirContext;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_30_40;

public class Look {
  public static void main(String[] none) {
    var stu3 = FhirContext.forDstu3().newJsonParser();
    var r4 = FhirContext.forR4().newJsonParser();
    for (String one : new String[] {"'Procedure','notDone':true,'notDoneReason':{'text':'refused'}",
        "'MedicationAdministration','notGiven':true,'reasonNotGiven':[{'text':'refused'}]",
        "'MedicationDispense','notDone':true,'notDoneReasonCodeableConcept':{'text':'refused'}",
        "'FamilyMemberHistory','notDone':true"}) {
      var old = stu3.parseResource(("{'resourceType':" + one + ",'status':'completed'}").replace('\'', '"'));
      System.out.println(r4.encodeResourceToString(
          VersionConvertorFactory_30_40.convertResource((org.hl7.fhir.dstu3.model.Resource) old)));
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
{"resourceType":"Procedure","status":"not-done","statusReason":{"text":"refused"}}
{"resourceType":"MedicationAdministration","status":"completed"}
{"resourceType":"MedicationDispense","status":"completed"}
{"resourceType":"FamilyMemberHistory","status":"completed"}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
