"""Clinical decision support for leg and muscle cramps: a questionnaire response in, FHIR resources out."""
