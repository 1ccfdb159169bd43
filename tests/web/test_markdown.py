"""A text on a card is drawn as it stands, by the markdown readers that EHRs are built with."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cds.web.cards.markdown import escaped, line_begin, one_line

PIECES = (
    *("2~3", "4~5", "10. March", "# 5 tablets", "*", "_", "**", "~~", "`", "``", "[", "]", "(x)"),
    *("<b>", "</b>", "<!--", "&amp;", "&", "&#35;", " ", "  ", "a", "B_c", "www.x.com"),
    *("https://a.b/c", "mailto:a@b.c", "a@b.co", "|", "---", "===", "- ", "+ ", "> ", ">"),
    *("1) ", "\\", "\\*", "![x](y)", "[x]: y", "^", "$", "<http://a.b>", "<5", "{", "~~~", "```"),
    *("-5", "1.5", "0.5 mg", "·", "“q”", "...", "xmpp:a", "[ ] x", "[^1]", "a_", "5*6", "5 * 6"),
)
# Where a text stands on a card, and what is to be seen of it.
PLACES = {
    "a title": ("- **{text}**: x", "<ul>\n<li><strong>{text}</strong>: x</li>\n</ul>"),
    "signs": (
        "- **T**: {text} · {text}",
        "<ul>\n<li><strong>T</strong>: {text} · {text}</li>\n</ul>",
    ),
    "an action": ("**{text}**\n\n- a", "<p><strong>{text}</strong></p>\n<ul>\n<li>a</li>\n</ul>"),
    "a sentence": ("Text: {text}. More", "<p>Text: {text}. More</p>"),
}


def _written(text: str) -> list[tuple[str, str]]:
    """The text at each place: as markdown, and as it must be drawn."""
    made = [(line_begin(escaped(text)), f"<p>{text}</p>")]
    for source, drawn in PLACES.values():
        made.append((source.replace("{text}", escaped(text)), drawn.replace("{text}", text)))
    return made


def _plain(html: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'")):
        html = html.replace(mark, sign)
    return html.replace("&amp;", "&").strip()


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=7).map("".join).map(one_line))
def test_markdown_it_draws_a_text_as_it_stands(text: str) -> None:
    if text:
        reader = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").enable("table")
        for source, drawn in _written(text):
            assert _plain(reader.render(source)) == drawn


@pytest.mark.parametrize(
    "text",
    [
        "fast or uneven heartbeat",
        "Potassium 6.6 mmol/L (20 Nov, 12:00)",
        "strict_seed",
        "a < b > c & d",
        "5 * 6 ~ 30",
        "what next?",
    ],
)
def test_what_no_reader_would_change_gets_no_backslash(text: str) -> None:
    assert line_begin(escaped(text)) == text


@pytest.mark.slow
def test_marked_micromark_and_markdown_it_draw_a_text_as_it_stands(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed, so other markdown readers cannot be asked")
    packages = ("marked@16", "micromark@4", "micromark-extension-gfm@3", "markdown-it@14")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    ended = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", *packages],
        cwd=tmp_path,
        capture_output=True,
        timeout=180,
        check=False,
    )
    if ended.returncode:
        pytest.skip("npm could not install the markdown readers")
    shutil.copy(Path(__file__).with_name("markdown_readers.mjs"), tmp_path)
    chance = random.Random(12)  # noqa: S311 (made-up texts, no secret)
    texts = {one_line("".join(chance.choices(PIECES, k=chance.randint(1, 7)))) for _ in range(4000)}
    asked = [one for text in sorted(texts - {""}) for one in _written(text)]

    drawn: list[dict[str, Any]] = json.loads(
        subprocess.run(
            ["node", "markdown_readers.mjs"],
            input=json.dumps([source for source, _ in asked]).encode(),
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            check=True,
        ).stdout
    )

    for (source, expected), by_reader in zip(asked, drawn, strict=True):
        for reader, html in by_reader.items():
            assert _plain(html) == expected, (reader, source)
