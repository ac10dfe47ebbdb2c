"""DragonFly BSD's physical page management as a deterministic model.

The model knows no screen: nothing here prints, reads a clock or draws a random number.
"""

__version__ = "0.1.0"
