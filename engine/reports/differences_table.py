"""The rows of `differences.toml`: the differences between the design document and the kernel's source.

Row numbers never change. `here` is the behaviour of every machine of this program. A row without `here`
depends on the machine or its rules: `differences_here` computes the text.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

RULE: Final = "rule option"
SWITCH: Final = "machine switch"
SETTING: Final = "machine setting"
NOTE: Final = "note"

DOCUMENT: Final = "document"
SOURCE: Final = "source"
NEWER: Final = "newer kernel"
NEITHER: Final = "neither"


@dataclass(frozen=True)
class Row:
    """A difference between document and source.

    options: the options that select the behaviour; empty if it is fixed.
    kind:    the kind of the options: RULE, SWITCH or SETTING; or NOTE, without options: the document does not
             say it.
    """

    row: int
    subject: str
    document: str
    source: str
    here: str | None = None
    options: tuple[str, ...] = ()
    kind: str = RULE
    follows: str = SOURCE


def _row(number: int, group: str, options: tuple[str, ...] = (), **texts: Any) -> tuple[str, Row]:
    return group, Row(number, options=tuple(options), **texts)


def _groups() -> dict[str, tuple[Row, ...]]:
    text = Path(__file__).with_name("differences.toml").read_text(encoding="utf-8")
    rows = [_row(**entries) for entries in tomllib.loads(text)["row"]]
    return {
        group: tuple(row for _, row in found) for group, found in groupby(rows, key=lambda entry: entry[0])
    }


GROUPS: Final = _groups()
"""The rows by group."""
