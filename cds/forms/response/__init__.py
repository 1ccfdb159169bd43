"""What was answered: the tree of items, which of them are enabled, and their places."""
