"""The panels, one per file: each paints the frozen rows it receives and posts requests to its parent."""
