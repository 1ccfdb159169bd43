#!/usr/bin/env bash
# ca.uhn.hapi:hapi-base 2.6.0 with hapi-structures-v25 (Maven; Java 17): HL7 v2 times with less than a day, such as a birth year, as
#   a Java date, by getValueAsDate() and getValueAsCalendar().
# One expects: the first moment of the year or of the month, as Java's dates have no other way to say it, or an error: HL7 v2 says
#   that a time may end after the year or the month. Its getMonth() and getDay() give 0 for what is not there.
# Seen: that 0 is taken for a month and a day: 1970 is 30 November 1969, and March 1970 is 28 February. Whoever was born in a year
#   is of the year before it, whoever was in a month is of the one before, and the result of a month is an older one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>look</groupId><artifactId>look</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>ca.uhn.hapi</groupId><artifactId>hapi-base</artifactId><version>2.6.0</version></dependency>
    <dependency><groupId>ca.uhn.hapi</groupId><artifactId>hapi-structures-v25</artifactId><version>2.6.0</version></dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # ca.uhn.hapi:hapi-base@2.6.0
cat >Look.java <<'END'
import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.model.v25.datatype.DTM;
import ca.uhn.hl7v2.model.v25.message.ORU_R01;
import java.text.SimpleDateFormat;

public class Look {
  public static void main(String[] none) throws Exception {
    for (String born : new String[] {"1970", "197003", "19700301"}) {
      ORU_R01 message = (ORU_R01) new DefaultHapiContext().getPipeParser().parse(
          "MSH|^~\\&|LAB|H|EHR|H|20261130083000||ORU^R01^ORU_R01|1|P|2.5\rPID|1||123^^^H^MR||Doe^Jane||" + born + "|F\r"
          + "OBR|1|||24323-8^Panel^LN\rOBX|1|NM|2823-3^Potassium^LN||4.1|mmol/L|||||F\r");
      DTM time = message.getPATIENT_RESULT().getPATIENT().getPID().getDateTimeOfBirth().getTime();
      SimpleDateFormat day = new SimpleDateFormat("yyyy-MM-dd");
      System.out.println(time.getValue() + ": month " + time.getMonth() + ", day " + time.getDay() + ", as a date "
          + day.format(time.getValueAsDate()) + ", as a calendar " + day.format(time.getValueAsCalendar().getTime()));
    }
  }
}
END
seen=$(TZ=UTC java -cp "jars/*" Look.java 2>/dev/null)
expected=$(cat <<'END'
1970: month 0, day 0, as a date 1969-11-30, as a calendar 1969-11-30
197003: month 3, day 0, as a date 1970-02-28, as a calendar 1970-02-28
19700301: month 3, day 1, as a date 1970-03-01, as a calendar 1970-03-01
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
