"""The pages that a filter chooses, in the order of one of their fields: `:pages FILTER by FIELD`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.constants import PG_FICTITIOUS, PG_UNQUEUED, PQ_NONE, QUEUE_BASES
from engine.debug.placements import nodes_of, remote_pages
from engine.errors import BadInput
from engine.memory.cells import Array
from explorer.session.find_page import pages_where
from explorer.session.session import PageFilter, Session

SPECIAL: Final = "special"
"""The filter without a text: pages that are busy, held, dirty, or wired and not of the reserve."""

SORTS: Final = {
    "page": "", "queue": "page.queue", "colour": "page.pc", "busy": "page.busy_count",
    "wire": "page.wire_count", "hold": "page.hold_count", "act": "page.act_count", "dirty": "page.dirty",
    "valid": "page.valid", "object": "page.object", "pindex": "page.pindex", "node": "node",
}  # fmt: skip
"""What the list can be sorted by -> the column; a minus before the word reverses it."""

_BY: Final = re.compile(r"(.*?)\s*\bby\s+(-?)(\w+)", re.DOTALL)

Mask = npt.NDArray[np.bool_]
"""A truth value for each page."""


def _above(column: str) -> Callable[[Session], Mask]:
    return lambda session: np.asarray(column_of(session, column) > 0)


def _busy(session: Session) -> Mask:
    return np.asarray(column_of(session, "page.busy_count") != 0)


def _special(session: Session) -> Mask:
    wired = _above("page.wire_count")(session) & (column_of(session, "page.flags") & PG_UNQUEUED == 0)
    held, dirty = _above("page.hold_count")(session), _above("page.dirty")(session)
    return np.asarray(_busy(session) | wired | held | dirty)


def _remote(session: Session) -> Mask:
    return remote_pages(session.history) & ~_on(session, "FREE")


def _on(session: Session, base: str) -> Mask:
    """Whether each page is on a queue of a type."""
    queues, first = column_of(session, "page.queue"), QUEUE_BASES[base]
    return queues == PQ_NONE if base == "NONE" else (queues >= first) & (queues < first + session.vm.colors)


NAMED: Final[dict[str, Callable[[Session], Mask]]] = {
    SPECIAL: _special,
    "wired": _above("page.wire_count"),
    "busy": _busy,
    "dirty": _above("page.dirty"),
    "held": _above("page.hold_count"),
    "remote": _remote,
}
"""The filters by name; the name of an object and of a queue type are filters too, and a condition on `p`."""


def filter_words(session: Session) -> list[str]:
    """Return the filters that have a name in this run."""
    return [*NAMED, *session.names.objects, *QUEUE_BASES]


def list_pages(session: Session, text: str) -> None:
    """Show the lens of the pages that a filter chooses, and mark them in the centre.

    Errors: BadInput if it is neither a filter nor a condition on `p`, or for an unknown field to sort by.
    """
    session.page_filter = chosen = read_filter(session, text)
    pages = pages_of(session, chosen)
    session.matches, session.match, session.sought = tuple(pages.tolist()), -1, chosen.text
    session.look_through("pages")
    count = f"{pages.size:,} {'page' if pages.size == 1 else 'pages'}"
    goes = ("", "; . goes to it", "; . goes to the next one")[min(pages.size, 2)]
    session.say(f"{count}: {chosen.text}{goes}")


def read_filter(session: Session, text: str) -> PageFilter:
    """Parse a filter, and evaluate it if it is a condition.

    Errors: as list_pages.
    """
    words, sort, down = text.strip(), "page", False
    if found := _BY.fullmatch(words):
        words, sort, down = found[1].strip(), found[3], bool(found[2])
        if sort not in SORTS:
            raise BadInput(f"pages cannot be sorted by {sort[:20]!r}; use {', '.join(SORTS)}")
    words = words or SPECIAL
    if words in filter_words(session):
        return PageFilter(words, sort, down)
    if re.search(r"\bp\b", words) is None:
        known = ", ".join(filter_words(session))
        raise BadInput(f"{words[:40]!r} is not a filter; use {known}, or a condition: p.act_count > 5")
    pages = tuple(pages_where(session, words))
    return PageFilter(words, sort, down, pages, session.history.step)


def pages_of(session: Session, chosen: PageFilter) -> Array:
    """Return the pages of a filter at the cursor, sorted; a condition keeps those of its own step.

    By page, those of the reserve come last: they are wired and never on a queue, and no thread works on them.
    """
    if chosen.pages is not None:
        pages = np.array(chosen.pages, np.int64)
    else:
        pages = np.flatnonzero(_mask(session, chosen.text) & _managed(session))
    if chosen.sort == "page":
        reserved = column_of(session, "page.flags")[pages] & PG_UNQUEUED != 0
        return pages[::-1] if chosen.down else np.concatenate((pages[~reserved], pages[reserved]))
    by_node = chosen.sort == "node"
    keys = nodes_of(session.vm, pages) if by_node else column_of(session, SORTS[chosen.sort])[pages]
    order = np.argsort(-keys.astype(np.int64) if chosen.down else keys, kind="stable")
    return pages[order]


def _mask(session: Session, name: str) -> Mask:
    if name in NAMED:
        return NAMED[name](session)
    if name in session.names.objects:
        return np.asarray(column_of(session, "page.object") == session.names.objects.index(name))
    return _on(session, name)


def _managed(session: Session) -> Mask:
    """Whether a row of the page array is a page: the others are holes."""
    fictitious = column_of(session, "page.flags") & PG_FICTITIOUS
    return np.asarray((column_of(session, "page.pat_mode") != 0) | (fictitious != 0))


def column_of(session: Session, name: str) -> Array:
    """Return the values of a column, `page.queue`, for every page."""
    memory = session.vm.memory
    bare = memory.vector(name, 0, session.vm.vm_page_array_size)
    bias = memory.places[name].spec.bias
    return bare + bias if bias else bare
