#!/usr/bin/env bash
# negspacy 1.1.0 (PyPI; NegEx for spaCy, with its default clinical terms): what a note denies.
# One expects: what cannot be ruled out, or is still to be looked for, is not denied; what does not get better is there;
#   "Fever: no", as lists in notes have it, is denied, and so is a pain that is absent.
# Seen: a pulmonary embolism that cannot be ruled out, and one to evaluate for, are negated, like one that was ruled out; so are
#   dyspnea without improvement and a bleeding that goes on without treatment. "Fever: no" and "Chest pain absent" are not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check negspacy==1.1.0 spacy==3.8.18
seen=$("$folder/env/bin/python" -W ignore - <<'END'
import spacy
from negspacy.negation import Negex  # registers "negex"

english = spacy.blank("en")
english.add_pipe("sentencizer")
english.add_pipe("entity_ruler").add_patterns([
    {"label": "FINDING", "pattern": [{"LOWER": word} for word in finding.split()]}
    for finding in ("pulmonary embolism", "dyspnea", "bleeding", "fever", "chest pain")])
english.add_pipe("negex", config={"ent_types": ["FINDING"]})
for note in ("Pulmonary embolism was ruled out.", "Cannot rule out pulmonary embolism.",
             "Evaluate for pulmonary embolism.", "No improvement of dyspnea.", "Without treatment the bleeding continues.", "No fever.",
             "Fever: no.", "Chest pain absent."):
    print(note, *("negated" if one._.negex else "present" for one in english(note).ents))
END
)
expected=$(cat <<'END'
Pulmonary embolism was ruled out. negated
Cannot rule out pulmonary embolism. negated
Evaluate for pulmonary embolism. negated
No improvement of dyspnea. negated
Without treatment the bleeding continues. negated
No fever. negated
Fever: no. present
Chest pain absent. present
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
