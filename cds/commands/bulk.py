"""`bulk`: many responses, restartable; `bulk report` counts what came of them."""

import click

from cds.commands.lazy import LazyGroup

RUN = "run"
_TABLE = {
    RUN: (
        "cds.commands.bulk_run:command",
        "Assess files, folders, exports: `bulk IN... -o OUT`.",
    ),
    "pack-deps": ("cds.commands.bulk_pack_deps:command", "What executors of Spark need, packed."),
    "report": ("cds.commands.bulk_report:command", "Count what came of a run: a page, JSON, CSV."),
}


class _Bulk(LazyGroup):
    """A group whose usual command needs no name: `bulk IN... -o OUT` is `bulk run IN... -o OUT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the usual command in front of what is no name of another."""
        if args and args[0] not in self.table and args[0] not in {"-h", "--help"}:
            args = [RUN, *args]
        return super().parse_args(ctx, args)


@click.group("bulk", cls=_Bulk, table=_TABLE)
def command() -> None:
    """Assess NDJSON of any size: files, folders, globs, .gz and Bulk Data exports.

    `bulk IN... -o OUT` decides on every QuestionnaireResponse in IN. What else is there (Patient,
    Condition, Observation, MedicationRequest ...) is the record of its patient. Stopped or
    killed, the same command goes on where it was.

    Its options: --jobs N, --engine local|spark, --table csv|parquet, --fhir, --from URL, --now
    INSTANT, --config FILE, --fail-on WHAT; `bulk run --help` explains them.
    """
