// HAPI's FhirInstanceValidator (R4, no network) over resources, each against a profile of a guide.
//
// Arguments: the folder of a guide's package; then a file with a line {"profile": url, "resource": {...}} each.
// Writes, a JSON value a line, for each resource [[severity, message id, location, text], ...].

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;

public class Profiles {
    /** FHIR's own definitions by url and version: HAPI knows them by their url alone. */
    record Versioned(FhirContext context, IValidationSupport known) implements IValidationSupport {
        @Override
        public FhirContext getFhirContext() {
            return context;
        }

        @Override
        public IBaseResource fetchStructureDefinition(String url) {
            return url.endsWith("|4.0.1") ? known.fetchStructureDefinition(url.replace("|4.0.1", "")) : null;
        }

        @Override
        public <T extends IBaseResource> T fetchResource(Class<T> type, String url) {
            return url.endsWith("|4.0.1") ? known.fetchResource(type, url.replace("|4.0.1", "")) : null;
        }
    }

    public static void main(String[] words) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // the libraries greet on standard output
        ObjectMapper json = new ObjectMapper();
        FhirContext context = FhirContext.forR4();
        PrePopulatedValidationSupport guide = new PrePopulatedValidationSupport(context);
        try (Stream<Path> files = Files.list(Path.of(words[0]))) {
            for (Path file : files.filter(Profiles::isDefinition).sorted().toList()) {
                guide.addResource(context.newJsonParser().parseResource(Files.readString(file)));
            }
        }
        DefaultProfileValidationSupport base = new DefaultProfileValidationSupport(context);
        FhirInstanceValidator module = new FhirInstanceValidator(new ValidationSupportChain(
                base, new Versioned(context, base), guide,
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new UnknownCodeSystemWarningValidationSupport(context)));
        FhirValidator validator = context.newValidator().registerValidatorModule(module);
        for (String line : Files.readAllLines(Path.of(words[1]))) {
            JsonNode one = json.readTree(line);
            ValidationOptions options = new ValidationOptions().addProfile(one.get("profile").asText());
            List<List<String>> said = new ArrayList<>();
            String resource = json.writeValueAsString(one.get("resource"));
            for (SingleValidationMessage it : validator.validateWithResult(resource, options).getMessages()) {
                said.add(List.of(it.getSeverity().name(), String.valueOf(it.getMessageId()),
                        String.valueOf(it.getLocationString()), it.getMessage()));
            }
            out.println(json.writeValueAsString(said));
        }
        out.flush();
    }

    static boolean isDefinition(Path file) {
        return file.getFileName().toString().matches("(StructureDefinition|ValueSet|CodeSystem)-.*\\.json");
    }
}
