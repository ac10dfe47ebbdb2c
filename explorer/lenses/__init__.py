"""Lenses: ways to look at the machine of the cursor's step, one at a time in the panel they share.

A lens is two pure functions: `look` makes a small frozen row from a session, `draw` makes lines of a given
size from the row. So a lens can be tested as text, printed by the text mode, and shown by one widget. The
table `LENSES` in `explorer.lenses.kit.registry` names them all. Importable without Textual.
"""
