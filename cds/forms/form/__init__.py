"""What is asked: a Questionnaire compiled, with its extensions and its own faults."""
