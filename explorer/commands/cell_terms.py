"""What a field of a cell means, as the reference has it: the log and the lens `why` show cells by field."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

import explorer

_CELLS: Final = Path(explorer.__file__).with_name("reference") / "cells.md"
_TABLE: Final = re.compile(r"## (\w+(?:\[[^\]]*\])?)")
_ROW: Final = re.compile(r"\| (`\w+`(?:, `\w+`)*) \| [^|]+ \| (.+) \|")
"""A row of a table: the fields, their types, what they mean."""


def cell_field_text(name: str) -> str | None:
    """Return what the fields of this name mean, one sentence for each table that has one; None for none."""
    return " ".join(_fields().get(name, ())) or None


@cache
def _fields() -> dict[str, list[str]]:
    """Field -> a sentence for each table of the page `cells` of the reference that has it."""
    found, table = defaultdict[str, list[str]](list), ""
    for line in _CELLS.read_text(encoding="utf-8").split("\n"):
        if heading := _TABLE.match(line):
            table = heading[1]
        elif row := _ROW.fullmatch(line):
            for field in re.findall(r"\w+", row[1]):
                found[field].append(f"{table}.{field}: {_plain(row[2])}.")
    return found


def _plain(text: str) -> str:
    return text.replace("`", "").replace("\\|", "|").removesuffix(".")
