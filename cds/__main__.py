"""The door: `cramp-cds`, `python -m cds` and `python cli.py` are this one function."""

# ruff: noqa: E402 - what is imported here is what the first statement is about
import gc

gc.disable()  # Modules leave no garbage: to look for it while they load is a twentieth of `--help`.

import os
import sys
from collections.abc import Sequence

import click

from cds import commands as package
from cds.commands.exits import Exit, exit_of, report, report_fault
from cds.commands.lazy import COMPLETE_VARIABLE, PROGRAM, LazyGroup
from cds.commands.output import help_width
from cds.errors import CdsError
from cds.version import VERSION

# What a shell says of a program that a closed pipe (SIGPIPE) or Ctrl-C (SIGINT) ended.
BROKEN_PIPE = 141
INTERRUPTED = 130

# In the order of use. Each stands in cds/commands/<name>.py; one that is not there is not listed.
SUMMARIES = {
    "assess": "Decide: a response in, a triage level with its reasons out.",
    "validate": "Check a response against its Questionnaire, issue by issue.",
    "explain": "Show why, and which answers would change the level.",
    "sample": "Make synthetic data: a response, a bundle, a hook request.",
    "questionnaire": "List or show the installed questionnaires.",
    "pack": "Make, check, prove, show, compare and publish packs.",
    "form": "Hand out a form as one page that works without a network.",
    "bulk": "Assess NDJSON of any size, in order, restartable.",
    "serve": "Run the CDS Hooks service.",
    "call": "Act as an EHR: send a hook and draw the cards.",
    "feedback": "Show how often each rule was accepted or overridden.",
    "log": "Verify, export or sign the decision log.",
    "token": "Say why a token is refused, offline; make a client's keys.",
    "version": "Show what is installed: software, packs with hashes, Python.",
    "completion": "Print the completion script of a shell.",
}


def commands() -> dict[str, tuple[str, str]]:
    """Name → (place, help) of every command that has its file."""
    there = {entry.name.removesuffix(".py") for entry in os.scandir(package.__path__[0])}
    return {
        name: (f"cds.commands.{name}:command", summary)
        for name, summary in SUMMARIES.items()
        if name in there
    }


@click.group(
    cls=LazyGroup,
    table=commands(),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(VERSION, prog_name=PROGRAM)
def cli() -> None:
    """Clinical decision support from the answers to a questionnaire.

    For a clinician who can judge the basis of each result. It does not diagnose.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run one command, of this process if no other is given, and say how it ended."""
    if args is not None:
        return _run(args)
    code = _run(sys.argv[1:])
    # The process ends, and Python would look for garbage three times among all that was loaded.
    gc.freeze()
    return code


def _run(args: Sequence[str]) -> int:
    """Run it; the only place where any error may be caught."""
    try:
        code = _invoke(args)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except CdsError as error:
        report(error)
        return exit_of(error)
    except BrokenPipeError:
        # The reader has left. Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.FileError as error:
        error.show()
        return Exit.UNREADABLE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the outermost shell: our own fault, said loudly
        report_fault(error)
        return Exit.FAULT
    return code if isinstance(code, int) else Exit.OK


def _invoke(args: Sequence[str]) -> object:
    """Run the command; click's own `main` would call a closed pipe 1, which here means findings."""
    if COMPLETE_VARIABLE in os.environ:
        return cli.main(list(args), prog_name=PROGRAM, complete_var=COMPLETE_VARIABLE)
    with cli.make_context(PROGRAM, list(args), terminal_width=help_width()) as context:
        return cli.invoke(context)


gc.freeze()  # nor later: what is loaded stays
gc.enable()

if __name__ == "__main__":
    sys.exit(main())
