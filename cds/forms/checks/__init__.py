"""What can be wrong with a response: one file a family of checks, in one tuple."""
