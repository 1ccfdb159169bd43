#!/usr/bin/env bash
# com.nedap.healthcare.archie:openehr-rm 3.13.0 (Maven; Java 17), openEHR's reference model, as EHRbase uses it: quantities, times,
#   and the intervals of reference ranges.
# One expects: quantities of two units are not comparable, which openEHR says of DV_QUANTITY (is_strictly_comparable_to() asks for
#   the same units), so compareTo() refuses, or converts; a value in mg/dL is in no range of mmol/L. Times with an offset are
#   compared as what they are, as its DvDateTime does: 08:00+05:00 is three o'clock, before 04:00Z.
# Seen: the numbers alone are compared. 3 g is more than 2 kg; a glucose of 5 mg/dL lies in the range of 3.9 to 5.6 mmol/L, one of
#   90 mg/dL, which is 5.0 mmol/L, does not. Of a time the offset is not looked at.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>com.nedap.healthcare.archie</groupId><artifactId>openehr-rm</artifactId><version>3.13.0</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.16</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # com.nedap.healthcare.archie:openehr-rm@3.13.0
cat >Look.java <<'END'
import com.nedap.archie.rm.datavalues.quantity.DvInterval;
import com.nedap.archie.rm.datavalues.quantity.DvQuantity;
import com.nedap.archie.rm.datavalues.quantity.datetime.DvDateTime;
import com.nedap.archie.rm.datavalues.quantity.datetime.DvTime;

public class Look {
  static String order(int compared) {
    return compared < 0 ? "less" : compared > 0 ? "more" : "same";
  }

  public static void main(String[] none) {
    System.out.println("3 g to 2 kg: " + order(new DvQuantity("g", 3.0, 0L).compareTo(new DvQuantity("kg", 2.0, 0L))));
    System.out.println("90 mg/dl to 5 mmol/l: "
        + order(new DvQuantity("mg/dl", 90.0, 0L).compareTo(new DvQuantity("mmol/l", 5.0, 0L))));
    DvInterval<DvQuantity> normal = new DvInterval<>(new DvQuantity("mmol/l", 3.9, 1L), new DvQuantity("mmol/l", 5.6, 1L));
    for (double value : new double[] {5.0, 90.0}) {
      System.out.println(value + " mg/dl in 3.9 to 5.6 mmol/l: " + normal.has(new DvQuantity("mg/dl", value, 0L)));
    }
    System.out.println("08:00+05:00 to 04:00Z: " + order(new DvTime("08:00:00+05:00").compareTo(new DvTime("04:00:00Z"))));
    System.out.println("the same with a day: "
        + order(new DvDateTime("2026-11-30T08:00:00+05:00").compareTo(new DvDateTime("2026-11-30T04:00:00Z"))));
  }
}
END
seen=$(java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
3 g to 2 kg: more
90 mg/dl to 5 mmol/l: more
5.0 mg/dl in 3.9 to 5.6 mmol/l: true
90.0 mg/dl in 3.9 to 5.6 mmol/l: false
08:00+05:00 to 04:00Z: more
the same with a day: less
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
