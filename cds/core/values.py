"""Named tuples that are cheap to declare.

`typing.NamedTuple` writes the constructor of each class as source text, compiles it, and looks at
every annotation: a cold `assess` declares sixty classes, and that was a tenth of it. Here one
constructor is compiled for each number of fields, and given their names. Type checkers see
`typing.NamedTuple`; a test holds these to it.
"""

from collections.abc import Iterable
from functools import cache
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Self

# What the standard library's named tuples read their fields with: twice as fast as a property.
from collections import _tuplegetter  # type: ignore[attr-defined] # isort: skip

__all__ = ["NamedTuple"]

_SCOPE = {"_new": tuple.__new__, "__builtins__": {}}


@cache
def _template(count: int) -> CodeType:
    names = ", ".join(f"_{number}" for number in range(count))
    constructor: FunctionType = eval(f"lambda _cls, {names}: _new(_cls, ({names},))", _SCOPE)  # noqa: S307 - of numbers
    return constructor.__code__


class _Declared(type):
    """Makes the annotations of a class's body the fields of a tuple."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> "_Declared":
        fields = tuple(body.get("__annotations__", ()))
        if fields:
            defaults = {field: body.pop(field) for field in fields if field in body}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                message = f"{name}: a field without a default follows one that has one."
                raise TypeError(message)
            code = _template(len(fields)).replace(
                co_varnames=("_cls", *fields), co_name="__new__", co_qualname=f"{name}.__new__"
            )
            body["__new__"] = FunctionType(code, _SCOPE, "__new__", tuple(defaults.values()))
            body["_fields"] = body["__match_args__"] = fields
            body["_field_defaults"] = defaults
            for number, field in enumerate(fields):
                body[field] = _tuplegetter(number, None)
        return super().__new__(mcs, name, bases, {"__slots__": (), **body})


class _Named(tuple[Any, ...], metaclass=_Declared):
    __slots__ = ()
    _fields = tuple[str, ...]()

    @classmethod
    def _make(cls, values: Iterable[Any]) -> Self:
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            message = f"Expected {len(cls._fields)} arguments, got {len(made)}"
            raise TypeError(message)
        return made

    def _replace(self, /, **others: object) -> Self:
        made = self._make(map(others.pop, self._fields, self))
        if others:
            message = f"Got unexpected field names: {list(others)!r}"
            raise ValueError(message)
        return made

    def _asdict(self) -> dict[str, Any]:
        return {name: self[place] for place, name in enumerate(self._fields)}

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({shown})"


if TYPE_CHECKING:
    from typing import NamedTuple
else:
    NamedTuple = _Named
