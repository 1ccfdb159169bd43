"""An answer given to one version of a form answers only the options that it had."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cds.core.conditions import alarms_of
from cds.core.model import Answers, Deviation, Note
from cds.core.pack import Earlier, Pack
from cds.flows.deciding.engine import alarms_by_question
from cds.knowledge.read.installed import numbers_of

NOT_ASKED = "not-asked"


def of_its_version(response: Mapping[str, Any], pack: Pack, answers: Answers) -> Answers:
    """The answers, with each safety question open that has options which were not offered then.

    Whoever ticked "none" has not denied what was not asked. An answer that makes an exception
    stands: what it excuses has not changed.
    """
    earlier = _earlier(response.get("questionnaire"), pack)
    if earlier is None:
        return answers
    excepted = set(exceptions_of(pack))
    left = [
        link_id
        for link_id in earlier.not_asked
        if link_id in answers.asked
        and link_id not in answers.excused
        and not any((link_id, code) in excepted for code in answers.codes.get(link_id, ()))
    ]
    if not left:
        return answers
    text = (
        f"The answers were given to version {earlier.version} of the form, which did not offer"
        f" every option of {', '.join(left)}: ask again."
    )
    opened = {link_id: answers.open.get(link_id, NOT_ASKED) for link_id in left}
    return answers._replace(
        open={**answers.open, **opened},
        notes=(*answers.notes, Note("earlier-version", left[0], text)),
    )


def asked_anew(response: Mapping[str, Any], pack: Pack) -> dict[str, Any]:
    """The response of an earlier version as a form may be filled with it.

    A calm answer to a question that has more options now is left out: shown as ticked below options
    that nobody was shown, it would be sent as a denial of them.
    """
    earlier = _earlier(response.get("questionnaire"), pack)
    if earlier is None:
        return dict(response)
    alarms = alarms_by_question(pack)
    anew = {link_id: alarms.get(link_id, frozenset()) for link_id in earlier.not_asked}
    return {**response, "item": _kept(response.get("item"), anew)}


def _kept(items: object, anew: Mapping[str, Collection[str]]) -> list[Any]:
    """The items; of a question asked anew (linkId → its alarms) only the alarms."""
    found: list[Any] = []
    for entry in items if isinstance(items, list) else ():
        if not isinstance(entry, dict):
            continue
        kept = dict(entry)
        if "item" in entry:
            kept["item"] = _kept(entry["item"], anew)
        link_id = entry.get("linkId")
        if isinstance(link_id, str) and link_id in anew and isinstance(entry.get("answer"), list):
            kept["answer"] = [one for one in entry["answer"] if _code(one) in anew[link_id]]
        found.append(kept)
    return found


def _code(answer: object) -> str:
    coding = answer.get("valueCoding") if isinstance(answer, dict) else None
    code = coding.get("code") if isinstance(coding, dict) else None
    return code if isinstance(code, str) else ""


def earlier_rules(packs: Iterable[Pack]) -> dict[str, Deviation]:
    """By the hash of a pack that a newer version lies beside: that it decides is the site's choice.

    A response that names its version is answered by its rules then, and not by those that ask more.
    """
    listed = sorted(packs, key=lambda pack: numbers_of(pack.version))
    newest = {pack.id: pack for pack in listed}
    return {
        pack.hash: _by_earlier(pack, newest[pack.id])
        for pack in listed
        if pack is not newest[pack.id]
    }


def _by_earlier(pack: Pack, newest: Pack) -> Deviation:
    lacked = next((one.not_asked for one in newest.earlier if one.version == pack.version), ())
    asks = f", which has options that were not offered in {', '.join(lacked)}" if lacked else ""
    text = f"Decided by the rules of {pack.version}, though {newest.version} is installed{asks}."
    return Deviation("earlier_rules", True, (), tuple(lacked), text)  # noqa: FBT003 - the option's value


def exceptions_of(pack: Pack) -> list[tuple[str, str]]:
    """Every (linkId, code) that a rule of the closed list of exceptions asks for."""
    rules = {one.rule for one in pack.context}
    return [pair for rule in pack.rules.rules if rule.id in rules for pair in alarms_of(rule.when)]


def _earlier(canonical: object, pack: Pack) -> Earlier | None:
    """What an earlier version did not ask, if the response names one."""
    if not (pack.earlier and isinstance(canonical, str)):
        return None
    version = canonical.partition("#")[0].partition("|")[2]
    for one in pack.earlier:
        if one.version == version:
            return one
    return None
