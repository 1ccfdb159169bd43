"""A pack made ready to assess: its forms compiled, its rules compiled, made once and used often."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from cds.core.conditions import alarms_of
from cds.core.pack import Form, Pack
from cds.core.scorer import Scorer
from cds.errors import UsageError
from cds.forms.questionnaire import compile_questionnaire
from cds.forms.reader.reader import Reader, reader_of
from cds.forms.reading import Reading
from cds.knowledge.read.tables import nearest


class Engine:
    """One form of one pack with its rules; the form is made ready when it is first answered."""

    def __init__(self, pack: Pack, form: Form, scorer: Scorer) -> None:
        """The rules are the same for every form of a pack."""
        self.pack = pack
        self.form = form
        self.scorer = scorer
        # By these names no earlier version is meant, of which other options would be known.
        told = {one.version for one in pack.earlier}
        self.newest = frozenset(() if form.version in told else (form.url, _versioned(form)))

    @cached_property
    def reader(self) -> Reader:
        """What walks the responses to the form."""
        return reader_of(self.reading.questionnaire)

    @cached_property
    def reading(self) -> Reading:
        """How answers to the form are to be read."""
        return Reading(
            compile_questionnaire(dict(self.form.raw), [one.moved for one in self.pack.earlier]),
            alarms_by_question(self.pack),
            unknown=self.pack.unknown,
            fail_safe=self.pack.fail_safe,
            short=self.form.short,
        )


def engines_of(
    packs: Iterable[Pack], settings: Mapping[str, bool]
) -> dict[str, tuple[Engine, ...]]:
    """Engines by canonical url: those of that form's pack, the form's own first.

    Of several versions of one form the last counts where no version is named; the others stand
    under their canonical with its version.

    Raises:
        UsageError: `settings` names an option that none of the packs has.
    """
    listed = list(packs)
    known = {option.name for pack in listed for option in pack.rules.options}
    for name in settings:
        if name not in known:
            problem = f"site option {name!r} is not known to any pack."
            raise UsageError(f"[site] {name}", problem, nearest(name, known))
    engines: dict[str, tuple[Engine, ...]] = {}
    for pack in listed:
        own = {option.name for option in pack.rules.options}
        scorer = Scorer(pack.rules, {k: v for k, v in settings.items() if k in own})
        made = [Engine(pack, form, scorer) for form in pack.forms]
        for engine in made:
            earlier = engines.get(engine.form.url)
            if earlier is not None:
                engines[_versioned(earlier[0].form)] = earlier
            engines[engine.form.url] = (engine, *(one for one in made if one is not engine))
    return engines


def _versioned(form: Form) -> str:
    """The canonical of a form with its version."""
    return f"{form.url}|{form.version}"


def engine_of(form: Form, engines: Mapping[str, tuple[Engine, ...]]) -> Engine:
    """The engine of this very form, in its version."""
    return (engines.get(_versioned(form)) or engines[form.url])[0]


def alarms_by_question(pack: Pack) -> dict[str, frozenset[str]]:
    """Per linkId the codes that some rule argues with."""
    alarms: dict[str, set[str]] = {}
    for rule in pack.rules.rules:
        for question, code in alarms_of(rule.when):
            alarms.setdefault(question, set()).add(code)
    return {question: frozenset(codes) for question, codes in alarms.items()}
