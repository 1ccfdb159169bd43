"""Makes the reference pages out of the code that reads; `python tests/docs/generated.py` writes.

Every key that the reading of a pack asks for is noted while real packs are read: a key that is not
on the page is not known to the program, and the other way round.
"""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cds.flows.packs.check import check_pack  # noqa: E402 - after the path is set
from cds.flows.packs.scaffold import TEMPLATE  # noqa: E402
from cds.flows.synthetic.samples import scenarios_of  # noqa: E402
from cds.knowledge.read import pack as reading  # noqa: E402
from cds.knowledge.read.tables import Table  # noqa: E402
from cds.record.compile import record_faults  # noqa: E402
from cds.web import config, settings  # noqa: E402

PACKS = (ROOT / "questionnaires" / "cramps", ROOT / "tests" / "packs" / "boiler", TEMPLATE)
FILES = ("pack.toml", "rules.toml", "record.toml", "sources.toml", "scenarios.toml", "cases/*.toml")
KINDS = {
    "text": "text",
    "optional": "text",
    "flag": "true or false",
    "number": "whole number",
    "texts": "list of texts",
    "table": "table",
    "tables": "[[table]]",
    "has": "any",
}
PACK_HEAD = """# Every key of a pack

Made from the code that reads packs (`python tests/docs/generated.py`); a test holds it. How the
pieces fit: [questionnaires/README.md](../questionnaires/README.md); a first pack, step by step:
[my-first-pack.md](my-first-pack.md). A key that is not known is a fault with the nearest known one.
The words of a condition (`when`): `question` with `operator` and `answerCoding` or with `open`,
`fact`, `any`, `all`, `none`, `at-least` with `of`."""
CONFIG_HEAD = """# Every key of the site's file

Made from the code that reads it (`python tests/docs/generated.py`); a test holds it. The file is
TOML, handed over with `--config FILE` to `serve`, `assess`, `explain`, `validate`, `feedback` and
`log`. A key of a plain table may also stand in the environment, which wins (a list
with commas between). An unknown key stops the start with exit code 2 and suggests the closest
spelling."""
BAR = "\\|"
SWITCHES = "Any other key of [site] is a switch of a pack: `questionnaire list` names them."
Place = tuple[str, str]  # file, table


class Key(NamedTuple):
    """A key as it is asked for; `example` as the packs of this checkout have it."""

    kind: str
    needed: bool
    example: str


@contextmanager
def noting(found: dict[Place, dict[str, Key]]) -> Iterator[None]:
    """Note every key that a `Table` is asked for."""
    kept = {name: getattr(Table, name) for name in KINDS}
    paths: dict[str, str] = {}  # a table's place in messages → its place in the file

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: Table, key: str, *args: Any, **more: Any) -> Any:
            path = paths.setdefault(self.where, "")
            _note(found, self, path, name, key, needed=_needed(name, args, more))
            inner = real(self, key, *args, **more)
            if name == "tables":
                inner = list(inner)
            for table in inner if name == "tables" else [inner] if name == "table" else []:
                paths[table.where] = f"{path}.{key}".lstrip(".")
            return iter(inner) if name == "tables" else inner

        return method

    for name, real in kept.items():
        setattr(Table, name, watched(name, real))
    try:
        yield
    finally:
        for name, real in kept.items():
            setattr(Table, name, real)


def _needed(name: str, args: tuple[Any, ...], more: dict[str, Any]) -> bool:
    default = more.get("default", args[0] if args else None)
    if name == "texts":
        return bool(args or more) and default is None
    return name in {"text", "flag", "table"} and default is None


def _note(
    found: dict[Place, dict[str, Key]],
    table: Table,
    path: str,
    name: str,
    key: str,
    *,
    needed: bool,
) -> None:
    file = table.where.partition(": ")[0]
    keys = found.setdefault((file if file in FILES else "cases/*.toml", path), {})
    known = keys.get(key)
    example = _shown(table.raw[key]) if key in table.raw else ""
    if known is None or known.kind == "any":
        keys[key] = Key(KINDS[name], needed, example or (known.example if known else ""))
    elif not known.example:
        keys[key] = known._replace(example=example, needed=known.needed and needed)
    elif not needed:
        keys[key] = known._replace(needed=False)


