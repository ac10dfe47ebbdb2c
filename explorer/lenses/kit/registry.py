"""Finding a lens by its name; its module is imported when it is first looked through."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from explorer.lenses.kit.lens import Lens


@cache
def lens_named(name: str) -> Lens:
    """The lens of a name in LENSES, other than `log`."""
    found: Lens = import_module(f"explorer.lenses.{name}").LENS
    return found
