"""What a code may be: code systems and value sets that are at hand."""
