"""What is proven of a pack: worlds, claims about them, the solver and the witness, each apart."""
