"""Figures of a whole run, `run.*`: what an experiment measures."""
