"""A pack in FHIR's own forms: what other engines, browsers and package tools read."""
