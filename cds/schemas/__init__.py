"""The documents that programs read, as JSON Schema: decision, validation, fault."""
