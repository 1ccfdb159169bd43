#!/usr/bin/env bash
# @aehrc/smart-forms-renderer 1.4.0 (npm): own words beside the options of an open choice that takes several answers.
# One expects: whoever ticks "Other" and then types, has the typed words as valueString in the response.
# Seen: the tick writes an empty valueString, and what is typed afterwards is written into a copy that nobody keeps: the
#   response goes on saying "". An open choice that takes one answer has the words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
    @aehrc/smart-forms-renderer@1.4.0 esbuild@0.25.11 react@19.2.0 >/dev/null
cat >look.js <<'END'
import { updateOpenLabelAnswer } from "./node_modules/@aehrc/smart-forms-renderer/lib/utils/openChoice.js";
const options = [{ valueCoding: { code: "rest" } }];
const typed = (several) => {
  let item = { linkId: "relievers", answer: [] };
  for (const words of ["", "a warm bath"]) {
    item = updateOpenLabelAnswer(true, words, item.answer, options, item, several, "key");
  }
  return item.answer.map((answer) => answer.valueString);
};
console.log("one answer:", JSON.stringify(typed(false)));
console.log("several answers:", JSON.stringify(typed(true)));
END
./node_modules/.bin/esbuild look.js --bundle --platform=node --outfile=bundle.cjs --log-level=error
seen=$(node bundle.cjs)
expected=$(cat <<'END'
one answer: ["a warm bath"]
several answers: [""]
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
