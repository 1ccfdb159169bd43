"""Whether everything that a pack names is there: levels, options, sources, rules, advice.

Each fault says where the name stands and which known one is nearest.
"""

from collections import Counter
from collections.abc import Iterable

from cds.core.pack import Pack
from cds.forms.form.every_item import every_item
from cds.knowledge.read.tables import Faults, nearest


def note_broken_references(pack: Pack, faults: Faults) -> None:
    """Note every name that leads nowhere, and every id that stands twice."""
    _levels(pack, faults)
    _rules(pack, faults)
    _sources(pack, faults)
    _questions(pack, faults)
    _facts(pack, faults)
    _twice(pack, faults)


def _known(word: str, known: Iterable[str], where: str, what: str, faults: Faults) -> None:
    listed = set(known)
    if word not in listed:
        faults.add(where, f"{word!r} is not {what}.", nearest(word, listed))


def _levels(pack: Pack, faults: Faults) -> None:
    levels = {level.code for level in pack.rules.levels}
    needs = pack.rules.reassurance
    for key, code in (
        ("floor", needs.floor),
        ("lowest", needs.lowest),
        ("otherwise", needs.otherwise),
    ):
        _known(code, levels, f"pack.toml: reassurance: {key}", "a level of pack.toml", faults)
    for rule in pack.rules.rules:
        where = f"rules.toml: rule {rule.id}"
        _known(rule.level, levels, f"{where}: level", "a level of pack.toml", faults)
        if rule.switch is not None:
            for name in filter(None, (rule.switch.level, rule.switch.floor)):
                _known(name, levels, f"{where}: option", "a level of pack.toml", faults)
    for advice in pack.advice:
        for code in advice.levels:
            where = f"rules.toml: advice {advice.id}: levels"
            _known(code, levels, where, "a level of pack.toml", faults)


def _rules(pack: Pack, faults: Faults) -> None:
    options = {option.name for option in pack.rules.options}
    advice = {one.id for one in pack.advice}
    rules = {rule.id for rule in pack.rules.rules}
    for rule in pack.rules.rules:
        where = f"rules.toml: rule {rule.id}"
        if rule.switch is not None:
            _known(rule.switch.name, options, f"{where}: option", "an option of pack.toml", faults)
        for one in rule.advice:
            _known(one, advice, f"{where}: advice", "an advice of rules.toml", faults)
    for piece in pack.advice:
        for other in (*piece.contradicts, *piece.yields_to):
            _known(
                other, advice, f"rules.toml: advice {piece.id}", "an advice of rules.toml", faults
            )
    for context in pack.context:
        _known(context.rule, rules, f"pack.toml: context {context.code}: rule", "a rule", faults)
    for settling in pack.settles:
        where = f"pack.toml: settles {settling.question}: rule"
        _known(settling.rule, rules, where, "a rule", faults)


def _facts(pack: Pack, faults: Faults) -> None:
    for key, facts in (("facts", pack.cards.facts), ("orders", pack.cards.orders)):
        for fact in facts:
            where = f"pack.toml: cards: {key}"
            _known(fact, pack.facts, where, "a fact of record.toml", faults)


def _sources(pack: Pack, faults: Faults) -> None:
    known = {*pack.sources.lines, *pack.sources.citations}
    cited = [
        *((f"rule {rule.id}", rule.basis, rule.sources) for rule in pack.rules.rules),
        *((f"cause {cause.id}", cause.basis, cause.sources) for cause in pack.rules.causes),
        *((f"advice {one.id}", one.basis, one.sources) for one in pack.advice),
        *(
            (f"complication {complication.id}", "seed", complication.sources)
            for complication in pack.complications
        ),
    ]
    for where, basis, sources in cited:
        for source in sources:
            place = f"rules.toml: {where}: sources"
            _known(source, known, place, "a line or citation of sources.toml", faults)
        place = f"rules.toml: {where}: sources"
        if basis == "seed" and not any(source in pack.sources.lines for source in sources):
            faults.add(place, "basis seed needs a line of a document.", 'Like ["000:11"].')
        if basis == "external" and not any(source in pack.sources.citations for source in sources):
            faults.add(place, "basis external needs a citation.", "List it in sources.toml.")


def _questions(pack: Pack, faults: Faults) -> None:
    asked = {item.get("linkId", "") for item in every_item(pack.full.raw)}
    needs = pack.rules.reassurance
    for key, items in (("safety", needs.safety), ("history", needs.history)):
        for item in items:
            _known(item, asked, f"pack.toml: reassurance: {key}", "a question", faults)
    for context in pack.context:
        _known(context.question, asked, f"pack.toml: context {context.code}", "a question", faults)
    for settling in pack.settles:
        where = f"pack.toml: settles {settling.question}"
        _known(settling.question, asked, where, "a question", faults)
    if pack.full.url and not pack.full.url.startswith(f"{pack.identity.base}/"):
        problem = f"url does not begin with canonical-base {pack.identity.base}."
        faults.add("questionnaire.json", problem, "Change one of the two.")
    if pack.full.version != pack.version:
        problem = f"version {pack.full.version!r} is not the pack's {pack.version!r}."
        faults.add("questionnaire.json", problem, "Change both together.")


def _twice(pack: Pack, faults: Faults) -> None:
    for what, ids in (
        ("pack.toml: level", [level.code for level in pack.rules.levels]),
        ("rules.toml: rule", [rule.id for rule in pack.rules.rules]),
        ("rules.toml: cause", [cause.id for cause in pack.rules.causes]),
        ("rules.toml: advice", [one.id for one in pack.advice]),
        ("sources.toml: fact", [fact.id for fact in pack.sources.facts]),
    ):
        for name, count in Counter(ids).items():
            if count > 1:
                faults.add(f"{what} {name}", f"stands {count} times.", "Each id must be its own.")
