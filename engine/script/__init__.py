"""The script language: compiles text to a flat list of instructions."""
