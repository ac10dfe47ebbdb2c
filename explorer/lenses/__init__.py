"""Lenses: each shows one aspect of the machine at the cursor's step. They share one panel.

A lens is two pure functions: `look` builds a small frozen row from a session, and `draw` turns the row into
lines of a given size. Therefore a lens can be tested as text, printed by text mode, and shown by one widget.
`LENSES` in `explorer.lenses.kit.registry` lists them. This package does not import Textual.
"""
