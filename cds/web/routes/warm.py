"""What the first call of a process would wait for, done before it is taken: tables, texts, code.

The first emergency after a start took a quarter of a second instead of some milliseconds. Answered
beforehand are the pack's own scenarios, with made-up patients; nothing is logged, counted or kept.
"""

import logging
from datetime import timedelta
from pathlib import Path

from cds import wire
from cds.core.pack import Pack
from cds.errors import CdsError
from cds.flows.synthetic.hook_samples import hook_request, moved
from cds.flows.synthetic.samples import Sample, samples, scenarios_of
from cds.web.contract.services import HookService
from cds.web.operating.logs import event
from cds.web.routes.asked import in_shape
from cds.web.routes.hooks import reckoned
from cds.web.service import Service
from cds.web.trust.auth import ANYONE


def warm(service: Service) -> int:
    """Answer each scenario once in each language; how many answers that were.

    What fails here is told, and is no reason not to serve.
    """
    count = 0
    for entry in service.services.values():
        folder = service.folders.get(entry.pack.id)
        try:
            for sample in _samples(entry.pack, folder) if folder else ():
                count += _answered(service, entry, sample)
        except (CdsError, ValueError, KeyError, TypeError, MemoryError) as error:
            event("not warmed", {"service": entry.id}, level=logging.WARNING, error=error)
    return count


def _samples(pack: Pack, folder: Path) -> list[Sample]:
    scenarios = scenarios_of(folder, pack)
    return [next(samples(scenarios, pack, name, 1, 0)) for name in scenarios]


def _answered(service: Service, entry: HookService, sample: Sample) -> int:
    by: timedelta = service.clock() - sample.now
    resources = [moved(one, by) for one in (sample.response, *sample.record)]
    patient = sample.response["subject"]["reference"].partition("/")[2]
    body = wire.write(hook_request(entry.pack, entry.hook, resources, patient=patient))
    languages = service.config.cards.languages or ("",)
    for language in languages:
        asked = in_shape(service, entry, ANYONE, body)
        reckoned(service, asked, None, asked.given, (language,) if language else ())
    return len(languages)
