"""From ranges of memory to a booted machine."""
