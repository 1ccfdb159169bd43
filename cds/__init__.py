"""Clinical decision support: a questionnaire response in, a decision as FHIR resources out."""

from cds.version import VERSION as __version__

__all__ = ["__version__"]
