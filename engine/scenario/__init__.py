"""Scenarios: the file format, the script language, the loader, and the library."""
