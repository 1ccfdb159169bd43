"""What of a record is another matter: kinds of entries, and elements that are read already."""

from cds.record.said import drawn_by_hand
from cds.wire import JsonObject

# Kinds that are never about what a patient has, takes or is to get. Closed: any other is looked at.
_OTHER_MATTERS = frozenset(
    {
        # people, places, and what belongs to them
        *("Practitioner", "PractitionerRole", "RelatedPerson", "Person", "Group", "CareTeam"),
        *("Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint"),
        *("FamilyMemberHistory", "Schedule", "Slot", "Specimen", "Substance", "BodyStructure"),
        # what is not taken, was given once, or is eaten
        *("NutritionIntake", "NutritionProduct", "InventoryItem", "InventoryReport"),
        *("AllergyIntolerance", "Immunization", "ImmunizationEvaluation"),
        *("ImmunizationRecommendation",),
        # money
        *("Account", "Claim", "ClaimResponse", "Contract", "Coverage", "ChargeItem", "Invoice"),
        *("CoverageEligibilityRequest", "CoverageEligibilityResponse", "EligibilityRequest"),
        *("EligibilityResponse", "EnrollmentRequest", "EnrollmentResponse", "PaymentNotice"),
        *("ExplanationOfBenefit", "PaymentReconciliation", "ProcessRequest", "ProcessResponse"),
        # forms, which only ask; what others concluded
        *("Questionnaire", "RiskAssessment", "GuidanceResponse"),
        # the working of systems, and what things mean
        *("AuditEvent", "Provenance", "MessageHeader", "Subscription", "SubscriptionStatus"),
        *("Consent", "Linkage", "Library", "Measure", "MeasureReport", "TestScript"),
        *("TestReport", "CapabilityStatement", "CodeSystem", "ConceptMap", "ValueSet"),
        *("NamingSystem", "ImplementationGuide", "StructureMap", "SearchParameter", "Evidence"),
        *("EvidenceVariable", "EvidenceReport", "ResearchStudy", "ResearchSubject", "Citation"),
        *("MedicationKnowledge", "SubscriptionTopic", "TerminologyCapabilities", "Permission"),
    }
)
# What is read of a condition, a procedure or a medicine, or says when, where, by whom and how much.
PLAIN_KEYS = frozenset(
    {
        *("resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "status"),
        *("identifier", "code", "category", "severity", "bodySite", "subject", "patient"),
        *("clinicalStatus", "verificationStatus", "encounter", "context", "location", "performer"),
        *("onsetDateTime", "onsetPeriod", "onsetAge", "onsetRange", "onsetString", "recordedDate"),
        *("abatementDateTime", "abatementPeriod", "abatementAge", "abatementRange"),
        *("abatementString", "abatementBoolean", "assertedDate", "recorder", "asserter"),
        *("performedDateTime", "performedPeriod", "performedString", "performedAge", "recorded"),
        *("occurrenceDateTime", "occurrencePeriod", "occurrenceString", "occurrenceAge"),
        *("basedOn", "partOf", "intent", "priority", "authoredOn", "requester", "medication"),
        *("medicationCodeableConcept", "medicationReference", "dosage", "dosageInstruction"),
        *("dispenseRequest", "substitution", "reported", "reportedBoolean", "courseOfTherapyType"),
        *("effectivePeriod", "effectiveDateTime", "dateAsserted", "dateWritten", "statusReason"),
    }
)
# Catalogues: what a product or an order set is, whoever may once get it; no patient has them.
_DEFINED = ("MedicinalProduct", "Substance")


def is_another_matter(kind: str) -> bool:
    """Whether a kind of entries is never about what a patient has, takes or is to get."""
    return kind in _OTHER_MATTERS or kind.endswith("Definition") or kind.startswith(_DEFINED)


def says_more(entry: JsonObject) -> bool:
    """Whether anything stands beside what is read of a condition, a procedure or a medicine."""
    return not entry.keys() <= PLAIN_KEYS or ("text" in entry and bool(drawn_by_hand(entry)))
