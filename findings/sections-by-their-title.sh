#!/usr/bin/env bash
# py-xml-ccda 1.0.0 (PyPI): a C-CDA document as JSON.
# One expects: a section is known by its code or template (48765-2, allergies: C-CDA R2.1, Allergies and Intolerances Section);
#   its title is free text; what is in it stands in its entries. A section that cannot be read is not an empty one.
# Seen: sections are found by an exact English title and read from the table that is shown. "Allergies and Intolerances" gives no
#   allergies, a cell with <content>, as HL7's examples have it, gives a medicine without a name, a date as "June 1, 2026" none;
#   and a table of problems with six columns gives no problems. Each is the empty list of a healthy patient.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps py-xml-ccda==1.0.0
cat >"$folder/look.py" <<'END'
import base64

from py_xml_ccda import convert_ccda_to_json


def section(code, title, *cells):
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return (f'<component><section><code code="{code}" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title>'
            f"<text><table><tbody><tr>{row}</tr></tbody></table></text></section></component>")


def show(*sections):
    document = ('<ClinicalDocument xmlns="urn:hl7-org:v3"><component><structuredBody>' + "".join(sections)
                + "</structuredBody></component></ClinicalDocument>")
    read = convert_ccda_to_json(base64.b64encode(document.encode()).decode())
    print("allergies", [one["allergy"] for one in read["allergies_summary"]],
          "medicines", [(one["medication_name"], one["start_date"]) for one in read["medication_summary"]],
          "problems", read["problems_summary"])


penicillin = ("Penicillin", "Drug", "Anaphylaxis", "Allergy", "", "Active")
warfarin = ("oral", "", "June 1, 2026", "", "active")
show(section("48765-2", "Allergies", *penicillin), section("10160-0", "Medications", "Warfarin", *warfarin))
show(section("48765-2", "Allergies and Intolerances", *penicillin),
     section("10160-0", "Medications", '<content ID="m1">Warfarin</content>', *warfarin),
     section("11450-4", "Problems", "Diagnosis", "22298006", "I21.9", "", "Active", ""))
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
allergies ['Penicillin'] medicines [('Warfarin', '')] problems []
list index out of range
allergies [] medicines [('', '')] problems []
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
