"""Pagers, swap space, and pending I/O."""
