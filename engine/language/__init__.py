"""How people and files name what is in a machine: names, cells and expressions, the same everywhere."""
