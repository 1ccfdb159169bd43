"""The whole program in this process, with what it says and how it ends."""

import sys

from click.testing import CliRunner, Result

import cds.__main__ as door


def through_the_door(*words: str) -> Result:
    """What the whole program says to these words, and how it ends."""
    runner = CliRunner()
    with runner.isolation() as (out, err, both):
        code = door.main(words)
        sys.stdout.flush()
        said = out.getvalue(), err.getvalue(), both.getvalue()
    return Result(runner, *said, None, code, None)
