"""A person's place in a run, and every way to move it."""
