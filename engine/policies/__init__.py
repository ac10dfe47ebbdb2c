"""Replacement policies of the textbooks, each one a class: how many references miss with N frames.

>>> from engine.policies.comparison import measure
>>> from engine.references.reader import read_references
>>> string = read_references("made:loop:pages=100,length=1000")
>>> measure(string, "lru", 99).misses, measure(string, "opt", 99).misses
(1000, 109)
"""
