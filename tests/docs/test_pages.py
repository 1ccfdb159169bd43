"""Every fence of a page is run by a test, or is named with the reason why not."""

import tomllib

import pytest

from tests.docs.pages import NOT_RUN, PAGES, ROOT, Block, blocks, commands, not_as_shown

ALL = [block for page in PAGES for block in blocks(page)]
OURS = ("python ", "cramp-cds ", "make ", "pip ", "curl ")


def test_every_page_that_has_fences_is_known() -> None:
    there = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.md")
        if path.relative_to(ROOT).parts[0] not in {"out", "tests"}
        and not path.relative_to(ROOT).parts[0].startswith(".")
    }

    assert there - set(PAGES) == {"CHANGELOG.md"}


def test_every_fence_says_what_it_is() -> None:
    kinds = {"sh", "console", "python", "toml", "text"}

    assert [block.place for block in ALL if block.kind not in kinds] == []


def test_no_command_hides_in_a_fence_that_is_not_run() -> None:
    plain = [block for block in ALL if block.kind == "text"]

    lines = [(block.place, line) for block in plain for line in block.text.splitlines()]
    assert [place for place, line in lines if line.lstrip("$ ").startswith(OURS)] == []


def test_what_is_not_run_stands_on_a_page_and_says_why() -> None:
    shown = {
        command.text for block in ALL if block.kind == "console" for command in commands(block)
    }
    shown |= {block.text.splitlines()[0] for block in ALL if block.kind == "python"}

    assert set(NOT_RUN) - shown == set()
    assert all(NOT_RUN.values())


@pytest.mark.parametrize("block", [b for b in ALL if b.kind == "toml"], ids=lambda b: b.place)
def test_every_file_that_is_shown_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ((), None),
        (("one", "two", "three"), None),
        (("one", "…"), None),
        (("…", "three"), None),
        (("one", "…", "three"), None),
        (("o …", "tw…", "three"), None),
        (("one", "three"), "three"),
        (("two", "three"), "two"),
        (("…", "four"), "four"),
        (("one", "two"), "(and no more than) two"),
    ],
)
def test_what_a_page_shows_is_compared_line_by_line(
    shown: tuple[str, ...], missing: str | None
) -> None:
    assert not_as_shown(shown, "one\ntwo  \nthree\n") == missing
