"""`sample response --from-record`: the form half filled from what the EHR knows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cds.commands.assess import read_records
from cds.commands.output import visible
from cds.core.account import sentences
from cds.flows.deciding.record import rules_for
from cds.flows.populate import populate
from cds.knowledge.read.pack import find_pack, pack_folders
from cds.record.facts import facts_of
from cds.record.walk import resources_of


def prefilled(record: Path, name: str | None, packs: tuple[Path, ...]) -> dict[str, Any]:
    """The response that the record begins; hints on what it does not fill in go to stderr.

    Raises:
        Unreadable: the record cannot be read.
        ResponseError: it is of more than one patient.
    """
    pack = find_pack(name or min(pack_folders(packs)), packs)
    rules = rules_for(pack, ())
    resources = read_records((record,)) or []
    now = datetime.now(UTC)
    facts = facts_of(resources, rules, now=now, patient=None)
    populated = populate(pack, pack.full, facts, rules, now=now, subject=_subject(resources))
    for hint in populated.hints:
        click.echo(f"cramp-cds: {hint.link_id}: {hint.text}", err=True)
    if facts.account is not None and not facts.account.whole:
        for said in sentences(facts.account):
            click.echo(f"cramp-cds: {visible(said)}", err=True)
    click.echo("cramp-cds: each answer is from the record; a person must confirm it.", err=True)
    return populated.response


def _subject(resources: list[dict[str, Any]]) -> str | None:
    """The reference to the record's patient, if it holds one."""
    for resource, _ in resources_of(resources):
        if resource.get("resourceType") == "Patient" and isinstance(resource.get("id"), str):
            return f"Patient/{resource['id']}"
        subject = resource.get("subject")
        if isinstance(subject, dict) and isinstance(subject.get("reference"), str):
            return str(subject["reference"])
    return None
