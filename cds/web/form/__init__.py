"""The form: any Questionnaire of a pack as a page, its alarm while answering, and the result."""
