"""What is proven of a pack: the worlds, the claims about them, the solver, and the witness. Four ideas, four files."""
