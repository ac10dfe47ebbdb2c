"""CSV that a spreadsheet opens safely: a cell is never a formula, and never controls a terminal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from explorer.views.safe_text import safe

_FORMULA: Final = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?|-?inf")


def csv_lines(head: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV, with a heading.

    A cell that a spreadsheet would take for a formula starts with an apostrophe, since names, answers and
    notes are other people's.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([csv_cell(value) for value in values] for values in rows)
    return safe(stream.getvalue())


def csv_cell(value: object) -> str:
    """A cell: true and false as in JSON, nothing for null, a text in one line that is not a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else " ".join(str(value).split())
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
