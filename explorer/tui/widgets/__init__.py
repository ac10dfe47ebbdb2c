"""The panels, one a file: each paints the frozen rows it is given and asks its parent for what it wants."""
