"""Every rule that can be reported: its severity, its FHIR issue code, and what to do about it.

The ids are those of the vocabulary that several validators share, where that has one.
"""

from collections.abc import Mapping

from cds.forms.checks.rule import IssueRule
from cds.forms.checks.rules_of_fhir import RULES_OF_FHIR
from cds.forms.checks.vocabulary import SHARED

__all__ = ["RULES", "SHARED", "IssueRule"]


RULES: Mapping[str, IssueRule] = {
    # which form
    "questionnaireMissing": IssueRule(
        "information",
        "required",
        "Form not named",
        "Name the form in QuestionnaireResponse.questionnaire.",
    ),
    "questionnaireNotFound": IssueRule(
        "warning", "not-found", "Form not found", "Give the form with --questionnaire or --support."
    ),
    "questionnaireMismatch": IssueRule(
        "error",
        "business-rule",
        "Answers of another form",
        "Validate against the form that the response names.",
    ),
    "questionnaireVersion": IssueRule(
        "warning",
        "business-rule",
        "Answers of another version of the form",
        "Validate against the version that was answered.",
    ),
    "questionnaireWrongType": IssueRule(
        "error",
        "invalid",
        "Canonical does not lead to a form",
        "The canonical must lead to a Questionnaire.",
    ),
    "questionnaireDraft": IssueRule(
        "warning", "business-rule", "Form is a draft", "Use a form whose status is active."
    ),
    "questionnaireRetired": IssueRule(
        "warning", "business-rule", "Form is retired", "Use a form whose status is active."
    ),
    "questionnaireInactive": IssueRule(
        "warning",
        "business-rule",
        "Form not in force at that time",
        "Use the form that was in force on that day.",
    ),
    "subjectType": IssueRule(
        "warning",
        "business-rule",
        "Subject of another type",
        "Use a type of subject that the form allows.",
    ),
    "subject": IssueRule(
        "information", "required", "Subject not named", "Say whom the answers are about."
    ),
    "authored": IssueRule(
        "information",
        "required",
        "Author or time not named",
        "A completed response should say when and by whom it was given.",
    ),
    "unanswered": IssueRule(
        "warning",
        "required",
        "Completed without an answer",
        "Answer the questions, or let the status be in-progress.",
    ),
    "modifierExtension": IssueRule(
        "warning",
        "not-supported",
        "Unknown modifier extension",
        "Not judged: an extension here may change the meaning.",
    ),
    # structure
    **RULES_OF_FHIR,
    "tooCostly": IssueRule(
        "error", "too-costly", "Too large to judge", "Split the input, or nest it less deeply."
    ),
    "noLinkId": IssueRule(
        "error", "required", "No linkId", "Every item needs the linkId of its question."
    ),
    "invalidLinkId": IssueRule("error", "not-found", "Unknown linkId", "Use a linkId of the form."),
    "wrongPlace": IssueRule(
        "error", "structure", "Item in the wrong place", "Put the item where the form has it."
    ),
    "order": IssueRule("error", "structure", "Items out of order", "Keep the order of the form."),
    "itemUnderQuestion": IssueRule(
        "error",
        "structure",
        "Item directly under a question",
        "Below a question use answer.item, below a group item.item.",
    ),
    "groupShouldNotHaveAnswers": IssueRule(
        "error", "structure", "Answer on a group", "A group has items, no answers."
    ),
    "displayAnswer": IssueRule(
        "error",
        "structure",
        "Answer on a display",
        "A display is only shown; leave the answer out.",
    ),
    "repeats": IssueRule(
        "error",
        "invalid",
        "Repeated although it must not be",
        "Give one answer, or let the item repeat in the form.",
    ),
    "text": IssueRule(
        "warning",
        "invalid",
        "Wording differs from the form",
        "Keep the wording that was answered, or leave item.text out.",
    ),
    "invalidType": IssueRule(
        "error",
        "structure",
        "Abstract question answered",
        "Give the item a type that can be answered.",
    ),
    "emptyAnswer": IssueRule(
        "error", "structure", "Answer without content", "Leave out what has no content."
    ),
    # presence and enablement
    "required": IssueRule("error", "required", "Required answer missing", "Answer the question."),
    "minCount": IssueRule("error", "business-rule", "Too few answers", "Give more answers."),
    "maxCount": IssueRule("error", "business-rule", "Too many answers", "Give fewer answers."),
    "notEnabled": IssueRule(
        "error",
        "invalid",
        "Answer to a question that is not asked",
        "Remove the item, or correct the answers that disable it.",
    ),
    "enableWhenExpression": IssueRule(
        "warning",
        "not-supported",
        "Enablement not checked",
        "Not checked: whether the item is enabled.",
    ),
    "enableWhen": IssueRule(
        "warning",
        "not-supported",
        "Condition of the form not checked",
        "Not checked: whether the item is enabled.",
    ),
    "readOnly": IssueRule(
        "warning", "business-rule", "Fixed answer changed", "The form fixes this answer."
    ),
    "calculatedExpression": IssueRule(
        "warning", "business-rule", "Differs from the calculation", "Calculate the answer again."
    ),
    # values
    "invalidAnswerType": IssueRule(
        "error",
        "structure",
        "Answer of a wrong type",
        "Use the value[x] that the item type asks for.",
    ),
    "invalidAnswerOption": IssueRule(
        "error",
        "business-rule",
        "Answer not among the options",
        "Choose one of the options of the form.",
    ),
    "exclusiveAnswerOption": IssueRule(
        "error",
        "business-rule",
        "Exclusive option beside others",
        "This option cannot stand beside others.",
    ),
    "invalidCoding": IssueRule(
        "error", "code-invalid", "Code not in the value set", "Choose a code of the value set."
    ),
    "valueSetNotChecked": IssueRule(
        "warning",
        "not-supported",
        "Value set not checked",
        "Not checked: give the expanded ValueSet with --support.",
    ),
    "maxLength": IssueRule("error", "business-rule", "Text too long", "Shorten the text."),
    "minLength": IssueRule("error", "business-rule", "Text too short", "Write more."),
    "regex": IssueRule(
        "error", "business-rule", "Wrong format", "Write it in the format that the form asks for."
    ),
    "regexNotChecked": IssueRule(
        "warning",
        "not-supported",
        "Format not checked",
        "Not checked: rewrite the pattern without look-around or back-references.",
    ),
    "invalidNewLine": IssueRule(
        "warning",
        "business-rule",
        "Line break in one line",
        "Use an item of type text for several lines.",
    ),
    "minValue": IssueRule(
        "error", "business-rule", "Below the limit", "Give a value inside the limits."
    ),
    "maxValue": IssueRule(
        "error", "business-rule", "Above the limit", "Give a value inside the limits."
    ),
    "minValueIncompatUnits": IssueRule(
        "error",
        "value",
        "Unit does not fit the lower limit",
        "Use a unit that can be compared with the limit's.",
    ),
    "maxValueIncompatUnits": IssueRule(
        "error",
        "value",
        "Unit does not fit the upper limit",
        "Use a unit that can be compared with the limit's.",
    ),
    "maxDecimalPlaces": IssueRule(
        "error", "business-rule", "Too many decimals", "Round to the decimals that the form allows."
    ),
    "limitNotChecked": IssueRule(
        "warning",
        "not-supported",
        "Limit not checked",
        "Not checked: the limit is an expression or cannot be read.",
    ),
    "invalidUnit": IssueRule(
        "error", "business-rule", "Unit not among the options", "Use a unit of the form."
    ),
    "invalidUnitValueSet": IssueRule(
        "error", "code-invalid", "Unit not in the value set", "Use a unit of the value set."
    ),
    "invalidAttachmentType": IssueRule(
        "error",
        "business-rule",
        "Attachment of a wrong type",
        "Attach a file of a type that the form allows.",
    ),
    "maxAttachmentSize": IssueRule(
        "error", "business-rule", "Attachment too large", "Attach a smaller file."
    ),
    "attachmentSizeInconsistent": IssueRule(
        "error",
        "invalid",
        "Size differs from the data",
        "Make size the count of bytes of the decoded data.",
    ),
    "invalidRefValue": IssueRule(
        "error",
        "invalid",
        "Unreadable reference",
        "Write Type/id, an absolute url, urn:uuid:… or #contained.",
    ),
    "invalidRefResourceType": IssueRule(
        "error", "value", "Reference without a resource type", "Refer to a FHIR resource type."
    ),
    "invalidRefResourceTypeRestriction": IssueRule(
        "error",
        "value",
        "Reference to a type that is not allowed",
        "Refer to a resource of a type that the form allows.",
    ),
    "invalidUrlValue": IssueRule(
        "error", "value", "Not a url", "Write an absolute or relative url, or urn:uuid:…"
    ),
    "invariant": IssueRule(
        "error",
        "invariant",
        "Constraint does not hold",
        "Change the answers so that the constraint of the form holds.",
    ),
    "invariantExecution": IssueRule(
        "warning",
        "not-supported",
        "Constraint not checked",
        "Not checked: fix the expression in the form.",
    ),
    "expressionNotChecked": IssueRule(
        "warning",
        "not-supported",
        "Expression not checked",
        "Not checked: the expression cannot be evaluated here.",
    ),
    # the form's own faults
    "questionnaireItem": IssueRule(
        "warning", "structure", "Faulty item of the form", "Fix the form."
    ),
    "questionnaireTooDeep": IssueRule(
        "warning", "too-costly", "Form too large", "Flatten the form."
    ),
    "ok": IssueRule("information", "informational", "No issue", ""),
}
