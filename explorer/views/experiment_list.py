"""A list of experiments in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.experiments.listing import ExperimentListing
from engine.words import plural
from explorer.views.spans import wrapped

INDENT = "    "


def list_lines(experiments: Iterable[ExperimentListing], width: int) -> Iterator[tuple[str, str]]:
    """Lines of at most `width` columns: name and title, claim, points and section; the first has the name."""
    for one in experiments:
        head, *rest = wrapped(f"{one.name}: {one.title}", max(width, 1))
        yield head, one.name
        section = f"; section {one.section}" if one.section else ""
        for text in (*rest, f"claim: {one.claim}", f"{plural(one.points, 'point')}{section}"):
            for line in wrapped(text, max(width - len(INDENT), 1)):
                yield f"{INDENT}{line}", ""
