"""Debugging of a recorded run: breakpoints, causes of a value, and comparison of two moments."""
