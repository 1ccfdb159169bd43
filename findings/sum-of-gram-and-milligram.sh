#!/usr/bin/env bash
# com.ibm.fhir:fhir-path 4.11.1 (Maven; Java 17), the FHIRPath engine of IBM's FHIR server, now LinuxForHealth's: a dose of 1 g and
#   one of 500 mg, and an Observation of less than 500 mg.
# One expects: the sum is 1.5 g or 1500 mg, or empty, as comparing the two with < is; 1 kg and 1000 g are equal, or it is not told.
#   Whether less than 500 mg is 500 mg is not told: a quantity with a comparator is no quantity of FHIRPath.
# Seen: the numbers are added and the first unit is kept: 501 g, even of 1 g and 500 mL. Units that differ make 1 kg and 1000 g unequal,
#   which is false, not empty. A comparator is not looked at: less than 500 mg is 500 mg, and more than 499.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency><groupId>com.ibm.fhir</groupId><artifactId>fhir-path</artifactId><version>4.11.1</version></dependency></dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # com.ibm.fhir:fhir-path@4.11.1
cat >Look.java <<'END'
import com.ibm.fhir.model.format.Format;
import com.ibm.fhir.model.parser.FHIRParser;
import com.ibm.fhir.model.resource.Resource;
import com.ibm.fhir.path.evaluator.FHIRPathEvaluator;
import java.io.StringReader;

public class Look {
  public static void main(String[] none) throws Exception {
    Resource observation = FHIRParser.parser(Format.JSON).parse(new StringReader(("{'resourceType':'Observation',"
        + "'status':'final','code':{'text':'x'},'valueQuantity':{'value':500,'comparator':'<','unit':'mg',"
        + "'system':'http://unitsofmeasure.org','code':'mg'}}").replace('\'', '"')));
    for (String asked : new String[] {"1 'g' + 500 'mg'", "1 'g' + 500 'mL'", "1 'g' < 500 'mg'", "1 'kg' = 1000 'g'",
        "Observation.value = 500 'mg'", "Observation.value > 499 'mg'"}) {
      System.out.println(asked + ": " + FHIRPathEvaluator.evaluator().evaluate(observation, asked));
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
1 'g' + 500 'mg': [501 'g']
1 'g' + 500 'mL': [501 'g']
1 'g' < 500 'mg': []
1 'kg' = 1000 'g': [false]
Observation.value = 500 'mg': [true]
Observation.value > 499 'mg': [true]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
