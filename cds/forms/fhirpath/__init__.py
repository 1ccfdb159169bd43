"""FHIRPath expressions of a form, run in a process of their own within bounds."""
