#!/usr/bin/env bash
# org.fhir:ucum 1.0.9 (Maven; Java 17), the UCUM library of HAPI and of HL7's validator.
# One expects: units that UCUM defines by a logarithm or another function ([pH], dB, prism dioptres) are converted by it, or
#   refused as not handled, as this library does with Celsius: a pH of 7.4 is 40 nmol/L of hydrogen ions.
# Seen: the number is taken as it is: a pH of 7.4 is 7.4 mol/L and 7400000000 nmol/L, and so the lower the pH the fewer ions
#   there are; a prism of 10 dioptres is 10 degrees (5.7). Degrees Celsius are refused, as is Fahrenheit.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.fhir</groupId><artifactId>ucum</artifactId><version>1.0.9</version></dependency></dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # org.fhir:ucum@1.0.9
cat >Look.java <<'END'
import org.fhir.ucum.Decimal;
import org.fhir.ucum.UcumEssenceService;
import org.fhir.ucum.UcumException;

public class Look {
  public static void main(String[] none) throws Exception {
    var units = new UcumEssenceService(Look.class.getResourceAsStream("/ucum-essence.xml"));
    for (String[] one : new String[][] {{"7.4", "[pH]", "mol/L"}, {"7.4", "[pH]", "nmol/L"}, {"6.9", "[pH]", "nmol/L"},
        {"10", "[p'diop]", "deg"}, {"37", "Cel", "[degF]"}}) {
      try {
        System.out.println(one[0] + " " + one[1] + " is " + units.convert(new Decimal(one[0]), one[1], one[2]) + " " + one[2]);
      } catch (UcumException refused) {
        System.out.println(one[0] + " " + one[1] + ": " + refused.getMessage());
      }
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
7.4 [pH] is 7.4 mol/L
7.4 [pH] is 7400000000 nmol/L
6.9 [pH] is 6900000000 nmol/L
10 [p'diop] is 10 deg
37 Cel: Not handled yet (special unit with offset from 0 at intersect)
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
