"""The page layer's functions, under their kernel names; each is a generator of atomic steps."""
