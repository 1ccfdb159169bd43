"""What drives a browser for the form: npm's packages as the lock file has them."""

from pathlib import Path

from tests.npm import installed as locked

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "out" / "form"


def installed() -> Path:
    """The folder of the packages; skips where there is no npm, or it can install nothing."""
    return locked(HERE, OUT)
