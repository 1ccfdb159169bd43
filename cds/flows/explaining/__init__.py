"""Why a decision is what it is, and what would change it."""
