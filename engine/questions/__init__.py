"""Questions about what comes next, made from the machine itself."""
