"""Publish a pack: its knowledge in FHIR's own forms, as resources and as one package."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cds.core.pack import Pack
from cds.errors import PackError
from cds.fhir.decision_row import view_definition
from cds.fhir.definitions import pack_definitions
from cds.flows.deciding.record import reads_records, rules_for
from cds.flows.packs.cases import Case, read_cases
from cds.flows.packs.population import with_population
from cds.flows.packs.publishing.archive import archive, files_of, package_id
from cds.flows.packs.publishing.common import LICENCE, head
from cds.flows.packs.publishing.examples import examples
from cds.flows.packs.publishing.library import attribute_definition, library, value_sets
from cds.flows.packs.publishing.plan import activity_definition, plan_definition
from cds.knowledge.read.spoken import with_translations
from cds.knowledge.read.tables import Faults
from cds.knowledge.read.translations import read_translations
from cds.wire import JsonObject


@dataclass(frozen=True, slots=True)
class PublishedPack:
    """A pack in FHIR: the resources, the examples (with a sentence each) and the package.

    `view` is the table of decisions SQL on FHIR has it: a resource of that guide, not of R4.
    """

    pack: Pack
    resources: tuple[JsonObject, ...]
    examples: tuple[tuple[str, JsonObject], ...]
    view: JsonObject

    def files(self) -> dict[str, bytes]:
        """Path → content of the package."""
        examples_ = [one for _, one in self.examples]
        return files_of(self.pack, self.resources, examples_, self.view)

    def package(self) -> bytes:
        """The package as .tgz; the same pack gives the same bytes."""
        return archive(self.files())


def publish_pack(pack: Pack, folder: Path) -> PublishedPack:
    """Make every resource; `folder` is where the pack's files lie.

    Raises:
        PackError: a golden case cannot be read.
    """
    made = [_populating(pack, one) for one in published_resources(pack, folder)]
    shown = examples(pack, cases_of(pack, folder))
    return PublishedPack(
        pack, (guide(pack, made, shown), *made), tuple(shown), view_definition(pack)
    )


def published_resources(pack: Pack, folder: Path) -> list[JsonObject]:
    """The resources without the guide and without how to pre-fill a form, as a site may set it."""
    defined = [dict(one) for one in pack_definitions(pack)]
    systems = [one for one in defined if one["resourceType"] == "CodeSystem"]
    spoken = read_translations(folder)
    return [
        *(with_translations(form.raw, spoken) for form in pack.forms),
        plan_definition(pack),
        activity_definition(pack),
        library(pack, folder),
        *defined,
        *value_sets(pack, systems),
        attribute_definition(pack),
    ]


def _populating(pack: Pack, resource: JsonObject) -> JsonObject:
    """A Questionnaire with the expressions by which other engines pre-fill it from a record."""
    if resource["resourceType"] != "Questionnaire" or not reads_records(pack):
        return resource
    return with_population(resource, rules_for(pack, ()))


def cases_of(pack: Pack, folder: Path) -> list[Case]:
    """The golden cases of the pack.

    Raises:
        PackError: a case cannot be read.
    """
    faults = Faults()
    cases = list(read_cases(folder, pack, faults))
    if faults.found:
        raise PackError(pack.id, tuple(faults.found))
    return cases


def guide(
    pack: Pack, resources: Sequence[JsonObject], shown: Sequence[tuple[str, JsonObject]]
) -> JsonObject:
    """The ImplementationGuide that lists all of it."""
    made = head(pack, "ImplementationGuide", pack.id, pack.title, pack.wording.intended_use)
    listed = [
        {
            "reference": {"reference": f"{resource['resourceType']}/{resource['id']}"},
            "name": str(resource.get("title") or resource.get("name") or resource["id"]),
            "exampleBoolean": False,
        }
        for resource in resources
    ]
    listed += [
        {
            "reference": {"reference": f"{one['resourceType']}/{one['id']}"},
            "name": sentence,
            "exampleBoolean": True,
        }
        for sentence, one in shown
    ]
    made |= {
        "packageId": package_id(pack),
        "license": LICENCE,
        "fhirVersion": ["4.0.1"],
        "definition": {"resource": listed},
    }
    return made
