"""A response in, a decision out: the one way in which every command and route assesses.

An invalid response may raise an alarm but never reassures: what can be read is assessed, the faults
travel along, and the level is held at the pack's floor.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cds.core.fields import of_fields
from cds.core.model import NOTHING, Answers, Assessment, Facts, Presence
from cds.core.pack import Pack
from cds.core.scoring import NO_FACTS, score
from cds.errors import ResponseError, UsageError
from cds.fhir.context import COLLECTION, EmissionContext
from cds.fhir.references import type_of
from cds.flows.deciding.assessed import Assessed
from cds.flows.deciding.engine import engine_of, engines_of
from cds.flows.deciding.incoming import Incoming, parsed_response
from cds.flows.deciding.reading import read_parsed
from cds.flows.deciding.versions import earlier_rules
from cds.flows.deciding.which_form import engine_for
from cds.forms.answers import read_answers
from cds.forms.response.canonical import proven
from cds.knowledge.read.installed import every_pack
from cds.version import VERSION
from cds.wire import JsonObject

if TYPE_CHECKING:
    from pathlib import Path

    from cds.core.account import Missing
    from cds.flows.deciding.record import FactsReader, Handed, OneRecord
    from cds.record.compile_site import SiteLab
    from cds.record.rules import OwnLimit

Record = Iterable[JsonObject] | Mapping[str, Any] | bytes


class Assessor:
    """Packs and site options, made ready once. Holds no patient's data; safe for many threads."""

    def __init__(
        self,
        packs: Iterable[Pack],
        settings: Mapping[str, bool] | None = None,
        *,
        recipient: Mapping[str, Any] | None = None,
        communicate_urgent: bool = False,
        site_labs: Sequence["SiteLab"] = (),
    ) -> None:
        """Compile everything.

        Raises:
            UsageError: `settings` names an option that no pack has.
            PackError: a limit of `site_labs` has a fault.
        """
        self.packs = tuple(packs)
        self._settings = dict(settings or {})
        self.engines = engines_of(self.packs, self._settings)
        self._recipient = recipient
        self._communicate_urgent = communicate_urgent
        self._site_labs = tuple(site_labs)
        self._facts_readers: dict[str, FactsReader | None] = {}
        self._limits = self._own_limits() if self._site_labs else {}
        self._earlier = earlier_rules(self.packs)

    def alone(self, pack: Pack) -> "Assessor":
        """An assessor of one version of a pack under the same site options, as far as it has them.

        Raises:
            PackError: a laboratory limit of the site is none that this version knows.
        """
        own = {option.name for option in pack.rules.options}
        return Assessor(
            [pack],
            {name: value for name, value in self._settings.items() if name in own},
            recipient=self._recipient,
            communicate_urgent=self._communicate_urgent,
            site_labs=self._site_labs,
        )

    def assess(
        self,
        response: object,
        *,
        now: datetime,
        record: "Record | OneRecord | None" = None,
        missing: "Sequence[Missing]" = (),
        subject: str | None = None,
        user: Mapping[str, Any] | None = None,
        bundle: str = COLLECTION,
        draft: bool = False,
        where: str = "input",
    ) -> Assessed:
        """Assess one QuestionnaireResponse (bytes, a dict, a fhir.resources model, or one `read`).

        `missing` is what was asked of the record and did not come; nothing follows from its
        silence.

        Raises:
            Unreadable: not strict JSON, or not a QuestionnaireResponse.
            ResponseError: it answers another Questionnaire, or the record or `subject` is not of
                the patient that it names.
            UsageError: `now` has no time zone.
        """
        if now.tzinfo is None:
            raise UsageError("now", "has no time zone.", "Give an aware datetime, such as UTC.")
        read = response if isinstance(response, Incoming) else self.read(response, where)
        engine, answers = read.engine, read.answers
        context = EmissionContext(read.response, read.fingerprint, now, VERSION, engine.form)
        context.answers, context.blocked, context.issues = answers, answers.blocked, read.issues
        context.recipient, context.user = self._recipient, user
        context.bundle, context.draft = bundle, draft
        context.communicate_urgent = self._communicate_urgent
        if subject is not None:
            context.subject = _subject(read.response, subject)
        facts = NO_FACTS
        if record is not None or missing:
            handed = (() if record is None else record, missing)
            facts = self._recorded(engine.pack, context, handed, now, answers)
        assessment = score(engine.scorer, answers, facts)
        if self._earlier or self._limits:
            assessment = self._with_choices(engine.pack, assessment)
        return of_fields(Assessed, (assessment, engine.pack, context, facts))

    def _recorded(
        self,
        pack: Pack,
        context: EmissionContext,
        handed: "Handed",
        now: datetime,
        answers: Answers,
    ) -> Facts:
        """The facts of a record; what rests on them is noted in the context."""
        about = context.response.get("subject") if context.subject is None else context.subject
        facts, context.record = self._facts(pack, about, handed, now, answers)
        context.used, context.account = facts.used, facts.account
        context.problem = _problem(pack, facts) if facts.used else None
        return facts

    def of_record(
        self, pack: Pack, record: "OneRecord", *, now: datetime, subject: str
    ) -> Assessed:
        """What a record shows of a patient (`Patient/…`) whom nobody asked: never that all is well.

        Every question of the form is open. There is no response to name: it is for cards, not FHIR.

        Raises:
            ResponseError: the record is of another patient.
        """
        engine = engine_of(pack.full, self.engines)
        answers = read_answers({}, engine.reading).answers
        about = {"reference": subject}
        facts, used = self._facts(pack, about, (record, ()), now, answers)
        context = EmissionContext({}, "", now, VERSION, engine.form)
        context.answers, context.blocked = answers, answers.blocked
        context.used, context.record, context.account = facts.used, used, facts.account
        context.problem, context.subject = _problem(pack, facts), about
        assessment = self._with_choices(pack, score(engine.scorer, answers, facts))
        return Assessed(assessment, pack, context, facts)

    def _own_limits(self) -> "dict[str, tuple[OwnLimit, ...]]":
        # Only a site with limits of its own reads them before it is given a record.
        from cds.flows.deciding.record import site_limits  # noqa: PLC0415

        return {pack.id: site_limits(pack, self._site_labs) for pack in self.packs}

    def _with_choices(self, pack: Pack, assessment: Assessment) -> Assessment:
        """The decision with the site's own limits and its earlier rules among its deviations."""
        earlier = self._earlier.get(pack.hash)
        if earlier is not None:
            assessment = assessment._replace(deviations=(*assessment.deviations, earlier))
        limits = self._limits.get(pack.id)
        if not limits:
            return assessment
        from cds.flows.deciding.record import deviations_of  # noqa: PLC0415 - as above

        told = deviations_of(limits, assessment.findings)
        return assessment._replace(deviations=(*assessment.deviations, *told))

    def facts(self, pack: Pack, record: Record, *, now: datetime, subject: str) -> Facts:
        """What a record says of a patient (`Patient/…`), whatever was asked or answered.

        Raises:
            Unreadable: the bytes of the record are not strict JSON.
            ResponseError: the record is of another patient.
        """
        about = {"reference": subject}
        return self._facts(pack, about, (record, ()), now, Answers((), NOTHING))[0]

    def read(self, response: object, where: str = "input") -> Incoming:
        """A response with its faults, to be assessed several times.

        Raises:
            Unreadable, ResponseError: as `assess`.
        """
        parsed = parsed_response(response, where)
        try:
            engine, assumed = engine_for(parsed.value, self.engines)
        except ResponseError:
            proven(parsed, where)
            raise
        parsed, answers, issues = read_parsed(parsed, engine, assumed=assumed, where=where)
        fingerprint = sha256(parsed.canonical).hexdigest()
        return Incoming(parsed.value, engine, answers, fingerprint, issues)

    def _facts(
        self,
        pack: Pack,
        subject: object,
        handed: "Handed",
        now: datetime,
        answers: Answers,
    ) -> tuple[Facts, str | None]:
        if pack.hash not in self._facts_readers:
            # Loaded only when a record is given: most responses come without one.
            from cds.flows.deciding.record import facts_reader  # noqa: PLC0415

            self._facts_readers[pack.hash] = facts_reader(pack, self._site_labs)
        reader = self._facts_readers[pack.hash]
        if reader is None:
            return NO_FACTS, None
        return reader(subject, handed, now, answers)


