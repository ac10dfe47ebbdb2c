"""Questions about what happens next, generated from the machine."""
