#!/usr/bin/env bash
# ca.uhn.hapi.fhir:hapi-fhir-validation 8.8.1 (Maven; Java 17): responses to a form that asks a question if the weight
#   is under 3 kg, and another if it is 3 kg.
# One expects: units count, as Quantity says of its comparison, or it is said that they were not compared: of 3 g the
#   first question is asked and the second is not, of 3000 g the second is asked.
# Seen: the numbers alone are compared: a person of 3 g "has answer, even though it is not enabled" in the first question,
#   and may answer the second; a person of 3000 g may not.
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
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Questionnaire;

public class Look {
  static final FhirContext R4 = FhirContext.forR4();

  record Forms(Questionnaire form) implements IValidationSupport {
    public FhirContext getFhirContext() { return R4; }
    @SuppressWarnings("unchecked")
    public <T extends IBaseResource> T fetchResource(Class<T> type, String url) {
      return url.equals(form.getUrl()) && (type == null || type.isInstance(form)) ? (T) form : null;
    }
  }

  static String quantity(int value, String unit) {
    return "{'value':" + value + ",'system':'http://unitsofmeasure.org','code':'" + unit + "'}";
  }

  static String when(String id, String operator) {
    return "{'linkId':'" + id + "','type':'boolean','enableWhen':[{'question':'weight','operator':'" + operator
        + "','answerQuantity':" + quantity(3, "kg") + "}]}";
  }

  public static void main(String[] none) {
    Questionnaire form = R4.newJsonParser().parseResource(Questionnaire.class, ("{'resourceType':'Questionnaire',"
        + "'url':'http://example.org/q','status':'active','item':[{'linkId':'weight','type':'quantity'},"
        + when("under", "<") + "," + when("same", "=") + "]}").replace('\'', '"'));
    var validator = R4.newValidator().registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(R4), new Forms(form), new CommonCodeSystemsTerminologyService(R4),
        new InMemoryTerminologyServerValidationSupport(R4))));
    for (int value : new int[] {3, 3000}) {
      for (String asked : new String[] {"under", "same"}) {
        String response = ("{'resourceType':'QuestionnaireResponse','questionnaire':'http://example.org/q',"
            + "'status':'completed','item':[{'linkId':'weight','answer':[{'valueQuantity':" + quantity(value, "g")
            + "}]},{'linkId':'" + asked + "','answer':[{'valueBoolean':true}]}]}").replace('\'', '"');
        System.out.print(value + " g, " + asked + ":");
        validator.validateWithResult(response).getMessages().stream()
            .filter(one -> one.getSeverity() == ResultSeverityEnum.ERROR)
            .forEach(one -> System.out.print(" " + one.getMessage()));
        System.out.println();
      }
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
printf '%s\n' "$seen"
expected="3 g, under: Item has answer, even though it is not enabled (item id = 'under')
3 g, same:
3000 g, under: Item has answer, even though it is not enabled (item id = 'under')
3000 g, same: Item has answer, even though it is not enabled (item id = 'same')"
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
