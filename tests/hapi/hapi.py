"""HAPI's validator, run as it comes from its publisher: the libraries, and what it says of pairs.

`benchmarks/` uses the same class for time. Java 17 and Maven must be there: `NotThere` says what is
missing, with words for a skip.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cds import wire

HERE = Path(__file__).parent
Json = dict[str, Any]
Found = tuple[str, str]

# HAPI's message ids, and what its messages are here.
RULES = {
    "Questionnaire_QR_Item_OnlyOneA": "repeats",
    "Questionnaire_QR_Item_OnlyOneI": "repeats",
    "Questionnaire_QR_Item_NotEnabled": "notEnabled",
    "Questionnaire_QR_Item_NotEnabled2": "notEnabled",
    "Questionnaire_QR_Item_NoCoding": "invalidAnswerOption",
    "Questionnaire_QR_Item_WrongType": "invalidAnswerType",
    "QUESTIONNAIRE_QR_ITEM_STRING_MAX_LENGTH": "maxLength",
    "QUESTIONNAIRE_QR_ITEM_INTEGER_MIN": "minValue",
    "QUESTIONNAIRE_QR_ITEM_INTEGER_MAX": "maxValue",
    "QUESTIONNAIRE_QR_ITEM_DATE_MIN": "minValue",
    "QUESTIONNAIRE_QR_ITEM_DATE_MAX": "maxValue",
}
REQUIRED = re.compile(r"No response answer found for required item '(.*)'$")


class NotThere(Exception):
    """HAPI cannot be run here, and why."""


def libraries(folder: Path) -> Path:
    """HAPI's jars, at the versions of the pom, brought into `folder` unless they are there."""
    maven = shutil.which("mvn")
    if maven is None or shutil.which("java") is None:
        raise NotThere("Java and Maven are not installed, so HAPI cannot be run")
    done, wanted = folder / ".brought", (HERE / "pom.xml").read_text()
    if done.exists() and done.read_text() == wanted:
        return folder
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command.append(f"-DoutputDirectory={folder}")
    ended = subprocess.run(command, capture_output=True, timeout=900, check=False)
    if ended.returncode:
        raise NotThere(f"Maven could not bring HAPI: {ended.stdout.decode()[-300:]}")
    done.write_text(wanted)
    return folder


def write_pairs(path: Path, pairs: Iterable[tuple[Json, Json]]) -> None:
    """Forms and responses, a pair a line. A form is known by its url: one url, one form."""
    lines = [wire.write({"questionnaire": form, "response": given}) for form, given in pairs]
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def run(jars: Path, pairs: Path, *seconds: float, limit: float = 3600) -> Iterator[Any]:
    """What `Pairs.java` writes, a value a line: verdicts, or with seconds its CPU time."""
    command = ["java", "-cp", f"{jars}/*", str(HERE / "Pairs.java"), str(pairs), *map(str, seconds)]
    ended = subprocess.run(command, capture_output=True, timeout=limit, check=False)
    if ended.returncode:
        raise RuntimeError(ended.stderr.decode()[-2000:])
    return map(json.loads, ended.stdout.splitlines())


def errors(messages: list[list[str]], response: Json) -> tuple[set[Found], str]:
    """Its errors as (rule, linkId), by our names of rules where there is one; and what it threw."""
    found: set[Found] = set()
    for severity, name, location, text in messages:
        if severity == "THROWN":
            return set(), f"{name}: {text}"
        if severity in {"ERROR", "FATAL"}:
            missing = REQUIRED.match(text)
            place = ("required", missing[1]) if missing else (name, _link_id(response, location))
            found.add((RULES.get(place[0], place[0]), place[1]))
    return found, ""


def _link_id(response: Json, location: str) -> str:
    """The linkId of the nearest item at or above a place such as QuestionnaireResponse.item[0]."""
    node: Any = response
    link_id = ""
    way = re.match(r"QuestionnaireResponse((?:\.(?:item|answer)\[\d+\])*)", location)
    for name, index in re.findall(r"\.(\w+)\[(\d+)\]", way[1] if way else ""):
        node = node[name][int(index)]
        link_id = node.get("linkId", link_id)
    return link_id
