#!/usr/bin/env bash
# io.github.linuxforhealth:hl7v2-fhir-converter 1.0.19 (Maven; Java 17): HL7 v2 messages as FHIR Bundles, with the
# settings that it brings.
# One expects: a time without an offset to be the sender's: of the zone of the message's own time (MSH-7; HL7 v2.6,
#   2.A.22), else of the machine; and a stay without a visit number (PV1-19) to have none.
# Seen: such a time gets +08:00, wherever sender and machine are, so a potassium drawn at 09:00 in Berlin was drawn seven
#   hours earlier, beside one of the same tube whose time names its offset. The stay's visit number is the
#   time of the message, typed as a visit number: two messages about one stay make two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId>
  <artifactId>converted</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.github.linuxforhealth</groupId>
      <artifactId>hl7v2-fhir-converter</artifactId>
      <version>1.0.19</version>
    </dependency>
  </dependencies>
</project>
END
mvn -q -B dependency:copy-dependencies -DoutputDirectory=jars >/dev/null # io.github.linuxforhealth:hl7v2-fhir-converter@1.0.19
cat > Converted.java <<'END'
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.linuxforhealth.hl7.HL7ToFHIRConverter;

public class Converted {
    public static void main(String[] ignored) throws Exception {
        String message = String.join("\r",
            "MSH|^~\\&|LAB|HOSP|EHR|HOSP|20261130101500+0100||ORU^R01^ORU_R01|1|P|2.6",
            "PID|1||12345^^^HOSP^MR||DOE^JANE||19700101|F",
            "PV1|1|I",
            "OBR|1|A1|B1|24323-8^Panel^LN|||20261130090000+0100",
            "OBX|1|NM|2823-3^Potassium^LN||6.9|mmol/L|3.5-5.1|HH|||F|||20261130090000+0100",
            "OBX|2|NM|2951-2^Sodium^LN||130|mmol/L|135-145|L|||F|||20261130090000", "");
        JsonNode bundle = new ObjectMapper().readTree(new HL7ToFHIRConverter().convert(message));
        for (JsonNode entry : bundle.get("entry")) {
            JsonNode one = entry.get("resource");
            String kind = one.get("resourceType").asText();
            if (kind.equals("Observation")) {
                System.out.println(one.at("/code/text").asText() + " " + one.get("effectiveDateTime").asText());
            } else if (kind.equals("Encounter")) {
                System.out.println(one.at("/identifier/0/type/coding/0/display").asText() + " "
                    + one.at("/identifier/0/value").asText());
            }
        }
    }
}
END
javac -cp 'jars/*' Converted.java
seen=$(java -cp 'jars/*:.' Converted 2> /dev/null)
printf '%s\n' "$seen"
expected='Potassium 2026-11-30T09:00:00+01:00
Sodium 2026-11-30T09:00:00+08:00
Visit number 20261130101500+0100'
[ "$(sort <<< "$seen")" = "$(sort <<< "$expected")" ] || { echo 'This has changed.' >&2; exit 1; }
