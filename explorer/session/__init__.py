"""A user's session: the position in a run, and everything that moves it."""
