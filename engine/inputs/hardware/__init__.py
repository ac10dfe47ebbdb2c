"""Conversion of a machine's description, from a file or the operating system, to a Hardware."""
