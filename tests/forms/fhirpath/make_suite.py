"""Make `suite-r4.json` from HL7's FHIRPath tests, as published for Maven (Apache-2.0).

mvn dependency:copy -Dartifact=org.hl7.fhir.testcases:fhir-test-cases:1.7.69 -DoutputDirectory=DIR
python -m tests.forms.fhirpath.make_suite DIR/fhir-test-cases-1.7.69.jar
"""

import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from cds.forms.elements.definitions import definitions
from cds.forms.elements.from_xml import resource_of

ROOT = "org/hl7/fhir/testcases/r4/"
SOURCE = "org.hl7.fhir.testcases:fhir-test-cases:1.7.69, r4/fhirpath/tests-fhir-r4.xml (Apache-2.0)"


def main() -> None:
    """Write the cases, one a line, and their inputs as JSON."""
    jar = zipfile.ZipFile(sys.argv[1])
    tests = ET.fromstring(jar.read(f"{ROOT}fhirpath/tests-fhir-r4.xml"))  # noqa: S314 - HL7's own file
    cases: list[dict[str, Any]] = []
    for group in tests.iter("group"):
        for test in group.iter("test"):
            expression = test.find("expression")
            if expression is None:
                continue
            given: dict[str, Any] = {
                "group": group.get("name"),
                **test.attrib,
                "expression": expression.text or "",
            }
            given.pop("description", None)
            if expression.get("invalid"):
                given["invalid"] = expression.get("invalid")
            given["output"] = [[one.get("type"), one.text or ""] for one in test.iter("output")]
            cases.append(given)
    inputs = {
        name: _input(jar, name) for name in sorted({c.get("inputfile", "") for c in cases}) if name
    }
    out = Path(__file__).parent / "suite-r4.json"
    lines = [json.dumps(one) for one in cases]
    head = {"source": SOURCE, "inputs": inputs}
    text = json.dumps(head, default=_number)[:-1] + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"
    out.write_text(text, encoding="utf-8")


def _number(value: object) -> float | int:
    if isinstance(value, Decimal):
        return (
            int(value) if value == int(value) and value.as_tuple().exponent == 0 else float(value)
        )
    raise TypeError


def _input(jar: zipfile.ZipFile, name: str) -> Any:
    for folder in ("", "examples/", "../r5/", "../r5/examples/"):
        path = str(Path(ROOT) / folder / name).replace("r4/../", "")
        if path in jar.namelist():
            data = jar.read(path)
            if name.endswith(".json"):
                return json.loads(data)
            return resource_of(data, definitions("4.0"))[0]
    raise FileNotFoundError(name)


if __name__ == "__main__":
    main()