def assess(
    response: object,
    *,
    now: datetime | None = None,
    record: Record | None = None,
    subject: str | None = None,
    settings: Mapping[str, bool] | None = None,
) -> Assessed:
    """Assess one response with the installed packs.

    `response`: bytes, a dict, or a fhir.resources QuestionnaireResponse. `record`: resources, a
    Bundle, or the bytes of a Bundle or of NDJSON. `now` needs a time zone.

    Raises:
        Unreadable, ResponseError: see `Assessor.assess`.
        UsageError: `settings` names an option that no pack has.
    """
    assessor = installed(tuple(sorted((settings or {}).items())))
    return assessor.assess(response, now=now or datetime.now(UTC), record=record, subject=subject)


@cache
def installed(
    settings: tuple[tuple[str, bool], ...] = (), extra: "tuple[Path, ...]" = ()
) -> Assessor:
    """An assessor of every pack that is installed, or lies in one of the `extra` folders."""
    return Assessor(every_pack(extra), dict(settings))


def _problem(pack: Pack, facts: Facts) -> str | None:
    """The newest entry of the record about the very problem that the pack assesses."""
    for name in pack.cards.facts:
        fact = facts.facts.get(name)
        if fact is not None and fact.presence is Presence.PRESENT and fact.evidence:
            return fact.evidence[0].record
    return None


def _subject(response: JsonObject, given: str) -> JsonObject | None:
    """Whom the caller names, where the response does not say.

    Raises:
        ResponseError: the response is about someone else.
    """
    own = response.get("subject")
    reference = own.get("reference") if isinstance(own, dict) else None
    if reference == given:
        return None
    if type_of(reference) is None:
        return {"reference": given}
    hint = "Use --subject only for responses that name nobody."
    raise ResponseError("--subject", "differs from the subject that the response names.", hint)
