"""Replaying a recorded kernel trace: its file, its machine, its operations, and the comparison."""
