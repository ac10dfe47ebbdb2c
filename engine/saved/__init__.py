"""A run in a form that can be kept and opened again."""
