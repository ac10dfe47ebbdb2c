"""Experiments: a scenario, the settings that vary, what is measured, and verdicts over the table."""
