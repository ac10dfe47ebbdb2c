"""Replay of a recorded kernel trace: its file, machine and operations, and the comparison."""
