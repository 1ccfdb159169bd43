"""From bytes of a response (and a record) to a decision: which form, which reading, which facts."""
