#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-converter 8.8.1 (Maven; Java 17): resources of R5 as R4, by VersionConvertorFactory_40_50.
# One expects: what R4 can say is said: a MedicationStatement whose adherence is not-taking or stopped is not-taken or stopped,
#   one that is taken is active; a discharged encounter has one of R4's statuses; 5 mmol/L "ad" (as much as it takes to get there) is no
#   plain 5; an operation in the family is kept as an extension, or said to be lost.
# Seen: whether it is taken or not, a medicine is completed: recorded becomes completed, and the adherence is dropped. A
#   discharged encounter has no status, which R4 requires; the comparator is dropped; the mother's removed ovaries are gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-converter</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r5</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-caching-caffeine</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # ca.uhn.hapi.fhir:hapi-fhir-converter@8.8.1
cat >Look.java <<'END'
import ca.uhn.fhir.context.FhirContext;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;

public class Look {
  public static void main(String[] none) {
    var r5 = FhirContext.forR5().newJsonParser();
    var r4 = FhirContext.forR4().newJsonParser();
    String taken = "'MedicationStatement','status':'recorded','medication':{'concept':{'text':'warfarin'}},'adherence':{'code':"
        + "{'coding':[{'system':'http://hl7.org/fhir/CodeSystem/medication-statement-adherence','code':'%s'}]}}";
    for (String one : new String[] {taken.formatted("taking"), taken.formatted("not-taking"), taken.formatted("stopped"),
        "'Encounter','status':'discharged'",
        "'Observation','status':'final','valueQuantity':{'value':5,'comparator':'ad','unit':'mmol/L'}",
        "'FamilyMemberHistory','status':'completed','procedure':[{'code':{'text':'ovaries removed'}}]"}) {
      var newer = r5.parseResource(("{'resourceType':" + one + "}").replace('\'', '"'));
      var older = VersionConvertorFactory_40_50.convertResource((org.hl7.fhir.r5.model.Resource) newer);
      System.out.println(r4.encodeResourceToString(older).replaceAll("\"extension\":\\[.*?\\],", ""));
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
{"resourceType":"MedicationStatement","status":"completed","medicationCodeableConcept":{"text":"warfarin"}}
{"resourceType":"MedicationStatement","status":"completed","medicationCodeableConcept":{"text":"warfarin"}}
{"resourceType":"MedicationStatement","status":"completed","medicationCodeableConcept":{"text":"warfarin"}}
{"resourceType":"Encounter"}
{"resourceType":"Observation","status":"final","valueQuantity":{"value":5,"unit":"mmol/L"}}
{"resourceType":"FamilyMemberHistory","status":"completed"}
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
