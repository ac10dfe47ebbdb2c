"""The flat memory of cells, the journal of its writes, and its past."""
