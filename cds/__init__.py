"""Clinical decision support: a questionnaire response in, a decision as FHIR resources out."""
