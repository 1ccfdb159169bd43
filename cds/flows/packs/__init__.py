"""What is done with a pack: golden cases, trace, comparison, page, publication, scaffold."""
