"""Counters for operators: how many, how fast, how it ended. Nothing about any patient.

With several workers each writes to files of a shared folder (`PROMETHEUS_MULTIPROC_DIR`).
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.registry import RestrictedRegistry

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_HAND_OVER_S = 1.0


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        """A registry of its own, so that two services in one process do not mix."""
        self.registry = _Registry(self.hand_over)
        # The histogram behind a route: looking it up takes longer than counting.
        self._times: dict[str, Histogram] = {}
        self._requests = _Often(
            Counter(
                "cds_requests",
                "Requests by route and status.",
                ["route", "status"],
                registry=self.registry,
            )
        )
        self._seconds = Histogram(
            "cds_request_seconds",
            "Time to answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._cards = _Often(
            Counter("cds_cards", "Cards shown.", ["service", "indicator"], registry=self.registry)
        )
        self._keys = _Often(
            Counter(
                "cds_prefetch", "States of prefetch keys.", ["key", "state"], registry=self.registry
            )
        )
        self._feedback = Counter(
            "cds_feedback", "Feedback items.", ["service", "outcome"], registry=self.registry
        )
        self._store = {
            what: Counter(name, text, registry=self.registry)
            for what, name, text in (
                ("failed", "cds_store_failures", "Calls of the decision log that failed."),
                ("spooled", "cds_spooled", "Entries put into the spool."),
                ("lost", "cds_unrecorded", "Entries that could be kept nowhere."),
                ("damaged", "cds_spool_damaged", "Lines of the spool that could not be read."),
            )
        }
        self._spool_age = Gauge(
            "cds_spool_oldest_seconds",
            "How long the oldest entry of the spool has waited.",
            registry=self.registry,
            multiprocess_mode="max",
        )
        self._refused = Counter(
            "cds_refused_tokens", "Tokens refused, by reason.", ["reason"], registry=self.registry
        )
        self._log_lines = Counter(
            "cds_log_lines_dropped", "Log lines that nobody read.", registry=self.registry
        )
        self._key_sets = Gauge(
            "cds_client_keys",
            "Public keys held of a client.",
            ["client"],
            registry=self.registry,
            multiprocess_mode="min",
        )
        self._without = Gauge(
            "cds_client_without_responses",
            "1 where the answers of a client's patients cannot be searched.",
            ["client"],
            registry=self.registry,
            multiprocess_mode="max",
        )
        self._key_failures = Counter(
            "cds_client_keys_not_fetched",
            "Fetches of a client's keys that failed.",
            ["client"],
            registry=self.registry,
        )

    def without_responses(self, client: str, without: int) -> None:
        """1 where the answers of a client's patients cannot be searched."""
        self._without.labels(client).set(without)

    def keys(self, client: str, held: int, *, failed: bool) -> None:
        """How many keys of a client are held, after a fetch that may have failed."""
        self._key_sets.labels(client).set(held)
        if failed:
            self._key_failures.labels(client).inc()

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request answered."""
        self._requests.counted[route, status] += 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = self._seconds.labels(route)
        times.observe(seconds)

    def card(self, service: str, indicator: str) -> None:
        """One card shown."""
        self._cards.counted[service, indicator] += 1

    def key(self, key: str, state: str) -> None:
        """One prefetch key that was not simply given."""
        self._keys.counted[key, state] += 1

    def hand_over(self) -> None:
        """Tell Prometheus of all that was counted so far."""
        for often in (self._requests, self._cards, self._keys):
            often.hand_over()

    async def hand_over_forever(self) -> None:
        """Tell it each second, for whoever reads the files of the workers."""
        while True:
            await asyncio.sleep(_HAND_OVER_S)
            self.hand_over()

    def feedback(self, service: str, outcome: str) -> None:
        """One feedback item."""
        self._feedback.labels(service, outcome).inc()

    def store(self, what: str, count: int = 1) -> None:
        """Something that did not go as it should: failed, spooled, lost or damaged."""
        self._store[what].inc(count)

    def refused(self, reason: str) -> None:
        """One token that was missing or not good."""
        self._refused.labels(reason).inc()

    def spool_age(self, seconds: float) -> None:
        """How long the oldest entry of the spool has waited."""
        self._spool_age.set(seconds)

    def lines_dropped(self, count: int) -> None:
        """Log lines that nobody read."""
        self._log_lines.inc(count)


class _Often:
    """A counter with labels, counted in plain numbers: by itself it takes ten times as long.

    One thread counts, and any may hand over.
    """

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self.counted: defaultdict[tuple[str, str | int], int] = defaultdict(int)  # by labels
        self._told: dict[tuple[str, str | int], int] = {}
        self._telling = threading.Lock()

    def hand_over(self) -> None:
        """Add what has come since the last time."""
        with self._telling:
            for labels, count in list(self.counted.items()):
                before = self._told.get(labels, 0)
                if count > before:
                    self._counter.labels(*labels).inc(count - before)
                    self._told[labels] = count


class _Registry(CollectorRegistry):
    """Asks for what was counted before it is read."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        super().__init__()

    def collect(self) -> Iterable[Metric]:
        """All of it."""
        self._ask()
        return super().collect()

    def restricted_registry(self, names: Iterable[str]) -> RestrictedRegistry:
        """Some of it."""
        self._ask()
        return super().restricted_registry(names)
