"""One value of the configuration, as the type of its setting: from TOML or the environment."""

from collections.abc import Callable
from decimal import Decimal

from cds.errors import UsageError


def as_field_type(value: object, kind: object, where: str) -> object:
    """The value as the field's type; text of the environment is read as that type."""
    if kind == str | tuple[str, ...]:
        kind = tuple[str, ...] if isinstance(value, list) else str
    for known, read in _READERS:
        if kind == known:
            return read(value, where)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise UsageError(where, "must be a number.")
    return Decimal(value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise UsageError(where, "must be a string.")
    return value


def _int(value: object, where: str) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UsageError(where, "must be 0 or a positive whole number.")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        if value.lstrip().startswith(("[", "{")):  # read as one name, it would never match
            raise UsageError(where, "must be a list of texts.", "Write them with commas between.")
        value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise UsageError(where, "must be a list of strings.")
    return tuple(value)


def _pairs(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        raise UsageError(where, "must be a table of strings.", 'Like { "theirs" = "ours" }.')
    return value


def boolean(value: object, where: str) -> bool:
    """True or false, or a word for it."""
    words = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, str):
        value = words.get(value.lower())
    if not isinstance(value, bool):
        raise UsageError(where, "must be true or false.")
    return value


_READERS: tuple[tuple[object, Callable[[object, str], object]], ...] = (
    (bool, boolean),
    (int, _int),
    (str, _text),
    (tuple[str, ...], _texts),
    (dict[str, str], _pairs),
)
