"""The site's configuration: every fault ends the start with its place."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cds.errors import UsageError
from cds.web.config import SECTIONS, check_server, check_switches, load
from cds.web.settings import SiteSettings

WHOLE = """
[server]
public_url = "https://cds.example.org/"
port = 9000
[auth]
algorithms = ["ES384"]
[[client]]
name = "hospital-a"
iss = "https://ehr.example.org"
jwks_url = "https://ehr.example.org/jwks.json"
fhir_base = "https://ehr.example.org/fhir"
[cors]
origins = ["https://ehr.example.org"]
[store]
url = "sqlite:////tmp/x.db"
on_failure = "refuse"
[site]
strict_seed = false
recipient = "Group/on-call"
[[site.lab]]
analyte = "potassium"
unit = "mmol/L"
critical_high = 6.0
source = "local policy"
[limits]
ehr_budget_ms = 500
"""


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "site.toml"
    path.write_text(text)
    return str(path)


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = load(_file(tmp_path, WHOLE), {})

    check_server(config)
    assert config.public_url == "https://cds.example.org"
    assert config.server.port == 9000
    assert config.clients[0].name == "hospital-a"
    assert config.site.options == {"strict_seed": False}
    assert str(config.site.lab[0].critical_high) == "6.0"
    assert config.limits.ehr_budget_ms == 500


def test_what_an_ehr_is_like_is_said_per_client(tmp_path: Path) -> None:
    own = """
    [[client]]
    name = "millennium"
    iss = "https://cds-hooks.example.org"
    jwks_url = ["https://ehr.example.org/1.json", "https://ehr.example.org/2.json"]
    max_lifetime_s = 900
    responses = "unsearchable"
    creates = ["ServiceRequest"]
    forms = { "Questionnaire/abc" = "https://cramp-cds.example/fhir/Questionnaire/cramps" }
    """
    config = load(_file(tmp_path, own), {})
    (client,) = config.clients

    check_server(config)
    assert client.key_addresses == tuple(f"https://ehr.example.org/{n}.json" for n in (1, 2))
    assert client.max_lifetime_s == 900
    assert client.responses == "unsearchable"
    assert client.creates == ("ServiceRequest",)
    assert client.forms["Questionnaire/abc"].endswith("/cramps")


def test_every_key_can_come_from_the_environment() -> None:
    samples: dict[Any, str] = {bool: "true", int: "7", str: "text", tuple[str, ...]: "a, b"}
    for section, kind in SECTIONS.items():
        for one in fields(kind):
            if one.type in samples:
                name = f"CRAMP_CDS_{section}__{one.name}".upper()
                config = load(None, {name: samples[one.type]})
                found = getattr(getattr(config, section), one.name)
                assert found in {True, 7, "text", ("a", "b")}


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://a.example", ("https://a.example",)),
        ("https://a.example, https://b.example ,", ("https://a.example", "https://b.example")),
        ('["https://a.example"]', None),
        (" [https://a.example]", None),
        ('{"a": 1}', None),
    ],
)
def test_a_list_in_the_environment_has_commas_and_no_brackets(
    text: str, origins: tuple[str, ...] | None
) -> None:
    given = {"CRAMP_CDS_CORS__ORIGINS": text}
    if origins is None:
        with pytest.raises(UsageError, match="must be a list of texts"):
            load(None, given)
    else:
        assert load(None, given).cors.origins == origins


def test_the_environment_stands_above_the_file(tmp_path: Path) -> None:
    config = load(_file(tmp_path, WHOLE), {"CRAMP_CDS_SERVER__PORT": "9001", "CRAMP_CDS_HOME": "x"})

    assert config.server.port == 9001


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("[serverr]\n", "site.toml", "serverr is not known."),
        ("[server]\nprot = 1\n", "[server]", "prot is not known."),
        ("[server]\nport = 'x'\n", "port", "must be 0 or a positive whole number."),
        ("[server]\nport = -1\n", "port", "must be 0 or a positive whole number."),
        ("[server]\ndocs = 1\n", "docs", "must be true or false."),
        ("[auth]\nalgorithms = [1]\n", "algorithms", "must be a list of strings."),
        ("[[client]]\niss = 'x'\n", "[[client]]", "is incomplete; missing: name."),
        ("[client]\nname = 'x'\n", "[[client]]", "must be an array of tables."),
        ("[site]\nstrict_seed = 'no'\n", "strict_seed", "must be true or false."),
        ("server = 1\n", "[server]", "must be a table."),
        ("x = \n", "site.toml", "is not TOML"),
    ],
)
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, text: str, where: str, problem: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load(_file(tmp_path, text), {})

    assert where in caught.value.where
    assert caught.value.problem.startswith(problem)


def test_the_nearest_right_spelling_is_offered(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load(_file(tmp_path, "[server]\npublic_ulr = 'x'\n"), {})

    assert caught.value.hint == "Did you mean public_url?"


def test_a_switch_that_no_pack_has_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        check_switches(SiteSettings(options={"strict_sead": True}), {"strict_seed", "safety_net"})

    assert caught.value.hint == "Did you mean strict_seed?"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[auth]\nrequired = false\n[server]\nhost = '0.0.0.0'\n", "[auth] required"),
        ("[auth]\nalgorithms = ['HS256']\n", "[auth] algorithms"),
        ("[auth]\nalgorithms = ['none']\n", "[auth] algorithms"),
        ("[store]\non_failure = 'ignore'\n[auth]\nrequired = false\n", "[store] on_failure"),
        ("", "[[client]]"),
        ("[[client]]\nname = 'a'\niss = 'x'\n", "[[client]] a"),
        ("[auth]\nrequired = false\n[cors]\norigins = ['*']\n", "[cors] origins"),
        ("[auth]\nrequired = false\n[cors]\norigins = ['null']\n", "[cors] origins"),
        (
            "[auth]\nrequired = false\n[[client]]\nname = 'a'\n[[client]]\nname = 'a'\n",
            "[[client]] name",
        ),
        (
            "[auth]\nrequired = false\n[[client]]\nname = 'a'\nfhir_base = 'ftp://x/fhir'\n",
            "[[client]] a",
        ),
        (
            "[auth]\nrequired = false\n[[client]]\nname = 'a'\nfhir_base = 'https://u@x/fhir'\n",
            "[[client]] a",
        ),
        (
            (
                "[server]\nhost = '0.0.0.0'\n[[client]]\nname = 'a'\niss = 'x'\n"
                "jwks_file = 'y'\nfhir_base = 'http://x/fhir'\n"
            ),
            "[[client]] a",
        ),
        ("[auth]\nrequired = false\n[cards]\nnot_assessed = '500'\n", "[cards] not_assessed"),
        (
            "[auth]\nrequired = false\n[[client]]\nname = 'a'\nresponses = 'none'\n",
            "[[client]] a responses",
        ),
        (
            "[auth]\nrequired = false\n[[client]]\nname = 'a'\ncreates = ['Tsk']\n",
            "[[client]] a creates",
        ),
        (
            "[[client]]\nname = 'a'\niss = 'x'\njwks_url = ['https://x/1', 'ftp://x/2']\n",
            "[[client]] a",
        ),
    ],
)
def test_a_server_that_would_not_be_safe_does_not_start(
    tmp_path: Path, text: str, where: str
) -> None:
    with pytest.raises(UsageError) as caught:
        check_server(load(_file(tmp_path, text), {}))

    assert caught.value.where == where
