"""Which browser origins may read answers: those that the site names, and no other."""

from collections.abc import Callable


def origins(named: tuple[str, ...]) -> Callable[[str], bool]:
    """Is this origin one of the named? Exact, but for `:*` at the end, which is any port."""
    exact = frozenset(name for name in named if not name.endswith(":*"))
    any_port = tuple(name.removesuffix(":*") for name in named if name.endswith(":*"))

    def allowed(origin: str) -> bool:
        if origin in exact:
            return True
        for name in any_port:
            rest = origin.removeprefix(name)
            if rest != origin and (not rest or (rest[0] == ":" and rest[1:].isdigit())):
                return True
        return False

    return allowed