class Noted(dict[str, Any]):
    """A table of record.toml that notes what it is asked for: its reader takes plain mappings."""

    def __init__(self, raw: dict[str, Any], found: dict[Place, dict[str, Key]], path: str) -> None:
        self.found, self.path = found, path
        super().__init__({key: self._inner(key, value) for key, value in raw.items()})

    def _inner(self, key: str, value: Any) -> Any:
        path = f"{self.path}.{key}".lstrip(".")
        if isinstance(value, dict):
            return Noted(value, self.found, path)
        if isinstance(value, list):
            inner = [
                Noted(one, self.found, path) if isinstance(one, dict) else one for one in value
            ]
            for one in inner:
                for name in one if isinstance(one, Noted) else ():
                    one._asked(name)  # an array of tables has fixed keys, however they are read
            return inner
        return value

    def _asked(self, key: object) -> None:
        keys = self.found.setdefault(("record.toml", self.path), {})
        if isinstance(key, str) and (key in dict.keys(self) or key not in keys):
            value = dict.get(self, key)
            kind = _kind_of(value) if value is not None else ""
            known = keys.get(key, Key("", needed=False, example=""))
            keys[key] = Key(
                kind or known.kind,
                needed=False,
                example=known.example or (value is not None and _shown(value)) or "",
            )

    def get(self, key: str, default: Any = None) -> Any:
        """As a dict's, noted."""
        self._asked(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        """As a dict's, noted."""
        self._asked(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        """As a dict's, noted."""
        self._asked(key)
        return super().__contains__(key)


def _kind_of(value: object) -> str:
    if isinstance(value, list):
        return "[[table]]" if value and isinstance(value[0], dict) else "list of texts"
    named = {bool: "true or false", int: "whole number", str: "text"}
    return named.get(type(value), "table" if isinstance(value, dict) else "number")


def _shown(value: object) -> str:
    if isinstance(value, dict) or (
        isinstance(value, list) and value and isinstance(value[0], dict)
    ):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = text.replace("'", '"') if isinstance(value, list) else text
    return text if len(text) <= 48 else f"{text[:45]}…"


def pack_keys() -> str:
    """docs/pack-keys.md."""
    found: dict[Place, dict[str, Key]] = {}
    with noting(found):
        for folder in PACKS:
            reading._load.cache_clear()
            checked = check_pack(folder)
            if checked.pack is not None:
                scenarios_of(folder, checked.pack)
    reading._load.cache_clear()
    for folder in PACKS:
        record = tomllib.loads((folder / "record.toml").read_text(encoding="utf-8"))
        record_faults(Noted(record, found, ""))
    lines = [PACK_HEAD]
    for file in FILES:
        places = sorted(place for place in found if place[0] == file)
        if places:
            lines += ["", f"## {file}"]
        for place in places:
            lines += _section(place[1], found[place])
    return "\n".join(lines) + "\n"


def _section(table: str, keys: dict[str, Key]) -> Iterator[str]:
    yield ""
    yield f"### `{table}`" if table else "### at the top"
    yield ""
    yield "| key | kind | needed | for example |"
    yield "|---|---|---|---|"
    for name, key in sorted(keys.items()):
        if re.fullmatch(r"[a-z][a-z_-]*", name) and key.kind:
            example = f"`{key.example}`" if key.example else ""
            needed = "yes" if key.needed else ""
            yield f"| `{name}` | {key.kind} | {needed} | {example.replace('|', BAR)} |"


def configuration() -> str:
    """docs/configuration.md."""
    lines = [CONFIG_HEAD]
    for name, kind in config.SECTIONS.items():
        lines += ["", f"## [{name}]", "", _sentence(kind), ""]
        lines += _config_rows(kind, f"{config.PREFIX}{name.upper()}__")
        if kind is settings.SiteSettings:
            lines += [
                "",
                SWITCHES,
            ]
            lines += ["", "### [[site.lab]]", "", _sentence(settings.LabLimit), ""]
            lines += _config_rows(settings.LabLimit, "")
    lines += ["", "## [[client]]", "", _sentence(settings.Client), ""]
    lines += _config_rows(settings.Client, "")
    return "\n".join(lines) + "\n"


def _sentence(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _config_rows(kind: type, prefix: str) -> Iterator[str]:
    yield "| key | kind | default |" + (" environment |" if prefix else "")
    yield "|---|---|---|" + ("---|" if prefix else "")
    for field in fields(kind):
        if field.name in {"options", "lab"}:
            continue
        if field.default is not MISSING:
            default = f"`{_toml(field.default)}`"
        else:
            default = (
                f"`{_toml(field.default_factory())}`"
                if field.default_factory is not MISSING
                else "must be given"
            )
        row = f"| `{field.name}` | {_kind(field.type)} | {default} |"
        yield row + (f" `{prefix}{field.name.upper()}` |" if prefix else "")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, dict):
        return "{}"
    return "none" if value is None else str(value)


def _kind(annotation: Any) -> str:
    names = {bool: "true or false", str: "text", int: "whole number"}
    if annotation in names:
        return names[annotation]
    if get_origin(annotation) is tuple:
        inner = get_args(annotation)[0]
        return "list of texts" if inner is str else "list of tables"
    return "table" if get_origin(annotation) is dict else "number"


PAGE_OF: dict[str, Callable[[], str]] = {
    "pack-keys.md": pack_keys,
    "configuration.md": configuration,
}

if __name__ == "__main__":
    for page, make in PAGE_OF.items():
        (ROOT / "docs" / page).write_text(make(), encoding="utf-8")
