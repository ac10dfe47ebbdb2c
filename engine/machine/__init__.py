"""A machine: its hardware, its tables of cells, its rules and its sysctls."""
