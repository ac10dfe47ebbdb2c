"""A [[thread]] table that stands for several threads, numbered from 0: `each = "cpu"`, or `count`.

The table is copied before it is read. In the strings of a copy, `{i}` is its number: `name = "app{i}"`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from engine.scenario.parameters import NUMBER
from engine.scenario.toml_reader import Section

MOST_THREADS: Final = 1024
"""The limit of the threads that the tables of a file stand for together."""

EACH: Final = ("cpu",)
"""What there can be a thread for each of."""

_PLACE: Final = f"{{{NUMBER}}}"


def numbered(parts: Iterable[Section], cpus: Callable[[], int]) -> Iterator[Section]:
    """Yield the tables of the threads: a copy of a table for each thread that it stands for.

    A table that stands for no thread is not among them.
    cpus: returns the number of cpus of the machine; called if there is a thread for each of them.
    Errors: BadInput with the place of the error.
    """
    left = MOST_THREADS
    for part in parts:
        count = _count(part, cpus)
        left -= 1 if count is None else count
        if left < 0:
            words = f"the file has more than {MOST_THREADS:,} threads; the limit is {MOST_THREADS:,}"
            raise part.error(words, *(key for key in ("count", "each") if key in part.table))
        yield from [part] if count is None else map(partial(_copy, part), range(count))


def _count(part: Section, cpus: Callable[[], int]) -> int | None:
    """Return the number of threads of a table, None if it is a single one that has no number.

    Errors: BadInput with the place of the error.
    """
    part.choice("each", EACH, None)
    count = part.number("count", 0, MOST_THREADS, None)
    if "each" in part.table and "count" in part.table:
        raise part.error("each and count are mutually exclusive; give only one", "count")
    if "each" not in part.table and "count" not in part.table:
        _check_single(part)
        return None
    name = part.text("name")
    if _PLACE not in name:
        words = f"all threads of this table would be called {name[:40]!r}"
        raise part.error(f'{words}; write name = "{name[:30]}{_PLACE}"', "name")
    return cpus() if count is None else count


def _check_single(part: Section) -> None:
    """Reject `{i}` in a table of one thread; in its script it is not an expression.

    Errors: BadInput with the place of the error.
    """
    for key in ("name", "cpu"):
        if _PLACE in str(part.table.get(key)):
            words = f"{_PLACE} is the number of one of several threads, and this table is one thread"
            raise part.error(f'{words}; add count = 4 or each = "cpu"', key)


def _copy(part: Section, number: int) -> Section:
    """Return thread `number` of a table; its places are those of the table."""
    table = {key: _with_number(value, number) for key, value in part.table.items()}
    if part.table.get("cpu", _PLACE if "each" in table else 0) == _PLACE:
        table["cpu"] = number
    copy = Section(part.title, table, part.path, part.places, part.file, part.asked)
    for key in ("each", "count"):
        copy.has(key)
    return copy


def _with_number(value: Any, number: int) -> Any:
    return value.replace(_PLACE, str(number)) if isinstance(value, str) else value
