"""The forms that `validate` is given, or finds installed, and what stands beside them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds.commands.inputs import read_bytes
from cds.commands.output import visible
from cds.errors import PackError, Unreadable
from cds.flows.input_files import expand
from cds.flows.validate_choice import set_of_forms
from cds.flows.validate_inputs import read_value
from cds.wire import objects

if TYPE_CHECKING:
    from cds.knowledge.read.own_form import KeptForm

MAX_SUPPORT_BYTES = 64 * 1024 * 1024
SUPPORT = ("ValueSet", "CodeSystem", "Questionnaire")


def forms_of(names: tuple[str, ...]) -> tuple[dict[str, Any] | None, list[Any]]:
    """The form of all responses, and what came with it.

    A Bundle with one form is that form with its value sets. Of several forms, in one Bundle or in
    several files, each response names its own.
    """
    given = {name: _read(name) for name in names}
    forms: dict[str, dict[str, Any]] = {}
    beside: list[Any] = []
    for name, value in given.items():
        inside = forms_in(value, name)
        beside.extend([value] if value is not inside[0] else [])
        several = len(inside) > 1
        forms |= {f"{name}#{n}" if several else name: form for n, form in enumerate(inside)}
    if len(forms) == 1:
        return next(iter(forms.values())), beside
    if len(names) > 1:
        set_of_forms(forms)
    return None, [*forms.values(), *beside]


def forms_in(value: Any, name: str) -> list[dict[str, Any]]:
    """The forms of one file: at least one.

    Raises:
        Unreadable: it is something else; the hint says what to do.
    """
    type_ = value.get("resourceType") if isinstance(value, dict) else None
    if type_ == "Questionnaire":
        return [value]
    if type_ == "Bundle":
        inside = objects([one.get("resource") for one in objects(value.get("entry"))])
        if forms := [one for one in inside if one.get("resourceType") == "Questionnaire"]:
            return forms
        raise Unreadable(name, "is a Bundle without a Questionnaire.", "Give the form.")
    if type_ == "QuestionnaireResponse":
        hint = "Swap the two: --questionnaire takes the form, FILES are the responses."
        raise Unreadable(name, "is a QuestionnaireResponse, not a Questionnaire.", hint)
    raise Unreadable(name, "is not a Questionnaire.", "Give the form with --questionnaire.")


def support_files(named: Iterable[str]) -> dict[str, list[str]]:
    """What `--support` names → its files: one, or those of a folder or glob."""
    return {name: expand((name,)) for name in named}


def support_resources(files: Mapping[str, list[str]]) -> list[Any]:
    """What stands beside the forms, of `support_files`: value sets, code systems, other forms.

    What was named and holds none is told on standard error: what it was given for will not be
    found. Of a folder or glob that is one line, and only if no file in it holds any.
    """
    resources = {name: [_read(file) for file in inside] for name, inside in files.items()}
    for name, values in resources.items():
        inside = (one for value in values for one in _resources_in(value))
        if not any(one.get("resourceType") in SUPPORT for one in inside):
            problem = f"--support: {visible(name)} holds no {', '.join(SUPPORT)}; it was not used."
            click.echo(f"cramp-cds: warning: {problem}", err=True)
    return list(chain(*resources.values()))


def _resources_in(value: Any) -> Iterator[dict[str, Any]]:
    """The resource itself, and those inside a Bundle or a list."""
    entries = value.get("entry") if isinstance(value, dict) else value
    for one in (*objects([value]), *objects(entries)):
        yield one
        yield from objects([one.get("resource")])


def _read(name: str) -> Any:
    data = read_bytes(name, max_bytes=MAX_SUPPORT_BYTES)
    return read_value(data, name, MAX_SUPPORT_BYTES)


def installed_form(canonical: str) -> dict[str, Any] | None:
    """The form of an installed pack with this canonical."""
    kept = _kept(canonical)
    return None if kept is None else kept.form


def moved_items(canonical: str) -> tuple[dict[str, str], ...]:
    """Where earlier versions of that form had items that stand elsewhere now."""
    kept = _kept(canonical)
    return () if kept is None else kept.moved


@lru_cache(maxsize=64)
def _kept(canonical: str) -> "KeptForm | None":
    """The form of an installed pack with this canonical.

    Of another version that it names the form is taken where the pack keeps it as released.
    """
    from cds.knowledge.read.own_form import own_form

    url, _, version = canonical.partition("|")
    found = own_form(url) or _of_packs().get(url)
    if found is None or version in {"", found.form.get("version")}:
        return found
    return own_form(url, version) or _released().get(canonical) or found


@lru_cache(maxsize=1)
def _of_packs() -> "dict[str, KeptForm]":
    """The forms of the installed packs, short ones too."""
    from cds.knowledge.read.pack import pack_folders

    return {one.form["url"]: one for one in _forms_in(pack_folders().values())}


@lru_cache(maxsize=1)
def _released() -> "dict[str, KeptForm]":
    """The forms that the installed packs keep as released, by canonical with the version."""
    from cds.knowledge.read.own import RELEASED
    from cds.knowledge.read.pack import pack_folders

    kept = (one for folder in pack_folders().values() for one in (folder / RELEASED).glob("*"))
    return {f"{one.form['url']}|{one.form['version']}": one for one in _forms_in(kept)}


def _forms_in(folders: Iterable[Path]) -> "Iterator[KeptForm]":
    """The forms of packs; a pack with faults has none to give."""
    from cds.knowledge.read.own_form import KeptForm
    from cds.knowledge.read.pack import load_pack

    for folder in folders:
        with suppress(PackError):
            pack = load_pack(folder)
            moved = tuple(dict(one.moved) for one in pack.earlier)
            yield from (KeptForm(dict(form.raw), moved) for form in pack.forms)
