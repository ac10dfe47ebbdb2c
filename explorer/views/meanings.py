"""What the number in a cell means: the names of queues, flags, states, threads and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine import constants
from engine.constants import EWOULDBLOCK, NULL, OBJECT_TYPES, queue_name
from engine.language.symbols import Kind, column_kind
from engine.machine.tables import DAEMON_PHASES, THREAD_STATES
from engine.memory.cells import Placed
from explorer.views.labels import TOKEN_MODES, Labels, busy_words, flag_names, pte_words

Meaning = Callable[[int], str]
"""The meaning of a cell's value in words; the value itself if it is only a number."""

OWNERS: Final = frozenset({
    "global.contig_spin", "object.token_owner", "page.spin", "process.map_writer", "queue.spin",
})  # fmt: skip
"""Columns that hold a thread's number plus 1, or 0 if the lock is free."""

_THREADS: Final = frozenset({
    "cpu.current", "cpu.runq_head", "cpu.runq_tail", "global.sleepq_head", "global.sleepq_tail",
    "thread.run_next", "thread.sleep_next", "thread.sleep_prev",
})  # fmt: skip
"""Columns that hold a thread's number, or NULL."""

_ADDRESSES: Final = frozenset({"global.vm_low_phys_reserved", "object.address", "page.fake_addr"})
"""Columns that hold an address; they are unsigned."""


def _constants(prefix: str, *left_out: str) -> dict[int, str]:
    """The constants of a prefix: value -> name without the prefix."""
    return {
        value: name.removeprefix(prefix)
        for name, value in sorted(vars(constants).items())
        if name.startswith(prefix) and isinstance(value, int) and name not in left_out
    }


def _set_of(names: Mapping[int, str]) -> Meaning:
    """The words of flags, joined by `|`; 0 for none, and unknown bits as one hexadecimal number."""

    def words(flags: int) -> str:
        known = [name for bit, name in sorted(names.items()) if flags & bit]
        rest = flags & ~sum(names)
        return "|".join([*known, *([f"{rest:#x}"] if rest else [])]) or "0"

    return words


def _one_of(names: Mapping[int, str]) -> Meaning:
    return lambda value: names.get(value, str(value))


def _bits(value: int) -> str:
    return f"{value:02x}"


object_flags: Final = _set_of(_constants("OBJ_"))
"""The names of an object's flags."""

_IO_FLAGS: Final = _set_of(_constants("OBJPC_"))
_P_FLAGS: Final = _set_of({constants.P_LOWMEMKILL: "LOWMEMKILL"})

_PLAIN: Final[Mapping[str, Meaning]] = {
    "page.queue": queue_name,
    "page.busy_count": busy_words,
    "page.flags": lambda flags: "|".join(flag_names(flags)) or "0",
    "page.valid": _bits,
    "page.dirty": _bits,
    "page.pat_mode": _one_of(_constants("VM_MEMATTR_", "VM_MEMATTR_DEFAULT")),
    "daemon.phase": lambda phase: DAEMON_PHASES[phase],
    "object.type": _one_of({number: name for name, number in OBJECT_TYPES.items()}),
    "object.flags": object_flags,
    "thread.state": lambda state: THREAD_STATES[state],
    "thread.flags": _set_of(_constants("TDF_")),
    "thread.p_flags": _P_FLAGS,
    "thread.queue_spin": lambda q: queue_name(q) if q else "none",
    "thread.signal": _one_of(_constants("SIG")),
    "thread.wake": _one_of({EWOULDBLOCK: "EWOULDBLOCK"}),
    "token.mode": lambda mode: TOKEN_MODES[mode],
    "process.state": _one_of(dict(enumerate(("SIDL", "SACTIVE", "SSTOP", "SCORE", "SZOMB")))),
    "process.p_flags": _P_FLAGS,
    "map_entry.prot": _set_of({1: "READ", 2: "WRITE", 4: "EXECUTE"}),
    "map_entry.advice": _one_of(_constants("MADV_")),
    "pte.entry": pte_words,
    "buf.kind": _one_of(dict(enumerate(("unused", "swap read", "swap write", "vnode read")))),
    "buf.flags": _IO_FLAGS,
    "io.flags": _IO_FLAGS,
    "alist.free": lambda free: "yes" if free else "no",
}
"""Columns whose values are not plain numbers, and need no names of the run."""


def meaning(labels: Labels, place: Placed, index: int) -> Meaning:
    """The function that says what the values of a cell mean."""
    column = f"{place.table}.{place.name}"
    if column in _PLAIN:
        return _PLAIN[column]
    if column == "variable.value":
        return lambda value: labels.variable_value(index, value)
    if column == "thread.chan":
        return lambda chan: labels.channel(chan) if chan else "none"
    if column in OWNERS:
        return labels.owner
    if column in _ADDRESSES:
        return lambda value: hex(value & place.spec.mask)
    if place.spec.bits == 64 and not place.spec.signed:
        return lambda value: str(value & place.spec.mask)
    return _by_kind(labels, column, column_kind(place.table, place.name))


def _by_kind(labels: Labels, column: str, kind: Kind) -> Meaning:
    """The meaning of a number, or of a row of a table, which may be NULL."""
    if kind is Kind.PAGE:
        return labels.page
    if kind is Kind.OBJECT:
        return labels.object
    if column in _THREADS:
        return lambda t: "none" if t == NULL else labels.thread(t)
    return (lambda row: "none" if row == NULL else str(row)) if kind.nullable else str
