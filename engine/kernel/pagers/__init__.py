"""Pagers, swap space, and the I/O under way."""
