"""Views: pure functions that make the rows of `rows` from a history at its cursor.

The same branch and step give the same rows, no matter how the cursor got there.
"""
