"""Names, cells and expressions: how users and files refer to the contents of a machine."""
