"""Two versions of a pack side by side: what changed, and who is decided otherwise."""
