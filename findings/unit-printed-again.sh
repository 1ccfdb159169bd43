#!/usr/bin/env bash
# systems.uom:systems-ucum 2.2 (Maven; Java 17), the units of measurement API's implementation of UCUM.
# One expects: a unit that was read and is printed again is the same unit: D-dimer in ng/mL{FEU} (fibrinogen equivalent units)
#   stays ng/mL{FEU}, or becomes another spelling of it.
# Seen: a volume with an annotation is printed as if it were cubic metres, so ng/mL{FEU} is printed as ng/m3{FEU}, a unit a
#   million times smaller; beside it 500 still stands. Its own conversion between the two says a million. Without an
#   annotation, or with one on a mass, the unit is right. Counts (10*9/L), the commonest units of a blood count, are refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>systems.uom</groupId><artifactId>systems-ucum</artifactId><version>2.2</version></dependency>
    <dependency><groupId>systems.uom</groupId><artifactId>systems-quantity</artifactId><version>2.2</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # systems.uom:systems-ucum@2.2
cat >Look.java <<'END'
import javax.measure.Unit;
import javax.measure.format.MeasurementParseException;
import systems.uom.ucum.format.UCUMFormat;
import tech.units.indriya.quantity.Quantities;

public class Look {
  @SuppressWarnings({"unchecked", "rawtypes"})
  public static void main(String[] none) {
    var format = UCUMFormat.getInstance(UCUMFormat.Variant.CASE_SENSITIVE);
    for (String code : new String[] {"ng/mL", "mg/g{creat}", "ng/mL{FEU}", "mmol/L{RBCs}", "10*9/L"}) {
      try {
        Unit<?> unit = format.parse(code);
        String printed = format.format(unit);
        System.out.println(code + " is printed as " + printed + ", and 1 " + code + " is "
            + Quantities.getQuantity(1, (Unit) unit).to(format.parse(printed)).getValue() + " of these");
      } catch (MeasurementParseException | systems.uom.ucum.internal.format.TokenException refused) {
        System.out.println(code + " is refused");
      }
    }
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
ng/mL is printed as ng/mL, and 1 ng/mL is 1 of these
mg/g{creat} is printed as mg/g{creat}, and 1 mg/g{creat} is 1 of these
ng/mL{FEU} is printed as ng/m3{FEU}, and 1 ng/mL{FEU} is 1000000 of these
mmol/L{RBCs} is printed as mmol/m3{RBCs}, and 1 mmol/L{RBCs} is 1000 of these
10*9/L is refused
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
