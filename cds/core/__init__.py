"""Pure decision logic: values in, values out; no file, clock, chance or FHIR, and no medicine."""
