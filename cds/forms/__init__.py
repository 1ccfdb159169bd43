"""Questionnaire semantics on plain JSON, for any Questionnaire."""
