"""A folder on disk read as a Pack, or every fault with its place."""
