"""`serve --check-config`: everything that a start would read, without a start."""

from pathlib import Path

import pytest

from tests.commands.assess_kit import Call


def test_a_good_configuration_says_what_would_be_served(call: Call, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[server]\npublic_url = "https://cds.example.org"\n'
        '[[client]]\nname = "a"\niss = "https://ehr.example.org"\n'
        'jwks_url = "https://ehr.example.org/jwks.json"\n'
        '[store]\nurl = "postgresql+psycopg://cds:hidden@db.example.org/log"\n'
    )

    done = call("serve", "--check-config", "--config", site)

    assert done.code == 0
    assert done.text.startswith("Would serve https://cds.example.org/cds-services\nPack cramps ")
    assert "Client a: iss https://ehr.example.org" in done.text
    assert "db.example.org" in done.text
    assert "hidden" not in done.text + done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[serverr]\n", "serverr is not known"),
        ("[auth]\nrequired = false\n[site]\nstrict_sed = true\n", "strict_sed"),
        (
            '[[client]]\nname = "a"\niss = "https://x.example"\njwks_file = "nowhere.json"\n',
            "nowhere.json",
        ),
        ("[server]\nhost = '0.0.0.0'\n[auth]\nrequired = false\n", "[auth] required"),
    ],
)
def test_what_a_start_would_refuse_is_told_with_its_place(
    call: Call, tmp_path: Path, text: str, said: str
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(text)

    done = call("serve", "--check-config", "--config", site)

    assert done.code == 2
    assert said in done.err
    assert list(tmp_path.iterdir()) == [site]


def test_all_faults_are_told_at_once_and_none_that_follows_from_another(
    call: Call, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[serverr]\n[server]\nprot = 1\nport = "x"\n'
        '[limits]\nbody_bytes = -1\n[[client]]\niss = "x"\n'
    )

    done = call("serve", "--check-config", "--config", site)

    assert done.code == 2
    told = [line for line in done.err.splitlines() if line.startswith("cramp-cds: ")]
    assert [line.rpartition(": ")[2] for line in told] == [
        "serverr is not known.",
        "name.",
        "prot is not known.",
        "must be 0 or a positive whole number.",
        "must be 0 or a positive whole number.",
    ]


def test_what_makes_no_sense_together_is_told_at_once_too(call: Call, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[auth]\nalgorithms = ["HS256"]\n[store]\non_failure = "wait"\n'
        '[[client]]\nname = "a"\niss = "i"\njwks_url = "http://x.example/j"\n'
        '[[client]]\nname = "a"\n'
    )

    done = call("serve", "--check-config", "--config", site, "--host", "0.0.0.0")  # noqa: S104 - nothing is served

    for said in ("on_failure", "HS256", "is not an https address", "used twice", "must sign"):
        assert said in done.err
