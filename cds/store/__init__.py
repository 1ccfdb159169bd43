"""The decision log: append-only, chained by hash."""
