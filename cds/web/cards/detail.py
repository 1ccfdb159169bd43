"""The text of a card, made to fit: what is left out is counted, never dropped in silence."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from cds.phrases.say import ENGLISH, Say
from cds.web.cards.markdown import escaped, line_begin, ours, shortened

# What is read in five seconds (measured: 3,514 characters were not).
MOST_SUMMARY = 90
MOST_DETAIL = 400
MOST_BULLETS = 3
MOST_LABEL = 35
_LEAST = 20  # characters of a text that is shortened
_LEAST_SIGNS = 2  # of a bullet, before another bullet is left out


class Bullet(NamedTuple):
    """One finding: its title, its signs, and the rule that it is of ("" if of none).

    `weights`: how many things each sign stands for, where one may stand for several. `line`: as it
    is drawn whole, where that is known.
    """

    title: str
    signs: tuple[str, ...]
    rule: str = ""
    weights: tuple[int, ...] = ()
    line: str = ""

    def drawn(self) -> "Bullet":
        """With its line, for one that is drawn often."""
        return self._replace(line=_line(self, len(self.signs), ENGLISH))


Closing = Callable[[Sequence[str]], Iterable[str]]


def fitted(first: str, bullets: Sequence[Bullet], closing: Closing, say: Say = ENGLISH) -> str:
    """First line in bold, at most three bullets, and the closing lines, in all at most 400.

    The first line is the pack's own, or ours: it is remembered.
    `closing` is told which rules are shown and gives the last paragraphs, escaped already.
    """
    bullets = bullets[:MOST_BULLETS]
    whole = [one.line or _line(one, len(one.signs), say) for one in bullets]
    text = _drawn(first, bullets, whole, closing)
    if len(text) <= MOST_DETAIL:  # most are
        return text
    for many in range(len(bullets), 0, -1):
        shown = bullets[:many]
        counts = [len(one.signs) for one in shown]
        while True:
            text = _drawn(first, shown, _lines(shown, counts, say), closing)
            if len(text) <= MOST_DETAIL:
                return text
            wide = [index for index, count in enumerate(counts) if count > _LEAST_SIGNS]
            if not wide:
                break
            counts[max(wide, key=lambda index: len(_line(shown[index], counts[index], say)))] -= 1
    return _cut(first, bullets[:1], closing, say)


def _cut(first: str, shown: Sequence[Bullet], closing: Closing, say: Say) -> str:
    """The first bullet alone, and even that with fewer or shorter words."""
    while True:
        lines = _lines(shown, [min(1, len(one.signs)) for one in shown], say)
        text = _drawn(first, shown, lines, closing)
        excess = len(text) - MOST_DETAIL
        if excess <= 0:
            return text
        if shown and len(_line(shown[0], 1, say)) > 2 * _LEAST:
            shown = [_shorter(shown[0], excess)]
        elif len(first) > _LEAST:
            first = shortened(first, max(_LEAST, len(first) - excess))
        else:
            return text[:MOST_DETAIL]


def _drawn(first: str, shown: Sequence[Bullet], lines: Sequence[str], closing: Closing) -> str:
    head = f"**{ours(first)}**" if first else ""
    last = closing([one.rule for one in shown if one.rule])
    return "\n\n".join(filter(None, (head, "\n".join(lines), *last)))


def _lines(shown: Sequence[Bullet], counts: Sequence[int], say: Say) -> list[str]:
    return [_line(bullet, count, say) for bullet, count in zip(shown, counts, strict=True)]


def _line(bullet: Bullet, count: int, say: Say) -> str:
    if bullet.line and count == len(bullet.signs):
        return bullet.line
    signs = list(map(escaped, bullet.signs[:count]))
    left = sum(bullet.weights[count:]) if bullet.weights else len(bullet.signs) - count
    if left:
        signs.append(say("{count} more", count=left))
    title = f"- **{escaped(bullet.title)}**"
    return f"{title}: {' · '.join(signs)}" if signs else title


def _shorter(bullet: Bullet, excess: int) -> Bullet:
    """The bullet with less of its longer half."""
    bullet, signs = bullet._replace(line=""), bullet.signs[:1]
    if signs and len(signs[0]) > len(bullet.title):
        cut = shortened(signs[0], max(_LEAST, len(signs[0]) - excess))
        return bullet._replace(signs=(cut,)) if cut != signs[0] else bullet._replace(signs=())
    cut = shortened(bullet.title, max(_LEAST, len(bullet.title) - excess))
    return bullet._replace(title=cut) if cut != bullet.title else bullet._replace(signs=())


def summary_of(head: str, parts: Sequence[str], tail: str = "") -> str:
    """`head: one, two`, as many of the parts as fit in a summary beside the tail."""
    most = MOST_SUMMARY - len(tail)
    plain = [part.replace(",", "") for part in parts if part]
    text = shortened(head, most)
    colon = ": " if head else ""
    for part in plain:
        longer = f"{text}{colon}{part}"
        colon = ", "
        if len(longer) > most:
            if text == head and most - len(text) > _LEAST:
                text = shortened(longer, most)
            break
        text = longer
    return f"{text}{tail}"


def enumerated(names: Sequence[str], most: int, say: Say = ENGLISH) -> str:
    """`a, b and 3 more` or `a, b`, within `most` characters; always at least the first, cut."""

    def listing(shown: Sequence[str]) -> str:
        listed, left = ", ".join(shown), len(names) - len(shown)
        return say("{listed} and {count} more", listed=listed, count=left) if left else listed

    for count in range(min(len(names), most), 0, -1):
        text = listing(names[:count])
        if len(text) <= most:
            return text
    room = most - len(listing(names[:1])) + len("".join(names[:1]))
    return listing([shortened(one, max(room, _LEAST)) for one in names[:1]])


def paragraph(text: str) -> str:
    """A text of the pack or of ours as a paragraph of its own."""
    return line_begin(escaped(text))
