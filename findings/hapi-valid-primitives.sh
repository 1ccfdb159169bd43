#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-validation 8.8.1 (Maven; Java 17): answers that are a time with a fraction of a second and an
#   address that is an object identifier, against FHIR R4's own definitions alone.
# One expects: both pass: R4's pattern of a time ends in an optional fraction, that of an oid takes one arc or more.
# Seen: 11:00:00.5 is "Not a valid time", urn:oid:1.2.3 is told to be no valid OID; 11:00:00 and longer OIDs pass.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-validation</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-structures-r4</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-validation-resources-r4</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>ca.uhn.hapi.fhir</groupId><artifactId>hapi-fhir-caching-caffeine</artifactId><version>8.8.1</version></dependency>
    <dependency><groupId>org.fhir</groupId><artifactId>ucum</artifactId><version>1.0.9</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # ca.uhn.hapi.fhir:hapi-fhir-validation@8.8.1
cat >Look.java <<'END'
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

public class Look {
  public static void main(String[] none) {
    FhirContext r4 = FhirContext.forR4();
    var validator = r4.newValidator().registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(r4), new CommonCodeSystemsTerminologyService(r4),
        new InMemoryTerminologyServerValidationSupport(r4))));
    for (String value : new String[] {"'valueTime':'11:00:00'", "'valueTime':'11:00:00.5'",
        "'valueUri':'urn:oid:1.2.3'", "'valueUri':'urn:oid:2.16.840.1.113883.6.96'"}) {
      System.out.print(value + ":");
      validator.validateWithResult(("{'resourceType':'QuestionnaireResponse','status':'completed',"
          + "'item':[{'linkId':'a','answer':[{" + value + "}]}]}").replace('\'', '"')).getMessages().stream()
          .filter(one -> one.getSeverity() == ResultSeverityEnum.ERROR)
          .forEach(one -> System.out.print(" " + one.getMessage()));
      System.out.println();
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
printf '%s\n' "$seen"
expected="'valueTime':'11:00:00':
'valueTime':'11:00:00.5': Not a valid time (null)
'valueUri':'urn:oid:1.2.3': OIDs must be valid (1.2.3)
'valueUri':'urn:oid:2.16.840.1.113883.6.96':"
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
