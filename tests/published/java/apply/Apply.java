// Runs $apply of the reference implementation (clinical-reasoning) on the published PlanDefinition.
//
// Arguments: a folder of resources as JSON, the package; responses.ndjson. Each response is handed in as the
// parameter QuestionnaireResponse. Writes, a JSON value a line, {"applied": [ids of the actions that apply],
// "issues": [texts of the OperationOutcomes that come with the plan]}.

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.ModelManager;
import org.cqframework.cql.cql2elm.quick.FhirLibrarySourceProvider;
import org.hl7.elm.r1.VersionedIdentifier;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.CarePlan;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.PlanDefinition;
import org.hl7.fhir.r4.model.RequestGroup;
import org.hl7.fhir.r4.model.Resource;
import org.opencds.cqf.fhir.cql.EvaluationSettings;
import org.opencds.cqf.fhir.cr.CrSettings;
import org.opencds.cqf.fhir.cr.plandefinition.PlanDefinitionProcessor;
import org.opencds.cqf.fhir.utility.monad.Eithers;
import org.opencds.cqf.fhir.utility.repository.InMemoryFhirRepository;

public class Apply {
    public static void main(String[] names) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        FhirContext context = FhirContext.forR4Cached();
        Bundle published = new Bundle();
        PlanDefinition plan = null;
        try (Stream<Path> files = Files.list(Path.of(names[0]))) {
            // What else lies there, package.json and .index.json, is no resource.
            for (Path file : files.filter(one -> one.getFileName().toString().matches("[A-Z].*-.*\\.json")).toList()) {
                Resource resource = (Resource) context.newJsonParser().parseResource(Files.readString(file));
                published.addEntry().setResource(resource);
                if (resource instanceof PlanDefinition found) {
                    plan = found;
                }
            }
        }
        Patient patient = new Patient();
        patient.setId("Patient/example");
        published.addEntry().setResource(patient);
        PlanDefinitionProcessor processor = new PlanDefinitionProcessor(
                new InMemoryFhirRepository(context, published), new CrSettings().withEvaluationSettings(warmed()));
        ObjectMapper json = new ObjectMapper();
        for (String line : Files.readAllLines(Path.of(names[1]))) {
            Parameters given = new Parameters();
            given.addParameter().setName("QuestionnaireResponse")
                    .setResource((Resource) context.newJsonParser().parseResource(line));
            IBaseResource result = processor.apply(Eithers.<CanonicalType, IIdType, PlanDefinition>forRight3(plan),
                    "Patient/example", null, null, null, null, null, null, null, null, given, true, null, null,
                    (IBaseResource) null, null, null);
            List<String> applied = new ArrayList<>();
            List<String> issues = new ArrayList<>();
            CarePlan carePlan = (CarePlan) result;
            for (Resource inside : carePlan.getContained()) {
                if (inside instanceof RequestGroup group) {
                    group.getAction().stream().filter(Objects::nonNull).forEach(action -> applied.add(action.getId()));
                } else if (inside instanceof OperationOutcome outcome) {
                    outcome.getIssue().forEach(issue -> issues.add(String.valueOf(issue.getDiagnostics())));
                }
            }
            out.println(json.writeValueAsString(Map.of("applied", applied, "issues", issues)));
            out.flush();
        }
    }

    // The engine copies its settings for each expression, and reads FHIR's model and FHIRHelpers anew where the
    // copy does not hold them (0.4 s each time): they are read once, here.
    private static EvaluationSettings warmed() {
        EvaluationSettings settings = EvaluationSettings.getDefault();
        ModelManager models = new ModelManager(settings.getModelCache());
        models.resolveModel("FHIR", "4.0.1");
        LibraryManager libraries = new LibraryManager(
                models, settings.getCqlOptions().getCqlCompilerOptions(), settings.getLibraryCache());
        libraries.getLibrarySourceLoader().registerProvider(new FhirLibrarySourceProvider());
        libraries.resolveLibrary(new VersionedIdentifier().withId("FHIRHelpers").withVersion("4.0.1"));
        return settings;
    }
}
