"""Scenarios: the file format, the loader, the checks and the library."""
