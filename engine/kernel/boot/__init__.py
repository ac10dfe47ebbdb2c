"""Boot: from ranges of physical memory to a booted machine."""
