#!/usr/bin/env bash
# org.cqframework:engine-fhir 4.4.0 (Maven; Java 17), the CQL engine of HAPI's clinical reasoning.
# One expects: a date without its month is uncertain (CQL 1.5.2): June 2026 and 2026 are neither known to be the same nor which
#   comes first, so null; who was born in 1970 is 55 or 56 in January 2026; an integer too large for CQL is null.
# Seen: June is at once the same as 2026, same or before and same or after it, while <= of the two is null. Who was born in
#   1970 is 56 on the first of January, which only those born on that day are; the age in months is a range. 250000
#   times 10000 is a negative number.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.cqframework</groupId><artifactId>engine-fhir</artifactId><version>4.4.0</version>
  </dependency></dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # org.cqframework:engine-fhir@4.4.0
cat >Look.java <<'END'
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kotlin.Unit;
import org.cqframework.cql.cql2elm.CqlCompilerOptions;
import org.cqframework.cql.cql2elm.LibraryManager;
import org.cqframework.cql.cql2elm.ModelManager;
import org.cqframework.cql.cql2elm.StringLibrarySourceProvider;
import org.hl7.elm.r1.VersionedIdentifier;
import org.opencds.cqf.cql.engine.execution.CqlEngine;
import org.opencds.cqf.cql.engine.execution.Environment;

public class Look {
  public static void main(String[] none) {
    var asked = List.of("@2026-06 <= @2026", "@2026-06 same or before @2026", "@2026-06 same or after @2026",
        "@2026-06 same as @2026", "CalculateAgeInYearsAt(@1970, @2026-01-01)", "CalculateAgeInMonthsAt(@1970, @2026-01-01)",
        "CalculateAgeInYearsAt(@1970, @2026-01-01) >= 56", "250000 * 10000");
    var library = IntStream.range(0, asked.size()).mapToObj(i -> "define E" + i + ": " + asked.get(i))
        .collect(Collectors.joining("\n", "library Look version '1'\n", "\n"));
    var libraries = new LibraryManager(new ModelManager(new HashMap<>()), CqlCompilerOptions.defaultOptions(), new HashMap<>());
    libraries.getLibrarySourceLoader().registerProvider(new StringLibrarySourceProvider(List.of(library)));
    var id = new VersionedIdentifier();
    id.setId("Look");
    id.setVersion("1");
    var names = IntStream.range(0, asked.size()).mapToObj(i -> "E" + i).toArray(String[]::new);
    var found = new CqlEngine(new Environment(libraries), Set.of()).evaluate(run -> {
      run.library(id, of -> {
        of.expressions(names);
        return Unit.INSTANCE;
      });
      return Unit.INSTANCE;
    }).getResultFor(id);
    for (int i = 0; i < names.length; i++) {
      System.out.println(asked.get(i) + " is " + found.get(names[i]).getValue());
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
@2026-06 <= @2026 is null
@2026-06 same or before @2026 is true
@2026-06 same or after @2026 is true
@2026-06 same as @2026 is true
CalculateAgeInYearsAt(@1970, @2026-01-01) is 56
CalculateAgeInMonthsAt(@1970, @2026-01-01) is Interval[661, 672]
CalculateAgeInYearsAt(@1970, @2026-01-01) >= 56 is true
250000 * 10000 is -1794967296
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
