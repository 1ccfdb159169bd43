"""What FHIR itself says of every element: HL7's definitions as tables, and their checker."""
