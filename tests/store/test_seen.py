"""The tokens of a host: shared by its workers, and forgotten by the machine's own time."""

import time
from pathlib import Path

import pytest

from cds.errors import StoreError
from cds.store.seen import LEAST_KEPT_S, SWEEP_EVERY, SeenTokens, running_s


def test_a_token_is_new_once_for_all_workers_of_a_host(tmp_path: Path) -> None:
    one, other = SeenTokens(tmp_path / "tokens"), SeenTokens(tmp_path / "tokens")

    assert one.use([(("a", 1), False), (("b", 1), False), (("a", 1), False)]) == [True, True, False]
    assert other.use([(("a", 1), False), (("c", 1), False)]) == [False, True]


def test_what_is_owed_to_the_log_is_known_until_it_is_told(tmp_path: Path) -> None:
    seen = SeenTokens(tmp_path / "tokens")
    seen.use([(("a", 1), True), (("b", 2), False), (("c", 3), False)])
    seen.owe(("c", 3))

    assert sorted(seen.owed()) == [("a", 1), ("c", 3)]
    seen.told([("a", 1)])
    assert SeenTokens(tmp_path / "tokens").owed() == [("c", 3)]


def test_tokens_are_forgotten_by_how_long_the_machine_has_run(tmp_path: Path) -> None:
    seconds = [0.0]
    seen = SeenTokens(tmp_path / "tokens", clock=lambda: seconds[0])
    seen.use([(("old", 1), False)])
    seconds[0] = LEAST_KEPT_S - 1.0
    seen.use([((f"n{number}", 1), False) for number in range(SWEEP_EVERY)])
    assert seen.use([(("old", 1), False)]) == [False]

    seconds[0] = LEAST_KEPT_S + 1.0
    seen.use([((f"m{number}", 1), False) for number in range(SWEEP_EVERY)])
    assert seen.use([(("old", 1), False)]) == [True]


def test_a_file_that_is_no_database_any_more_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_bytes(b"rotten" * 1000)

    assert SeenTokens(tmp_path / "tokens").use([(("a", 1), False)]) == [True]


def test_a_file_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError) as caught:
        SeenTokens(tmp_path / "file" / "tokens")
    assert caught.value.where == "used tokens"


def test_the_clock_of_the_day_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    before = running_s()
    monkeypatch.setattr(time, "time", lambda: before + 1e6)  # it jumps ahead

    assert before <= running_s() < before + 1e5
