// HAPI's FhirInstanceValidator (R4, no network) over pairs of Questionnaire and QuestionnaireResponse.
//
// Arguments: pairs.ndjson, a line {"questionnaire": {...}, "response": {...}, "support": [...]}; then, optionally, the seconds to
// warm up and the seconds to measure. Forms are told apart by their url. Writes, a JSON value a line:
// without times, for each pair [[severity, message id, location, text], ...] (severity THROWN: it ended so);
// with times, {"cpu": seconds of the thread's CPU a response, "responses": how many were judged for it}.

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Questionnaire;

public class Pairs {
    /** The forms by url: HAPI's own PrePopulatedValidationSupport keeps no Questionnaire. */
    record Forms(FhirContext context, Map<String, IBaseResource> byUrl) implements IValidationSupport {
        @Override
        public FhirContext getFhirContext() {
            return context;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends IBaseResource> T fetchResource(Class<T> type, String url) {
            IBaseResource found = byUrl.get(url);
            return type == null || type.isInstance(found) ? (T) found : null;
        }
    }

    public static void main(String[] words) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // the libraries greet on standard output
        ObjectMapper json = new ObjectMapper()
                .configure(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, true)
                .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true));
        FhirContext context = FhirContext.forR4();
        Forms forms = new Forms(context, new HashMap<>());
        List<String> responses = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(words[0]))) {
            JsonNode pair = json.readTree(line);
            String url = pair.get("questionnaire").get("url").asText();
            forms.byUrl().computeIfAbsent(url, absent -> context.newJsonParser()
                    .parseResource(Questionnaire.class, pair.get("questionnaire").toString()));
            for (JsonNode beside : pair.path("support")) {
                forms.byUrl().computeIfAbsent(beside.path("url").asText(), absent -> context.newJsonParser()
                        .parseResource(beside.toString()));
            }
            responses.add(pair.get("response").toString());
        }
        FhirInstanceValidator rules = new FhirInstanceValidator(new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                forms,
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context)));
        rules.setNoExtensibleWarnings(true);
        rules.setErrorForUnknownProfiles(false); // what profiles say is not compared
        FhirValidator validator = context.newValidator().registerValidatorModule(rules);

        if (words.length > 1) {
            run(validator, responses, Double.parseDouble(words[1]));
            out.println(run(validator, responses, Double.parseDouble(words[2])));
            return;
        }
        for (String response : responses) {
            List<List<String>> told = new ArrayList<>();
            try {
                for (SingleValidationMessage one : validator.validateWithResult(response).getMessages()) {
                    told.add(List.of(String.valueOf(one.getSeverity()), String.valueOf(one.getMessageId()),
                            String.valueOf(one.getLocationString()), String.valueOf(one.getMessage())));
                }
            } catch (RuntimeException thrown) {
                told.add(List.of("THROWN", thrown.getClass().getSimpleName(), "",
                        String.valueOf(thrown.getMessage())));
            }
            out.println(json.writeValueAsString(told));
        }
    }

    /** Judges all responses, again and again, until so many seconds of CPU are gone. */
    private static String run(FhirValidator validator, List<String> responses, double seconds) {
        var clock = ManagementFactory.getThreadMXBean();
        long begun = clock.getCurrentThreadCpuTime();
        long done = 0;
        while (clock.getCurrentThreadCpuTime() - begun < seconds * 1e9) {
            for (String response : responses) {
                validator.validateWithResult(response);
                done++;
            }
        }
        double spent = (clock.getCurrentThreadCpuTime() - begun) / 1e9;
        return "{\"cpu\": " + spent / done + ", \"responses\": " + done + "}";
    }
}
