"""Clinical decision support: a questionnaire response in, a decision as FHIR resources out."""

from cds.version import VERSION as __version__  # noqa: N811 - the name that Python's tools look for

__all__ = ["__version__"]
