"""The form as one file that needs no network and no server: it asks, alarms, decides, hands out.

Style, scripts, the pack's tree and all words stand in the page; it requests nothing. The decision
is that of the page's script, which the tests hold to the engine's.
"""

from datetime import UTC, datetime

from markupsafe import Markup

from cds import wire
from cds.core.model import Rule
from cds.core.pack import Pack
from cds.errors import UsageError
from cds.web.form.answering import answered
from cds.web.form.drawing import FormPage, form_values
from cds.web.form.offered import SCRIPT_PREFIX, Spoken
from cds.web.form.pages import render, static
from cds.web.form.patient import Known
from cds.web.form.result import _source_of
from cds.wire import JsonObject

_MOST = 200_000
SCRIPTS = ("engine.js", "", "alone.js", "form.js")  # the knowledge stands where the gap is
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # nothing of the page shows it


def exported(spoken: Spoken) -> bytes:
    """The page of one form in one language.

    Raises:
        UsageError: the form asks for files, or is too large for one page.
    """
    if spoken.has_files:
        hint = "Serve it instead."
        raise UsageError("form", "asks for files, which a page alone cannot keep.", hint)
    page = FormPage({}, answered(spoken, {}, Known(), _EPOCH), None, started=False)
    values = form_values(spoken, page, {spoken.language: spoken.words("page.language")})
    files = {name: static(name) for name in SCRIPTS if name}
    knowledge = f"{SCRIPT_PREFIX}{_inline(_texts_of(spoken))});"
    html = render(
        "export.html",
        spoken.words,
        spoken.title,
        {
            **values,
            "action": "#",
            "token": "",
            "number": spoken.number,
            "reviewed": spoken.reviewed,
            "knowledge": "",
            "assets": {},
            "style": Markup(static("form.css")),  # noqa: S704 - ours
            "scripts": [files.get(name, knowledge) for name in SCRIPTS],
        },
    )
    data = html.encode()
    if len(data) > _MOST:
        raise UsageError("form", f"makes a page of more than {_MOST} bytes.", "Serve it instead.")
    return data


def _texts_of(spoken: Spoken) -> JsonObject:
    """The tree, and besides the words of the page those of the result."""
    pack, words = spoken.engine.pack, spoken.words
    shown = {
        key.removeprefix("result."): text
        for key, text in words.texts.items()
        if key.startswith("result.")
    }
    shown |= {
        "taken-back": words("page.alarm-taken-back"),
        "send-open": words("page.send-open"),
    }
    more = {
        "result": shown,
        "detail": {rule.id: _detail(pack, rule) for rule in pack.rules.rules},
        "causes": {one.id: spoken.cause(one) for one in pack.rules.causes},
        "advice": {one.id: spoken.advice(one) for one in pack.advice},
        "questions": {
            item.link_id: item.text
            for item in spoken.form.by_link_id.values()
            if item.type not in {"group", "display"}
        },
        "negative": spoken.wording("negative"),
        "notes": spoken.notes,
    }
    return {"knowledge": spoken.knowledge["knowledge"], "texts": {**spoken.page_texts, **more}}


def _detail(pack: Pack, rule: Rule) -> JsonObject:
    sources = [_source_of(pack, one) for one in rule.sources]
    return {
        "reading": rule.reading,
        "sources": [f"{one['id']}: {one['text']}" for one in sources],
    }


def _inline(value: JsonObject) -> str:
    """JSON that may stand in a script: nothing in it can end the script."""
    text = wire.write(value).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
