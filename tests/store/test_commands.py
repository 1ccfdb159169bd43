"""`log …` and `feedback`: results on stdout, exit codes as agreed."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fhir.resources.R4B.auditevent import AuditEvent

from cds.store.decisions import DecisionLog
from cds.store.heads import sign
from cds.store.model import Decision, Feedback
from tests.store.called import through_the_door

Decide = Callable[..., Decision]
Say = Callable[..., Feedback]
Tamper = Callable[[str], None]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ANSWER = "nobody else may read"


@pytest.fixture
def run(url: str, tmp_path: Path) -> Callable[..., Result]:
    """Run `log …` or `feedback …` with a configuration of this database."""
    config = tmp_path / "site.toml"
    config.write_text(f'[store]\nurl = "{url}"\n')

    def ran(*words: str) -> Result:
        return through_the_door(*words, "--config", str(config))

    return ran


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    """The files of a private and a public key."""
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_bytes(
        KEY.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return str(private), str(public)


def test_verify_says_that_a_log_is_whole(
    run: Callable[..., Result], log: DecisionLog, decide: Decide
) -> None:
    log.append(decide(1))

    text, document = run("log", "verify"), run("log", "verify", "--format", "json")

    assert text.exit_code == document.exit_code == 0
    assert text.stdout == f"WHOLE: 1 entries, 0 erased, head sha256:{log.head().hash}\n"
    assert json.loads(document.stdout)["entries"] == 1


def test_row_26_verify_names_the_first_broken_entry_and_exits_with_1(
    run: Callable[..., Result], log: DecisionLog, decide: Decide, tamper: Tamper
) -> None:
    for number in (1, 2, 3):
        log.append(decide(number))
    tamper("UPDATE log_entry SET level = 'routine' WHERE sequence = 2")

    found = run("log", "verify")
    document = run("log", "verify", "--format", "json")

    assert found.exit_code == document.exit_code == 1
    assert found.stdout.startswith("BROKEN: entry 2 was changed")
    assert json.loads(document.stdout)["broken"] == 2


def test_row_26_a_signed_head_finds_what_was_cut(
    run: Callable[..., Result],
    log: DecisionLog,
    decide: Decide,
    tamper: Tamper,
    keys: tuple[str, str],
    tmp_path: Path,
) -> None:
    for number in (1, 2, 3):
        log.append(decide(number))
    signed = run("log", "head", "--key", keys[0])
    (tmp_path / "head.json").write_text(signed.stdout)
    words = ("log", "verify", "--head", str(tmp_path / "head.json"), "--public-key", keys[1])

    before = run(*words)
    tamper("DELETE FROM log_entry WHERE sequence = 3")
    after = run(*words)

    assert (before.exit_code, after.exit_code) == (0, 1)
    assert after.stdout == "BROKEN: entry 3 is missing: a signed head reaches to 3.\n"


def test_an_unsigned_head_is_the_same_line_without_its_signature(
    run: Callable[..., Result], log: DecisionLog, keys: tuple[str, str]
) -> None:
    plain, signed = run("log", "head"), run("log", "head", "--key", keys[0])

    one, two = json.loads(plain.stdout), json.loads(signed.stdout)
    assert set(two) - set(one) == {"signature"}
    assert (one["schema"], one["sequence"], one["hash"]) == (
        "cramp-cds/log-head/1",
        0,
        f"sha256:{log.head().hash}",
    )


def test_a_head_of_another_key_cannot_be_used(
    run: Callable[..., Result], log: DecisionLog, keys: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "head.json").write_bytes(sign(log.head(), NOON, Ed25519PrivateKey.generate()))

    found = run("log", "verify", "--head", str(tmp_path / "head.json"), "--public-key", keys[1])

    assert (found.exit_code, found.stdout) == (3, "")
    assert "not signed by this key" in found.stderr


def test_row_19_an_export_holds_answers_only_when_asked_to_show_them(
    run: Callable[..., Result], log: DecisionLog, decide: Decide
) -> None:
    log.append(decide(1))

    plain, shown = run("log", "export"), run("log", "export", "--show-values")

    assert ANSWER not in plain.stdout
    assert ANSWER in json.loads(shown.stdout)["content"][1]
    assert json.loads(plain.stdout)["entry"]["details"]["rules"] == ["R1", "R2"]


def test_the_audit_events_are_fhir_and_hold_no_patient(
    run: Callable[..., Result], log: DecisionLog, decide: Decide, say: Say
) -> None:
    log.append(decide(1))
    log.feedback([say(outcome="overridden", reason_code="known")])
    log.note("start", NOON, {})
    log.erase(NOON, "asked", sequences=[1])

    lines = run("log", "export", "--format", "fhir").stdout.splitlines()

    events = [AuditEvent.model_validate_json(line) for line in lines]
    assert [event.action for event in events] == ["E", "C", "E", "D"]
    assert [event.agent[0].requestor for event in events] == [True, True, False, False]
    assert decide(1).hook_instance in lines[0]
    assert not any(ANSWER in line or "patient-7" in line for line in lines)


def test_an_export_of_a_tampered_log_stops_with_the_entry(
    run: Callable[..., Result], log: DecisionLog, decide: Decide, tamper: Tamper
) -> None:
    log.append(decide(1))
    tamper("UPDATE log_entry SET details = '{'")

    found = run("log", "export")

    assert found.exit_code == 3
    assert found.stderr == "cramp-cds: entry 1: is not as it was written.\n  Run `log verify`.\n"


def test_erase_names_what_it_erased(
    run: Callable[..., Result], log: DecisionLog, decide: Decide
) -> None:
    for number in (1, 2):
        log.append(decide(number))

    one = run("log", "erase", "--sequence", "2", "--why", "asked")
    rest = run("log", "erase", "--subject", "a|patient-7", "--why", "retention")

    assert (one.stdout, rest.stdout) == ("2\n", "1\n")
    assert run("log", "erase", "--why", "nothing named").exit_code == 2


def test_migrate_makes_a_log_that_verify_can_read(run: Callable[..., Result]) -> None:
    assert run("log", "verify").exit_code == 3
    assert run("log", "migrate").exit_code == 0
    assert run("log", "verify").stdout.startswith("WHOLE: 0 entries")


def test_feedback_prints_a_table_and_a_document(
    run: Callable[..., Result], log: DecisionLog, decide: Decide, say: Say
) -> None:
    log.append(decide(1))
    log.append(decide(2))
    log.feedback([say("card-1"), say("card-2", "overridden", reason_code="known"), say("card-9")])

    table, document = run("feedback"), run("feedback", "--format", "json")

    assert table.stdout.splitlines() == [
        "rule  shown  accepted  overridden  acceptance  override  reasons",
        "R1        2         1           1         50%       50%  known 1",
        "Feedback on cards that this log does not hold: 1",
    ]
    assert json.loads(document.stdout) == {
        "schema": "cramp-cds/feedback/1",
        "unknownCards": 1,
        "rules": [
            {
                "rule": "R1",
                "shown": 2,
                "accepted": 1,
                "overridden": 1,
                "acceptanceRate": 0.5,
                "overrideRate": 0.5,
                "reasons": [{"code": "known", "count": 1}],
            }
        ],
    }


def test_row_16_a_reason_cannot_write_to_the_terminal(
    run: Callable[..., Result], log: DecisionLog, decide: Decide, say: Say
) -> None:
    log.append(decide(1))
    log.feedback([say(outcome="overridden", reason_code="\x9b31m\u202eevil")])

    table = run("feedback").stdout

    assert "\x9b" not in table
    assert "\u202e" not in table
    assert "evil" in table


def test_a_key_that_is_not_known_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text('[store]\nurll = "sqlite:////x"\n')

    found = through_the_door("log", "verify", "--config", str(config))

    assert (found.exit_code, found.stdout) == (2, "")
    assert "urll" in found.stderr


def test_the_help_of_the_commands_loads_no_database() -> None:
    code = (
        "import sys, cds.commands.log, cds.commands.feedback; "
        "sys.exit(bool({'sqlalchemy', 'cryptography', 'alembic'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
