"""Saving a run and opening it again: run logs, state strings, exported scenarios."""
