"""A pack: a folder of data read into one frozen value, or refused with every fault at once.

Packs are found beside `cds/` in a checkout, inside it when installed, and where `--packs` points.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cds import wire
from cds.core.model import Option, Reassurance, Rules
from cds.core.pack import Earlier, Form, Identity, Lowering, Pack, ReasonCode, Settling, Wording
from cds.core.scorer import natural
from cds.errors import Fault, PackError, Unreadable
from cds.forms.form.every_item import every_item
from cds.knowledge.read.below import below
from cds.knowledge.read.cards import check_cards, read_cards
from cds.knowledge.read.form_shape import well_shaped
from cds.knowledge.read.grammar import Vocabulary
from cds.knowledge.read.no_pack import no_pack
from cds.knowledge.read.own import OWN
from cds.knowledge.read.references import note_broken_references
from cds.knowledge.read.rules import (
    read_advice,
    read_cause,
    read_coding,
    read_complication,
    read_level,
    read_rule,
    read_when,
)
from cds.knowledge.read.short_form import short_form
from cds.knowledge.read.signed import Content, contents_of, hash_of
from cds.knowledge.read.sources import read_sources
from cds.knowledge.read.tables import Faults, Table, table_of


def pack_folders(extra: Iterable[Path] = ()) -> dict[str, Path]:
    """Every folder with a pack.toml, by its name; a later place wins over an earlier one."""
    return {
        file.parent.name: file.parent
        for place in (*OWN, *extra)
        for file in sorted(place.glob("*/pack.toml"))
    }


def find_pack(name: str, extra: Iterable[Path] = ()) -> Pack:
    """The pack with this id, or in this folder.

    Raises:
        UsageError: there is no such pack; the hint names the nearest.
        PackError: it has faults.
    """
    return load_pack(folder_of(name, extra))


def folder_of(name: str, extra: Iterable[Path] = ()) -> Path:
    """The folder of the pack with this id, or this folder.

    Raises:
        UsageError: there is no such pack; the hint names the nearest.
    """
    if (Path(name) / "pack.toml").is_file():
        return Path(name)
    folders = pack_folders(extra)
    if name not in folders:
        raise no_pack(name, folders)
    return folders[name]


def load_pack(folder: Path) -> Pack:
    """The pack in this folder; read once for each state of its files."""
    return _load(folder, contents_of(folder))


@lru_cache(maxsize=32)
def _load(folder: Path, contents: tuple[Content, ...]) -> Pack:
    faults = Faults()
    reading = _Reading(folder, dict(contents), faults)
    pack = None if reading.main.broken else reading.pack(hash_of(contents))
    if pack is None or faults.found:
        raise PackError(folder.name, tuple(reading.own_faults()))
    return pack


class _Reading:
    """Reads the files of one folder, as they were hashed; every method goes on after a fault."""

    def __init__(self, folder: Path, contents: Mapping[str, bytes | None], faults: Faults) -> None:
        self.faults = faults
        self.main, self.rules, self.sources, self.record = (
            table_of(contents[name], folder / name, faults)
            for name in ("pack.toml", "rules.toml", "sources.toml", "record.toml")
        )
        self.torn = [one.where for one in (self.rules, self.sources, self.record) if one.broken]
        self.head = self.main.table("pack")
        self.full = self._questionnaire(folder)
        facts = self.record.raw.get("facts")  # how they are found is for the record's own room
        self.facts = frozenset(facts) if isinstance(facts, dict) else frozenset[str]()
        self.words = Vocabulary(dict(options_of(self.full)), self.facts)

    def own_faults(self) -> Iterator[Fault]:
        """The faults but for those that only say what a file that is no TOML should declare."""
        for one in self.faults.found:
            if not any(f" of {name}" in one.problem for name in self.torn):
                yield one

    def _questionnaire(self, folder: Path) -> dict[str, Any]:
        name = self.head.text("questionnaire")
        path = folder / (name or "questionnaire.json")
        try:
            raw = wire.read(path.read_bytes(), where=path.name)
        except OSError:
            self.faults.add(path.name, "cannot be opened.", "pack.toml names it in [pack].")
        except Unreadable as error:
            self.faults.add(f"{path.name}:{error.line}:{error.column}", error.problem, error.hint)
        else:
            if isinstance(raw, dict) and raw.get("resourceType") == "Questionnaire":
                return well_shaped(raw, path.name, self.faults)
            self.faults.add(path.name, "is not a FHIR Questionnaire.")
        return {}

    def pack(self, digest: str) -> Pack:
        faults, main = self.faults, self.main
        base = self.head.text("canonical-base").rstrip("/")
        levels = list(main.tables("level", "code"))
        assessment = main.table("assessment")
        reassurance = main.table("reassurance")
        fail_safe = reassurance.texts("fail-safe")
        rules = Rules(
            levels=tuple(read_level(one, len(levels) - place) for place, one in enumerate(levels)),
            rules=tuple(
                sorted(
                    (read_rule(one, self.words, faults) for one in self.rules.each("rule")),
                    key=lambda rule: natural(rule.id),
                )
            ),
            causes=tuple(read_cause(o, self.words, faults) for o in self.rules.each("cause")),
            options=tuple(
                Option(one.text("name"), one.flag("default"), one.text("text"))
                for one in main.each("option", "name")
            ),
            reassurance=Reassurance(
                safety=reassurance.texts("safety", None),
                history=reassurance.texts("history"),
                floor=reassurance.text("floor"),
                lowest=reassurance.text("lowest"),
                otherwise=reassurance.text("otherwise"),
            ),
        )
        reassurance.done()
        pack = Pack(
            id=self.head.text("id"),
            version=self.head.text("version"),
            hash=digest,
            title=self.head.text("title"),
            identity=self._identity(assessment, base),
            forms=tuple(self._forms()),
            rules=rules,
            sources=read_sources(self.sources, faults),
            wording=self._wording(),
            unknown=frozenset(self.head.texts("unknown")),
            fail_safe=frozenset(below(self.full.get("item", []), frozenset(fail_safe))),
            context=tuple(
                Lowering(one.text("question"), one.text("code"), one.text("rule"), one.text("text"))
                for one in main.each("context", "code")
            ),
            settles=tuple(
                Settling(one.text("question"), one.text("rule"), one.text("text"))
                for one in main.each("settles", "question")
            ),
            earlier=tuple(
                Earlier(one.text("version"), one.texts("not-asked"), _moved(one))
                for one in main.each("earlier", "version")
            ),
            advice=tuple(read_advice(o, self.words, faults) for o in self.rules.each("advice")),
            complications=tuple(read_complication(o) for o in self.rules.each("complication")),
            reasons=tuple(self._reasons(assessment)),
            facts=self.facts,
            record=self.record.raw,
            about=main.table("about").raw if main.has("about") else {},
            cards=read_cards(main),
            answers_valid_hours=self.head.number("answers-valid-hours"),
        )
        main.done()
        assessment.done()
        self.head.done()
        self.rules.done()
        if not (self.rules.broken or self.sources.broken):
            note_broken_references(pack, faults)
            check_cards(pack, faults)
        return pack

    def _identity(self, assessment: Table, base: str) -> Identity:
        systems = f"{base}/CodeSystem"
        return Identity(
            base=base,
            assessment_code=assessment.text("code"),
            assessment_text=assessment.text("text"),
            method_code=assessment.text("method"),
            method_text=assessment.text("method-text"),
            finding_system=f"{systems}/finding",
            cause_system=f"{systems}/cause",
            answer_system=next(_systems(self.full), f"{systems}/answers"),
            level_system=f"{systems}/triage-level",
        )

    def _forms(self) -> Iterator[Form]:
        yield _form(self.full, short=False)
        if self.main.has("short-form"):
            table = self.main.table("short-form")
            yield _form(short_form(self.full, table, self.faults), short=True)

    def _wording(self) -> Wording:
        table = self.main.table("wording")
        wording = Wording(
            intended_use=table.text("intended-use"),
            negative=table.text("negative"),
            cause_remark=table.text("cause-remark"),
            short_form=table.text("short-form"),
            unfinished=table.text("unfinished"),
            entered_in_error=table.text("entered-in-error"),
            free_text=table.text("free-text"),
            qualitative_risk=table.text("qualitative-risk"),
        )
        table.done()
        return wording

    def _reasons(self, assessment: Table) -> Iterator[ReasonCode]:
        for one in assessment.each("reason", "code"):
            when = read_when(one, self.words, self.faults) if one.has("when") else None
            text = one.text("text")
            yield ReasonCode(read_coding(one), text, when)


def _moved(earlier: Table) -> dict[str, str]:
    if not earlier.has("moved"):
        return {}
    inner = earlier.table("moved")
    return {link_id: inner.text(link_id) for link_id in inner.raw}


def _form(raw: Mapping[str, Any], *, short: bool) -> Form:
    return Form(
        id=str(raw.get("id", "")),
        url=str(raw.get("url", "")),
        version=str(raw.get("version", "")),
        title=str(raw.get("title", "")),
        short=short,
        raw=raw,
    )


def options_of(form: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give each question's linkId and option codes."""
    for item in every_item(form):
        if item.get("type") not in {"group", "display"}:
            codings = (option.get("valueCoding", {}) for option in item.get("answerOption", []))
            yield item.get("linkId", ""), tuple(coding.get("code", "") for coding in codings)


def _systems(form: Mapping[str, Any]) -> Iterator[str]:
    for item in every_item(form):
        for option in item.get("answerOption", []):
            if "system" in option.get("valueCoding", {}):
                yield option["valueCoding"]["system"]
