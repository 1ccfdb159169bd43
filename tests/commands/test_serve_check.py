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
