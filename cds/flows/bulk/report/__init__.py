"""What came of a run, counted: tables that give no single person away, and a page of them."""
