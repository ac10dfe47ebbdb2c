"""The lenses by name: every module of the package is one; a lens is imported when it is first looked through.

A lens module says where it comes in the order of the key v: `PLACE = 30`. That is read off its text, so that
the names are known before any lens is loaded.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from explorer.lenses.kit.lens import Lens

_FOLDER: Final = Path(__file__).parents[1]
_PLACE: Final = re.compile(r"^PLACE = (\d+)$", re.MULTILINE)


def _listed() -> tuple[str, ...]:
    places: dict[str, int] = {}
    for path in _FOLDER.glob("[!_]*.py"):
        place = _PLACE.search(path.read_text(encoding="utf-8"))
        if place is None:
            raise ImportError(f"{path.name} is not a lens: it has no PLACE")
        places[path.stem] = int(place[1])
    return ("log", *sorted(places, key=lambda name: (places[name], name)))


LENSES: Final = _listed()
"""The lenses in the order of the key v; `log` is the event log, a panel of its own."""


@cache
def lens_named(name: str) -> Lens:
    """The lens of a name in LENSES, other than `log`."""
    found: Lens = import_module(f"explorer.lenses.{name}").LENS
    return found


def lens_called(word: str) -> str:
    """A lens's name, as a person typed it.

    Errors: BadInput when there is none of that name.
    """
    if word not in LENSES:
        raise BadInput(f"there is no lens called {word[:40]!r}; there are {', '.join(LENSES)}")
    return word
