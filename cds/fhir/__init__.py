"""Decisions and faults as FHIR resources."""
