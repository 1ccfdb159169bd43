"""The extensions that a Questionnaire carries its finer rules in.

Their addresses, and how to read one.
"""

from collections.abc import Mapping
from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"

HIDDEN = CORE + "questionnaire-hidden"
MIN_OCCURS = CORE + "questionnaire-minOccurs"
MAX_OCCURS = CORE + "questionnaire-maxOccurs"
OPTION_EXCLUSIVE = CORE + "questionnaire-optionExclusive"
UNIT = CORE + "questionnaire-unit"
UNIT_OPTION = CORE + "questionnaire-unitOption"
UNIT_VALUE_SET = CORE + "questionnaire-unitValueSet"
REFERENCE_RESOURCE = CORE + "questionnaire-referenceResource"
CONSTRAINT = CORE + "questionnaire-constraint"
TARGET_CONSTRAINT = CORE + "targetConstraint"
VARIABLE = CORE + "variable"
MIN_VALUE = CORE + "minValue"
MAX_VALUE = CORE + "maxValue"
MIN_LENGTH = CORE + "minLength"
REGEX = CORE + "regex"
ENTRY_FORMAT = CORE + "entryFormat"
MAX_DECIMAL_PLACES = CORE + "maxDecimalPlaces"
MIME_TYPE = CORE + "mimeType"
MAX_SIZE = CORE + "maxSize"
TRANSLATION = CORE + "translation"
CQF_EXPRESSION = CORE + "cqf-expression"
CQF_CALCULATED = CORE + "cqf-calculatedValue"
# R5's element, as R4 and R4B carry it.
ANSWER_CONSTRAINT = (
    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.item.answerConstraint"
)
SHORT_TEXT = SDC + "shortText"
MIN_QUANTITY = SDC + "minQuantity"
MAX_QUANTITY = SDC + "maxQuantity"
ENABLE_WHEN_EXPRESSION = SDC + "enableWhenExpression"
CALCULATED_EXPRESSION = SDC + "calculatedExpression"
ANSWER_EXPRESSION = SDC + "answerExpression"
OPTIONS_TOGGLE = SDC + "answerOptionsToggleExpression"
SUB_QUESTIONNAIRE = SDC + "subQuestionnaire"
# The Finnish address is older than SDC's; published forms use it, and HL7's validator reads it
# alike.
ENABLE_WHEN_EXPRESSIONS = (
    ENABLE_WHEN_EXPRESSION,
    "http://phr.kanta.fi/StructureDefinition/fiphr-ext-questionnaire-enablewhen",
)

Extensions = Mapping[str, tuple[dict[str, Any], ...]]


def extensions_of(element: object, key: str = "extension") -> dict[str, tuple[dict[str, Any], ...]]:
    """The extensions of one element by their url; whatever is not an extension is left out."""
    listed = element.get(key) if isinstance(element, dict) else None
    if not isinstance(listed, list) or not listed:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for extension in listed:
        url = extension.get("url") if isinstance(extension, dict) else None
        if isinstance(url, str):
            found.setdefault(url, []).append(extension)
    return {url: tuple(extensions) for url, extensions in found.items()}


def value_of(extension: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The `value[x]` of an extension: its type name (`Quantity`, `integer`) and the value."""
    for key, value in extension.items():
        if key.startswith("value") and len(key) > len("value"):
            return key.removeprefix("value"), value
    return None


def first_value(extensions: Extensions, url: str) -> Any | None:
    """The value of the first extension with this url, or None."""
    for extension in extensions.get(url, ()):
        typed = value_of(extension)
        if typed is not None:
            return typed[1]
    return None


def calculation(element: object) -> Any | None:
    """The expression that gives the value of an element, under either of its two addresses."""
    extensions = extensions_of(element)
    found = first_value(extensions, CQF_EXPRESSION)
    return first_value(extensions, CQF_CALCULATED) if found is None else found


def part(extension: Mapping[str, Any], name: str) -> Any | None:
    """The value of one part of a complex extension (`key`, `severity` …)."""
    return first_value(extensions_of(extension), name)


def expression_of(value: object) -> tuple[str, str] | None:
    """Language and text of an Expression (or of a bare FHIRPath string); None if it is neither."""
    if isinstance(value, str):
        return "text/fhirpath", value
    if isinstance(value, dict) and isinstance(value.get("expression"), str):
        language = value.get("language")
        return (language if isinstance(language, str) else "text/fhirpath"), value["expression"]
    return None
