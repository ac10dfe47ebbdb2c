"""The flat memory of cells, the journal of its writes, and moving it to any recorded step."""
