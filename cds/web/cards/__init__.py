"""What the EHR is told: cards, their words, their suggestions, their markdown."""
