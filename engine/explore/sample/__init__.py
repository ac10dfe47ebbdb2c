"""Sampled schedules, of what is too large to be searched."""
