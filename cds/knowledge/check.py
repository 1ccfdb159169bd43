"""The laws of the knowledge, as far as reading can check them; `pack prove` does the rest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from cds.core.conditions import IsOpen, NoneOf, leaves, questions_of
from cds.core.pack import Pack
from cds.errors import Fault
from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import nearest

SNOMED = ("http://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96")
_CODED = ("choice", "open-choice")  # the types whose answers rules can name


def check_laws(pack: Pack) -> Iterator[Fault]:
    """Every law that a pack breaks."""
    yield from _alarms(pack)
    yield from _words(pack)
    yield from _uses(pack)
    yield from _forms(pack)
    yield from _codes(pack)
    yield from _questions(pack)


def _alarms(pack: Pack) -> Iterator[Fault]:
    """An emergency may only be argued for: no `none`, and no open question counted as calm."""
    excepted = {context.rule for context in pack.context}
    for rule in pack.rules.rules:
        if not pack.rules.level(rule.level).alert:
            continue
        where = f"rules.toml: rule {rule.id}: when"
        if _has_none(rule.when):
            yield Fault(
                where,
                "an alerting rule must not use `none`.",
                "Say what is there, not what is not.",
            )
        calm = any(isinstance(leaf, IsOpen) and not leaf.open for leaf in leaves(rule.when))
        if calm and rule.id not in excepted:
            problem = "an alerting rule must not need a settled question."
            yield Fault(where, problem, "Only a rule of the [[context]] list may.")


def _has_none(condition: object) -> bool:
    if isinstance(condition, NoneOf):
        return True
    return any(_has_none(part) for part in getattr(condition, "parts", ()))


def _words(pack: Pack) -> Iterator[Fault]:
    """What a reader must be told about every rule."""
    for rule in pack.rules.rules:
        where = f"rules.toml: rule {rule.id}"
        if not rule.action:
            yield Fault(f"{where}: action", "is missing.", "Say in one sentence what to do.")
        if (rule.derived or rule.basis != "seed") and not rule.reading:
            problem = "is missing: this rule goes beyond its sources."
            yield Fault(f"{where}: reading", problem, "Say what is ours.")
        if rule.basis == "engineering" and not rule.derived and rule.sources:
            yield Fault(f"{where}: derived", "must be true for a rule of ours that cites sources.")


def _uses(pack: Pack) -> Iterator[Fault]:
    """Whether all that a fact is used by is there."""
    known = {
        "rule": {rule.id for rule in pack.rules.rules},
        "cause": {cause.id for cause in pack.rules.causes},
        "advice": {one.id for one in pack.advice},
        "complication": {complication.id for complication in pack.complications},
        "document": {document.id for document in pack.sources.documents},
        "item": set(link_ids(pack)),
        "level": {level.code for level in pack.rules.levels},
        "pack": {"wording"},
    }
    for fact in pack.sources.facts:
        for use in fact.used_by:
            kind, _, name = use.partition(":")
            where = f"sources.toml: fact {fact.id}: used-by"
            if kind not in known:
                yield Fault(where, f"{use!r} is not a kind of use.", nearest(kind, known))
            elif name not in known[kind]:
                yield Fault(where, f"there is no {kind} {name!r}.", nearest(name, known[kind]))


def link_ids(pack: Pack) -> Iterator[str]:
    """Every linkId of the full form, in document order."""
    return (item.get("linkId", "") for item in every_item(pack.full.raw))


def _forms(pack: Pack) -> Iterator[Fault]:
    """The form asks for every safety item, and only `none` excludes."""
    for form in pack.forms:
        required = {item.get("linkId") for item in every_item(form.raw) if item.get("required")}
        for safety in pack.rules.reassurance.safety:
            if safety not in required:
                where = f"{form.id}: item {safety}"
                yield Fault(
                    where, "is a safety item and must be required.", 'Set "required": true.'
                )
        for item in every_item(form.raw):
            conditions = item.get("enableWhen", [])
            if len(conditions) > 1 and "enableBehavior" not in item:
                where = f"{form.id}: item {item.get('linkId')}"
                yield Fault(where, "several conditions need enableBehavior.", "Write any or all.")
            for condition in conditions:
                if condition.get("operator") != "=":
                    where = f"{form.id}: item {item.get('linkId')}: enableWhen"
                    yield Fault(where, "only the operator = is read alike by all form fillers.")


def _codes(pack: Pack) -> Iterator[Fault]:
    """No question has the code of a finding: extracted, "no" would be an Observation of that code.

    A reader of codes alone takes it for the finding, and SNOMED CT's codes are mostly such.
    """
    for item in every_item(pack.full.raw):
        codings = [one for one in item.get("code", []) if isinstance(one, dict)]
        if any(coding.get("system") in SNOMED for coding in codings):
            where = f"questionnaire.json: item {item.get('linkId')}: code"
            problem = "names what may be found: an answer that denies it would read as the finding."
            yield Fault(where, problem, "Leave the code out, or take LOINC's code of the question.")


def _questions(pack: Pack) -> Iterator[Fault]:
    """A safety question is one that some rule looks at, and whose answers are codes."""
    looked_at = {name for rule in pack.rules.rules for name in questions_of(rule.when)}
    types = {item.get("linkId"): item.get("type") for item in every_item(pack.full.raw)}
    for safety in pack.rules.reassurance.safety:
        where = f"questionnaire.json: item {safety}"
        if types.get(safety) not in _CODED:
            problem = f"is a safety question of type {types.get(safety)}: rules read codes only."
            yield Fault(where, problem, "Make it a choice; free text is never assessed.")
        elif safety not in looked_at:
            problem = "is a safety question that no rule looks at."
            yield Fault(where, problem, "Write its rule, or take it out of [reassurance] safety.")


def check_seeds(pack: Pack, folder: Path) -> Iterator[Fault]:
    """Whether the documents are those that the pack was made from, line by line."""
    for document in pack.sources.documents:
        path = folder / document.file
        where = f"sources.toml: document {document.id}"
        if not path.is_file():
            yield Fault(where, f"{document.file} is not in the folder.")
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != document.sha256:
            yield Fault(where, f"{document.file} is another text: its SHA-256 differs.")
        lines = content.split(b"\n")
        for line in pack.sources.lines.values():
            name, _, number = line.id.partition(":")
            if name != document.id:
                continue
            index = int(number) - 1 if number.isdigit() else -1
            found = lines[index] if 0 <= index < len(lines) else b""
            if hashlib.sha256(found).hexdigest() != line.sha256:
                yield Fault(f"sources.toml: line {line.id}", "the SHA-256 of the line differs.")
