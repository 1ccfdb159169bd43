// Runs the conditions of the published PlanDefinition by HAPI's FHIRPath. Arguments: expressions.json, a list of
// [rule id, text]; responses.ndjson. Writes the ids of the rules that fire, a JSON list a line.

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.fhirpath.IFhirPath;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.BooleanType;

public class Fired {
    public static void main(String[] names) throws Exception {
        ObjectMapper json = new ObjectMapper();
        FhirContext context = FhirContext.forR4();
        IFhirPath engine = context.newFhirPath();
        List<String> ids = new ArrayList<>();
        List<IFhirPath.IParsedExpression> conditions = new ArrayList<>();
        for (JsonNode rule : json.readTree(Path.of(names[0]).toFile())) {
            ids.add(rule.get(0).asText());
            conditions.add(engine.parse(rule.get(1).asText()));
        }
        for (String line : Files.readAllLines(Path.of(names[1]))) {
            IBaseResource response = context.newJsonParser().parseResource(line);
            List<String> fired = new ArrayList<>();
            for (int at = 0; at < ids.size(); at++) {
                List<BooleanType> found = engine.evaluate(response, conditions.get(at), BooleanType.class);
                if (found.size() == 1 && found.get(0).booleanValue()) {
                    fired.add(ids.get(at));
                }
            }
            System.out.println(json.writeValueAsString(fired));
        }
    }
}
