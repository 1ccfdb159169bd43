"""A Questionnaire in another language: the same items and codes, with the words of a translation.

Words come from FHIR's translation extension in the form itself, and before it from the pack's own
translation. What is nowhere translated stays as it is.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from cds.forms.form import extensions as ext
from cds.knowledge.read.translations import Translation, form_texts
from cds.wire import JsonObject


def form_in(form: Mapping[str, Any], language: str, texts: Translation | None = None) -> JsonObject:
    """The form with its texts in this language."""
    made: JsonObject = deepcopy(dict(form))
    made["language"] = language
    _say(made, "title", language, texts.text("form", "title") if texts else "")
    for key, element, name in form_texts(made):
        _say(element, name, language, texts.text(*key) if texts else "")
    return made


def _say(element: JsonObject, key: str, language: str, text: str) -> None:
    """Put the text, or what the element itself says in the language, in the place of `key`."""
    said = text or _embedded(element.get(f"_{key}"), language)
    if said and key in element:
        element[key] = said
        element.pop(f"_{key}", None)


def _embedded(element: object, language: str) -> str:
    """The content of FHIR's translation extension for the language."""
    for one in ext.extensions_of(element).get(ext.TRANSLATION, ()):
        lang, content = ext.part(one, "lang"), ext.part(one, "content")
        if isinstance(lang, str) and lang.lower() == language and isinstance(content, str):
            return content
    return ""


def with_translations(
    form: Mapping[str, Any], translations: Mapping[str, Translation]
) -> JsonObject:
    """The form with every translation beside its texts, as FHIR R4's translation extension."""
    made: JsonObject = deepcopy(dict(form))
    for language, texts in translations.items():
        _add(made, "title", language, texts.text("form", "title"))
        for key, element, name in form_texts(made):
            _add(element, name, language, texts.text(*key))
    return made


def _add(element: JsonObject, key: str, language: str, text: str) -> None:
    if not text or key not in element:
        return
    beside = element.setdefault(f"_{key}", {})
    beside.setdefault("extension", []).append(
        {
            "url": ext.TRANSLATION,
            "extension": [
                {"url": "lang", "valueCode": language},
                {"url": "content", "valueString": text},
            ],
        }
    )
