"""What the program itself says in other languages: English stands in the code, the rest is data."""
