"""FHIRPath as its specification has it: what is run here is right, and the rest is refused."""
