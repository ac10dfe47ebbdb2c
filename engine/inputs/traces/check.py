"""Comparison of a trace's line with the model's: every key, in both directions.

The model's line is built in the trace's format, so that equal lines are detected at once. Lines that differ
are split, rows by their subject and members by name, so that each difference is reported separately.
Source: golden/FORMAT.md section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from engine.errors import BadInput
from engine.inputs.shapes import is_any, is_table, list_of, row_of
from engine.inputs.traces.file import Line
from engine.inputs.traces.report import ABSENT
from engine.inputs.traces.state import HASH_FIELDS, OBJECT_FIELDS, PAGE_FIELDS, QUEUE_FIELDS

Difference = tuple[str, Any, Any]
"""A key of the line, and its values in trace and model; ABSENT if there is none."""

INPUTS: Final = frozenset({"op", "args", "thread", "cpu", "note"})
"""The keys of an op line that are input to the model; the others are results."""

RESULTS: Final = ("ret", "blocked", "panic")

_ROW_FIELDS: Final = {
    "pages": (PAGE_FIELDS, 1),
    "queues": (QUEUE_FIELDS, 2),
    "cpus": (("cpu", "view", "adj", "cnt"), 1),
    "objects": (OBJECT_FIELDS, 1),
    "hash": (HASH_FIELDS, 1),
}
"""Key with rows -> the fields of a row, and how many of them identify its subject."""

_MEMBERS: Final = ("vmstats", "globals", "cpu0_view", "cpu0_adj", "lcnt", "args")
"""The keys whose values are objects with named members."""

_NOTHING_COMPARED: Final = ("fault", "livelock", "spin_deadlock")


def expected_part(line: Line) -> Line:
    """Return the part of an op line that is compared.

    Errors: BadInput (without a place) if the line does not have exactly one result, or a part has the wrong
    shape.
    """
    part = {key: value for key, value in line.items() if key not in INPUTS}
    if sum(key in part for key in RESULTS) != 1:
        raise BadInput("the operation must have exactly one of `ret`, `blocked` and `panic`")
    check_shapes(part)
    return part


def boot_part(line: Line) -> Line:
    """Return the part of a boot line that is compared.

    Errors: BadInput (without a place) if a part has the wrong shape.
    """
    part = {key: value for key, value in line.items() if key != "boot"}
    check_shapes(part)
    return part


def check_shapes(part: Line) -> None:
    """Check that the parts of a line that are compared by member or by row have members or rows.

    Errors: BadInput (without a place).
    """
    for key in ("blocked", "panic", *_MEMBERS):
        if key in part and not is_table(part[key]):
            raise BadInput(f"`{key}` has the wrong type; it must be an object")
    for key, (fields, _) in _ROW_FIELDS.items():
        if key in part:
            _check_rows(key, part[key], len(fields))


def _check_rows(key: str, rows: Any, width: int) -> None:
    if not list_of(row_of(*[is_any] * width))(rows):
        raise BadInput(f"`{key}` has the wrong type; it must be a list of rows of {width}")
    if key == "cpus" and not list_of(row_of(is_any, *[is_table] * (width - 1)))(rows):
        raise BadInput("`cpus` has the wrong type; its rows must be a number and three objects")


def comparable_panic(panic: Any) -> Any:
    """Return the compared part of a panic: its kind, and its text or function if that is the kernel's."""
    kind = panic.get("kind")
    if kind in _NOTHING_COMPARED:
        return {"kind": kind}
    if kind == "KKASSERT":
        return {"kind": kind, "func": panic.get("func")}
    return {"kind": kind, "msg": panic.get("msg")}


def weigh(part: Line) -> int:
    """Count the values in a compared part."""
    weight = 0
    for value in part.values():
        if not isinstance(value, (list, dict)):
            weight += 1
        elif isinstance(value, list) and value and isinstance(value[0], list):
            weight += sum(len(row) if isinstance(row, list) else 1 for row in value)
        else:
            weight += len(value)
    return weight


def differences(
    trace: Line, model: Line, restored: Callable[[Any], bool] = lambda _row: False
) -> Iterator[Difference]:
    """Yield every difference between two compared parts, by key.

    restored: whether a queue's row that is only in the trace may be listed although nothing changed.
    """
    for key in sorted(trace.keys() | model.keys()):
        mine, theirs = model.get(key, ABSENT), trace.get(key, ABSENT)
        if theirs == mine:
            continue
        if key in _ROW_FIELDS:
            yield from _rows_differ(key, trace.get(key, []), model.get(key, []), restored)
        elif key in _MEMBERS and ABSENT not in (mine, theirs):
            yield from _members_differ(key, theirs, mine)
        else:
            yield key, theirs, mine


def _members_differ(key: str, trace: Line, model: Line) -> Iterator[Difference]:
    for name in sorted(trace.keys() | model.keys()):
        theirs, mine = trace.get(name, ABSENT), model.get(name, ABSENT)
        if theirs != mine:
            yield key, _member(name, theirs), _member(name, mine)


def _member(name: str, value: Any) -> Any:
    return ABSENT if value is ABSENT else {name: value}


def _rows_differ(
    key: str, trace: list[Any], model: list[Any], restored: Callable[[Any], bool]
) -> Iterator[Difference]:
    fields, about = _ROW_FIELDS[key]
    expected = {tuple(map(str, row[:about])): row for row in model}
    seen = set()
    for row in trace:
        subject = tuple(map(str, row[:about]))
        other = expected.get(subject)
        if subject in seen:
            yield key, _named(fields, row), "listed twice"
        elif other is not None and row != other:
            yield key, *_fields_that_differ(fields, about, row, other)
        elif other is None and not (key == "queues" and restored(row)):
            yield key, _named(fields, row), ABSENT
        seen.add(subject)
    for subject in sorted(expected.keys() - seen):
        yield key, ABSENT, _named(fields, expected[subject])


def _named(fields: tuple[str, ...], row: list[Any]) -> Line:
    return dict(zip(fields, row, strict=True))


def _fields_that_differ(
    fields: tuple[str, ...], about: int, trace: list[Any], model: list[Any]
) -> tuple[Line, Line]:
    """Return the fields in which two rows about the same subject differ, with the subject's fields."""
    theirs, mine = _named(fields[:about], trace[:about]), _named(fields[:about], model[:about])
    for name, their, my in zip(fields[about:], trace[about:], model[about:], strict=True):
        if their != my:
            theirs[name], mine[name] = _inner(their, my), _inner(my, their)
    return theirs, mine


def _inner(value: Any, other: Any) -> Any:
    """Return only the differing counters of a cpu; other values unchanged."""
    if not (isinstance(value, dict) and isinstance(other, dict)):
        return value
    return {name: number for name, number in value.items() if number != other.get(name, ABSENT)}
