#!/usr/bin/env bash
# moisscode 3.0.2 (PyPI): check_interactions() says whether a medicine is safe to give beside those that somebody takes.
# One expects: an interaction is one whichever of the two came first; a medicine is found under its class, where the table names
#   classes: ketorolac is among the NSAIDs, midazolam among the benzodiazepines, and it knows both.
# Seen: only the list of the new medicine is read. Co-trimoxazole beside warfarin is major, warfarin beside co-trimoxazole is safe; so it
#   is with 84 pairs. Classes match nothing but their own name: heparin with ketorolac, and morphine with midazolam, are safe to give.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check moisscode==3.0.2
seen=$("$folder/env/bin/python" - <<'END'
import contextlib
import io

from moisscode.modules.med_pk import PharmacokineticEngine

engine = PharmacokineticEngine()
for new, taken in (("TMP_SMX", "Warfarin"), ("Warfarin", "TMP_SMX"), ("Lisinopril", "Lithium"), ("Lithium", "Lisinopril"),
                   ("Heparin", "NSAIDs"), ("Heparin", "Ketorolac"), ("Morphine", "Benzodiazepines"), ("Morphine", "Midazolam")):
    with contextlib.redirect_stdout(io.StringIO()):
        told = engine.check_interactions(new, [taken])
    print(f"{new} beside {taken}: {told['max_severity']}, safe {told['safe_to_administer']}")
one_way = [(one, other) for one, drug in engine.drugs.items() for other in drug.interactions
           if engine.get_profile(other) and one not in engine.get_profile(other).interactions]
print(len(one_way), "pairs in one order only")
END
)
expected=$(cat <<'END'
TMP_SMX beside Warfarin: MAJOR, safe False
Warfarin beside TMP_SMX: NONE, safe True
Lisinopril beside Lithium: MAJOR, safe False
Lithium beside Lisinopril: NONE, safe True
Heparin beside NSAIDs: MAJOR, safe False
Heparin beside Ketorolac: NONE, safe True
Morphine beside Benzodiazepines: SEVERE, safe False
Morphine beside Midazolam: NONE, safe True
84 pairs in one order only
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
