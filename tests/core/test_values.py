"""Our named tuples do what those of the standard library do."""

import copy
import pickle
import typing
from collections.abc import Callable

import pytest

from cds.core.model import Because, Coding, Evidence
from cds.core.values import NamedTuple


class Ours(NamedTuple):
    """A leaf with a default."""

    name: str
    codes: tuple[str, ...]
    open: bool = False

    @property
    def first(self) -> str:
        """The first code."""
        return self.codes[0]


class Theirs(typing.NamedTuple):
    """A leaf with a default."""

    name: str
    codes: tuple[str, ...]
    open: bool = False

    @property
    def first(self) -> str:
        """The first code."""
        return self.codes[0]


Leaf = type[Ours] | type[Theirs]


def matched(leaf: object) -> object:
    match leaf:
        case Ours(name, codes) | Theirs(name, codes):
            return name, codes
        case _:
            return None


USES: dict[str, Callable[[Leaf], object]] = {
    "by place": lambda leaf: tuple(leaf("q", ("a",), *[True])),
    "by name": lambda leaf: tuple(leaf(open=True, codes=("a",), name="q")),
    "with defaults": lambda leaf: tuple(leaf("q", codes=())),
    "a field": lambda leaf: leaf("q", ("a",)).codes,
    "a property": lambda leaf: leaf("q", ("a", "b")).first,
    "equal": lambda leaf: leaf("q", ()) == leaf("q", ()) == ("q", (), False),
    "hash": lambda leaf: hash(leaf("q", ("a",))),
    "ordered": lambda leaf: min(leaf("q", ("b",)), leaf("q", ("a",))).codes,
    "unpacked": lambda leaf: [*leaf("q", ("a",))],
    "fields": lambda leaf: (leaf._fields, leaf._field_defaults, leaf.__match_args__),
    "matched": lambda leaf: matched(leaf("q", ("a",))),
    "made": lambda leaf: tuple(leaf._make(["q", (), True])),
    "replaced": lambda leaf: tuple(leaf("q", ())._replace(codes=("z",), open=True)),
    "a dict": lambda leaf: leaf("q", ())._asdict(),
    "copied": lambda leaf: copy.deepcopy(leaf("q", ("a",))) == leaf("q", ("a",)),
    "pickled": lambda leaf: type(pickle.loads(pickle.dumps(leaf("q", ())))) is leaf,  # noqa: S301
    "no dict": lambda leaf: hasattr(leaf("q", ()), "__dict__"),
    "annotated": typing.get_type_hints,
    "documented": lambda leaf: leaf.__doc__,
    "a tuple": lambda leaf: issubclass(leaf, tuple),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_named_tuple_of_ours_does_what_one_of_the_library_does(
    use: Callable[[Leaf], object],
) -> None:
    assert use(Ours) == use(Theirs)


def test_it_is_shown_in_the_same_way() -> None:
    assert repr(Ours("q", ("a",))) == repr(Theirs("q", ("a",))).replace("Theirs", "Ours")


FAULTS: dict[str, Callable[[Leaf], object]] = {
    "too few": lambda leaf: leaf("q"),  # type: ignore[call-arg]
    "too many": lambda leaf: leaf("q", (), *[True, 4]),  # type: ignore[arg-type]
    "unknown": lambda leaf: leaf("q", (), colour="red"),  # type: ignore[call-arg]
    "made of too few": lambda leaf: leaf._make(["q"]),
    "replaced unknown": lambda leaf: leaf("q", ())._replace(colour="red"),  # type: ignore[call-arg]
    "set": lambda leaf: setattr(leaf("q", ()), "name", "other"),
    "given more": lambda leaf: setattr(leaf("q", ()), "more", 1),
}


@pytest.mark.parametrize("use", FAULTS.values(), ids=FAULTS.keys())
def test_a_mistake_is_refused_in_the_same_words(use: Callable[[Leaf], object]) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as theirs:
        use(Theirs)
    with pytest.raises(theirs.type) as ours:
        use(Ours)

    assert str(ours.value) == str(theirs.value).replace("Theirs", "Ours")


def test_a_field_without_a_default_cannot_follow_one_that_has_one() -> None:
    made: type[type] = type(Ours)
    body = {"__annotations__": {"a": int, "b": int}, "a": 1}

    with pytest.raises(TypeError, match="Late: a field without a default"):
        made("Late", Ours.__bases__, body)


def test_the_values_of_the_engine_can_be_sent_to_another_process() -> None:
    for value in (Because("q", "a"), Coding("s", "c", "d"), Evidence("Observation/1")):
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301
