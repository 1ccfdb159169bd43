"""The door of a checkout: `python cli.py …` does what an installed `cramp-cds …` does.

Any Python 3 may be called with it: one that is too old, or that lacks the packages, hands over to
the checkout's own environment, or says in one line how to make it.
"""

import os
import sys
from importlib.util import find_spec

NEEDED = ("click", "jiter", "orjson")  # what every command loads
HANDED_OVER = "CRAMP_CDS_HANDED_OVER"  # an empty environment of ours must not call itself for ever
OLDEST = (3, 11)


def door() -> int:
    """Run the command, here or in the checkout's own environment; its exit code."""
    lacking = _lacking()
    if not lacking:
        from cds.__main__ import main  # noqa: PLC0415 - only where it can be loaded

        return main()
    from pathlib import Path  # noqa: PLC0415 - a twelfth of the time of `--help`

    checkout = Path(__file__).resolve().parent
    own = checkout / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if own.exists() and HANDED_OVER not in os.environ:
        os.environ[HANDED_OVER] = "1"
        command = [str(own), str(checkout / "cli.py"), *sys.argv[1:]]
        if os.name != "nt":
            os.execv(command[0], command)  # noqa: S606 - no shell is involved
        import subprocess  # noqa: PLC0415 - Windows has no exec that waits

        return subprocess.call(command)
    sys.stderr.write(
        f"cramp-cds: {lacking}.\n  Run `make demo` in {checkout}: it sets up .venv there."
        " Or `pip install .` with Python 3.11 or newer.\n"
    )
    return 3


def _lacking() -> str:
    """What this Python lacks; an empty text if it can run us."""
    if sys.version_info < OLDEST:
        return "Python 3.11 or newer is needed; this is {}.{}".format(*sys.version_info[:2])
    missing = ", ".join(name for name in NEEDED if not find_spec(name))
    return f"this Python has no {missing}" if missing else ""


if __name__ == "__main__":
    sys.exit(door())
