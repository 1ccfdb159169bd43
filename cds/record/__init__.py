"""What the EHR already knows, turned into facts with evidence."""
