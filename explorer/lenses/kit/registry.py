"""The lenses by name: every module of the package is a lens, imported when it is first used.

`PLACE = 30` in a lens module gives its place in the order of the key v. It is read from the module's source,
so that the names are known before any lens is imported.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from explorer.lenses.kit.lens import Lens
from explorer.session.typed_word import word_of

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
    """The lens with a name in LENSES, other than `log`."""
    found: Lens = import_module(f"explorer.lenses.{name}").LENS
    return found


def lens_help(name: str) -> str:
    """What a lens shows, in a few words."""
    return "the steps and their changes" if name == "log" else lens_named(name).help


def lens_called(word: str) -> str:
    """Return the lens whose name a user typed, in full or abbreviated.

    Errors: BadInput if no lens has that name, or several could.
    """
    name = word_of(word, LENSES)
    if not name:
        raise BadInput(f"there is no lens called {word[:40]!r}; there are {', '.join(LENSES)}")
    return name
