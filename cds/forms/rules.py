"""Every rule that can be reported: its severity, its FHIR issue code, and what to do about it.

The ids are those of the vocabulary that several validators share (`SHARED`), where that has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for every issue of one rule, unless the check knows better."""

    severity: str
    code: str
    help: str


RULES: Mapping[str, Rule] = {
    # which form
    "questionnaireMissing": Rule(
        "information", "required", "Name the form in QuestionnaireResponse.questionnaire."
    ),
    "questionnaireNotFound": Rule(
        "warning", "not-found", "Give the form with --questionnaire or --support."
    ),
    "questionnaireMismatch": Rule(
        "error", "business-rule", "Validate against the form that the response names."
    ),
    "questionnaireVersion": Rule(
        "warning", "business-rule", "Validate against the version that was answered."
    ),
    "questionnaireWrongType": Rule(
        "error", "invalid", "The canonical must lead to a Questionnaire."
    ),
    "questionnaireDraft": Rule("warning", "business-rule", "Use a form whose status is active."),
    "questionnaireRetired": Rule("warning", "business-rule", "Use a form whose status is active."),
    "questionnaireInactive": Rule(
        "warning", "business-rule", "Use the form that was in force on that day."
    ),
    "subjectType": Rule(
        "warning", "business-rule", "The form names the types of subject it is for."
    ),
    "subject": Rule("information", "required", "Say whom the answers are about."),
    "authored": Rule(
        "information", "required", "A completed response should say when and by whom it was given."
    ),
    "modifierExtension": Rule(
        "warning", "not-supported", "Not judged: an extension here may change the meaning."
    ),
    # structure
    "structure": Rule("error", "structure", "See the definition of QuestionnaireResponse."),
    "value": Rule("error", "value", "See the FHIR datatype."),
    "tooCostly": Rule("error", "too-costly", "Split the input, or nest it less deeply."),
    "noLinkId": Rule("error", "required", "Every item needs the linkId of its question."),
    "invalidLinkId": Rule("error", "not-found", "Use a linkId of the form."),
    "wrongPlace": Rule("error", "structure", "Put the item where the form has it."),
    "order": Rule("error", "structure", "Keep the order of the form."),
    "itemUnderQuestion": Rule(
        "error", "structure", "Below a question use answer.item, below a group item.item."
    ),
    "groupShouldNotHaveAnswers": Rule("error", "structure", "A group has items, no answers."),
    "displayAnswer": Rule("error", "structure", "A display is only shown; leave the answer out."),
    "repeats": Rule("error", "invalid", "Give one answer, or let the item repeat in the form."),
    "text": Rule(
        "warning", "invalid", "Keep the wording that was answered, or leave item.text out."
    ),
    "invalidType": Rule("error", "structure", "Give the item a type that can be answered."),
    "emptyAnswer": Rule("error", "structure", "Leave out what has no content."),
    # presence and enablement
    "required": Rule("error", "required", "Answer the question."),
    "minCount": Rule("error", "business-rule", "Give more answers."),
    "maxCount": Rule("error", "business-rule", "Give fewer answers."),
    "notEnabled": Rule(
        "error", "invalid", "Remove the item, or correct the answers that disable it."
    ),
    "enableWhenExpression": Rule(
        "warning", "not-supported", "Not checked: whether the item is enabled."
    ),
    "enableWhen": Rule("warning", "not-supported", "Not checked: whether the item is enabled."),
    "readOnly": Rule("warning", "business-rule", "The form fixes this answer."),
    "calculatedExpression": Rule("warning", "business-rule", "Calculate the answer again."),
    # values
    "invalidAnswerType": Rule(
        "error", "structure", "Use the value[x] that the item type asks for."
    ),
    "invalidAnswerOption": Rule("error", "business-rule", "Choose one of the options of the form."),
    "exclusiveAnswerOption": Rule(
        "error", "business-rule", "This option cannot stand beside others."
    ),
    "invalidCoding": Rule("error", "code-invalid", "Choose a code of the value set."),
    "valueSetNotChecked": Rule(
        "warning", "not-supported", "Not checked: give the expanded ValueSet with --support."
    ),
    "maxLength": Rule("error", "business-rule", "Shorten the text."),
    "minLength": Rule("error", "business-rule", "Write more."),
    "regex": Rule("error", "business-rule", "Write it in the format that the form asks for."),
    "regexNotChecked": Rule(
        "warning",
        "not-supported",
        "Not checked: rewrite the pattern without look-around or back-references.",
    ),
    "invalidNewLine": Rule(
        "warning", "business-rule", "Use an item of type text for several lines."
    ),
    "minValue": Rule("error", "business-rule", "Give a value inside the limits."),
    "maxValue": Rule("error", "business-rule", "Give a value inside the limits."),
    "minValueIncompatUnits": Rule(
        "error", "value", "Use a unit that can be compared with the limit's."
    ),
    "maxValueIncompatUnits": Rule(
        "error", "value", "Use a unit that can be compared with the limit's."
    ),
    "maxDecimalPlaces": Rule(
        "error", "business-rule", "Round to the decimals that the form allows."
    ),
    "limitNotChecked": Rule(
        "warning", "not-supported", "Not checked: the limit is an expression or cannot be read."
    ),
    "invalidUnit": Rule("error", "business-rule", "Use a unit of the form."),
    "invalidUnitValueSet": Rule("error", "code-invalid", "Use a unit of the value set."),
    "invalidAttachmentType": Rule(
        "error", "business-rule", "Attach a file of a type that the form allows."
    ),
    "maxAttachmentSize": Rule("error", "business-rule", "Attach a smaller file."),
    "attachmentSizeInconsistent": Rule(
        "error", "invalid", "Make size the count of bytes of the decoded data."
    ),
    "invalidRefValue": Rule(
        "error", "invalid", "Write Type/id, an absolute url, urn:uuid:… or #contained."
    ),
    "invalidRefResourceType": Rule("error", "value", "Refer to a FHIR resource type."),
    "invalidRefResourceTypeRestriction": Rule(
        "error", "value", "Refer to a resource of a type that the form allows."
    ),
    "invalidUrlValue": Rule("error", "value", "Write an absolute or relative url, or urn:uuid:…"),
    "invariant": Rule(
        "error", "invariant", "Change the answers so that the constraint of the form holds."
    ),
    "invariantExecution": Rule(
        "warning", "not-supported", "Not checked: mend the expression in the form."
    ),
    "expressionNotChecked": Rule(
        "warning", "not-supported", "Not checked: the expression cannot be evaluated here."
    ),
    # the form's own faults
    "questionnaireItem": Rule("warning", "structure", "Mend the form."),
    "questionnaireTooDeep": Rule("warning", "too-costly", "Flatten the form."),
    "ok": Rule("information", "informational", ""),
}

# Ids of http://forms-lab.com's vocabulary, which other validators emit too.
SHARED = frozenset(
    {
        "questionnaireNotFound",
        "questionnaireDraft",
        "questionnaireRetired",
        "questionnaireInactive",
        "invalidLinkId",
        "groupShouldNotHaveAnswers",
        "displayAnswer",
        "repeats",
        "invalidType",
        "required",
        "minCount",
        "maxCount",
        "invalidAnswerType",
        "invalidAnswerOption",
        "invalidCoding",
        "exclusiveAnswerOption",
        "maxLength",
        "minLength",
        "regex",
        "invalidNewLine",
        "minValue",
        "maxValue",
        "minValueIncompatUnits",
        "maxValueIncompatUnits",
        "maxDecimalPlaces",
        "invalidUnit",
        "invalidUnitValueSet",
        "invalidAttachmentType",
        "maxAttachmentSize",
        "attachmentSizeInconsistent",
        "invalidRefValue",
        "invalidRefResourceType",
        "invalidRefResourceTypeRestriction",
        "invalidUrlValue",
        "invariant",
        "invariantExecution",
        "notEnabled",
    }
)
