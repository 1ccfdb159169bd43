#!/usr/bin/env bash
# @redoxengine/redox-hl7-v2 1.0.1 (npm): a laboratory result read with Parser and written again with Generator.
# One expects: the same message. OBX-2 says how OBX-5 is built (HL7 v2.5.1, chapters 7 and 2A): SN is a comparator and a
#   number in two components, CE a code with its text and system, FT a text whose line breaks are the sequence \.br\ (2.7).
# Seen: OBX-5 is taken for one text whatever OBX-2 says, and its separators are escaped when it is written: "less than 2.5"
#   becomes the one text <\S\2.5 with no number in it, a code loses its system in the same way, and a line break comes out
#   as the letters \.br\.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @redoxengine/redox-hl7-v2@1.0.1 >/dev/null
cat >look.js <<'END'
const { Generator, Parser } = require('@redoxengine/redox-hl7-v2');

const message = [
  String.raw`MSH|^~\&|LAB|HOSP|EHR|HOSP|202611201500||ORU^R01|1|P|2.5.1`,
  'PID|1||123^^^HOSP^MR||Example^Ann||19700301|F',
  'OBR|1|||24323-8^Panel^LN|||20261120',
  'OBX|1|SN|2345-7^Glucose^LN||<^2.5|mmol/L|||||F',
  'OBX|2|CE|94500-6^SARS-CoV-2 RNA^LN||260373001^Detected^SCT||||||F',
  String.raw`OBX|3|FT|8251-1^Comment^LN||first line\.br\second line||||||F`,
].join('\r');
for (const line of new Generator().write(new Parser().parse(message)).split('\r'))
  if (line.startsWith('OBX')) console.log(line.split('|').slice(0, 7).join('|'));
END
seen=$(node look.js)
expected=$(cat <<'END'
OBX|1|SN|2345-7^Glucose^LN||<\S\2.5|mmol/L
OBX|2|CE|94500-6^SARS-CoV-2 RNA^LN||260373001\S\Detected\S\SCT|
OBX|3|FT|8251-1^Comment^LN||first line\E\.br\E\second line|
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
