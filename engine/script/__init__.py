"""The script language: from text to a flat list of instructions."""
