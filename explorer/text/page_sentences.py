"""The lenses of pages in sentences: a queue, an object, the hash, a search, and a list of pages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from engine.constants import NULL
from engine.words import plural
from explorer.lenses import search
from explorer.lenses.hash import Element, HashRow
from explorer.lenses.kit.object_row import BUSY, ObjectRow
from explorer.lenses.kit.page_states import WORDS
from explorer.lenses.pages import PageLine, PagesRow
from explorer.lenses.queue import Chip, QueueRow
from explorer.lenses.search import SearchRow
from explorer.text.listing import MOST, comma_list, listed, number_range

_MARKS: Final = {"L": "locked", "W": "wanted", "s": "soft busy", "w": "wired", "h": "held", "d": "dirty"}


def queue_lines(row: QueueRow) -> list[str]:
    """The pages of a queue in order, each with its state in words."""
    more = "" if row.lastq is None else f" Its lastq is {row.lastq}, its adds {row.adds}."
    head = f"{row.name} has {plural(row.total, 'page')}.{more}"
    left = row.total - min(len(row.chips), MOST)
    lines = [_chip_words(chip) for chip in row.chips[:MOST]]
    return [head, *lines, *([f"And {left:,} more pages."] if left else [])]


def _chip_words(chip: Chip) -> str:
    states = ["marker"] if chip.marks.endswith("marker") else []
    states += [word for letter, word in _MARKS.items() if letter in chip.marks.removesuffix("marker")]
    states += ["changed by the last step"] * chip.changed + ["the inspected page"] * chip.shown
    return f"Page {chip.name}: {', '.join(states)}." if states else f"Page {chip.name}."


def object_lines(row: ObjectRow) -> list[str]:
    """The fields of an object, its pages by pindex as runs, its swap blocks, and the other objects."""
    if not row.name:
        return ["This run has no objects."]
    fields = [
        f"{field.name} {f'{field.old} to {field.text} by the last step' if field.old else field.text}"
        for field in row.fields
    ]
    lines = [f"Object {row.name}, {row.why}: {comma_list(fields)}."]
    lines += listed(_resident(row), "runs of pages")
    if not row.pindexes.size:
        lines.append("It has no resident pages.")
    for mention in row.mentions:
        new, here = ", changed by the last step" * mention.new, ", the inspected page" * mention.here
        lines.append(
            f"Pindex {mention.pindex:,}: page {mention.page}{here}{new}: {' '.join(mention.words.split())}."
        )
    if row.swap:
        lines.append(
            f"Swap: {comma_list(f'pindex {pindex:,} in block {block:,}' for pindex, block in row.swap)}."
        )
    others = [f"{name} with {plural(n, 'page')}" for name, n, _ in row.others]
    if others:
        lines.append(f"Other objects: {comma_list(others)}.")
    return lines


def _resident(row: ObjectRow) -> Iterator[str]:
    """Each run of consecutive pindexes with pages in one state."""
    at = zip(row.pindexes.tolist(), row.codes.tolist(), strict=True)
    for (_, code), group in groupby(enumerate(at), key=lambda one: (one[1][0] - one[0], one[1][1])):
        pindexes = [pindex for _, (pindex, _) in group]
        busy, state = code >= BUSY, WORDS[code % BUSY]
        yield f"Pindex {number_range(pindexes[0], pindexes[-1])}: {state}{', busy' if busy else ''}."


def hash_lines(row: HashRow) -> list[str]:
    """Whether the hash finds the page, the four elements of its set, and how full the table is."""
    if not row.size:
        return ["The page hash is not allocated yet."]
    if not row.page:
        return [f"{row.why.capitalize()}.", _hash_use(row)]
    where = f"{row.object}[{row.pindex:,}]" if row.object else "no object"
    found = any(element.own for element in row.elements)
    why = "" if found else f": {row.why or 'not in its set'}"
    lines = [f"Page {row.page} of {where} is {'' if found else 'not '}found by the hash{why}."]
    lines += [_element_words(element) for element in row.elements]
    lines.append(_hash_use(row))
    return lines + listed(map(_element_words, row.listed), "elements in use")


def _hash_use(row: HashRow) -> str:
    return f"{row.used:,} elements of {row.size:,} are in use, {row.used - row.live:,} of them stale."


def _element_words(element: Element) -> str:
    if element.status == "empty":
        return f"Slot {element.slot:,}: empty."
    own = ", the inspected page" if element.own else ""
    place = f"{element.object}[{element.pindex:,}]" if element.object else "no place yet"
    return (
        f"Slot {element.slot:,}: page {element.page} at {place}, age {element.age:,}, {element.status}{own}."
    )


def search_lines(row: SearchRow) -> list[str]:
    """The search in a sentence, then each queue that it looked at."""
    visits = [
        f"Step {visit.step:,}: {visit.base}[{visit.color}], window of {plural(visit.window, 'colour')}"
        f"{'' if visit.page == NULL else ', took a page'}."
        for visit in row.path.visits
    ]
    return [f"{search.sentence(row)}.", *listed(visits, "queues")]


def pages_lines(row: PagesRow) -> list[str]:
    """The filter and its order, then each page: its name, queue, busy state and counts."""
    since = f", as found at step {row.since:,}" if row.since >= 0 else ""
    lines = [f"{row.text}, in the order of {row.order}: {plural(row.total, 'page')}{since}."]
    return [*lines, *listed((_page_words(one) for one in row.lines), "pages")]


def _page_words(one: PageLine) -> str:
    wire, hold, act = one.counts
    counts = [f"{word} {n}" for word, n in (("wired", wire), ("held", hold), ("act_count", act)) if n]
    valid, dirty = one.bits.split()
    parts = [one.queue, *([one.busy] if one.busy else []), *counts, f"valid {valid}", f"dirty {dirty}"]
    name = f" ({one.name})" if one.name else ""
    node = f"node {one.node}" if one.node >= 0 else "no node"
    return f"Page {one.number}{name}: {', '.join([*parts, node])}{', changed' if one.changed else ''}."
