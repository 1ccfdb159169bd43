"""A pack as a clinician reads it: the page, its parts, its words and its evidence."""
