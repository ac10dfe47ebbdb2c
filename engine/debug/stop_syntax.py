"""The syntax of breakpoints and watchpoints:

    break vm_page_free_toq            break vm_page_free_toq return
    break vm_page_free_toq#2          (before the second atomic action of its source)
    break app:3                       break panic
    break invariant                   break block [THREAD]      break wake [THREAD]
    break console [TEXT]
    watch page[0x40].queue            watch page 0x40 leaves ACTIVE[5]

Each may be followed by `if EXPR` and by `hits N`, in any order; `hits N` stops only from the N-th hit since
the start of the run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from engine.debug.action_stop import action_breakpoint
from engine.debug.console_stop import OnConsole
from engine.debug.entry_points import kernel_functions
from engine.debug.invariant_stop import OnBreach
from engine.debug.moments import Arrival, read_moment
from engine.debug.stops import AtLine, Kind, OnEntry, OnLeave, OnPanic, OnReturn, OnState, OnWrite, Stop
from engine.errors import BadInput
from engine.language.expressions import compile_expression
from engine.language.naming import parse_cell
from engine.language.resolve import nearest
from engine.language.symbols import Names, page_at, queue_base, read_number
from engine.run.history import History
from engine.words import thread_named

BREAK_FORMS: Final = (
    "FUNCTION [return], FUNCTION#N, THREAD:LINE, panic, invariant, block [THREAD], wake [THREAD] or "
    "console [TEXT], optionally followed by `if EXPR` and `hits N`"
)
WATCH_FORMS: Final = "CELL, or `page N leaves QUEUE[COLOR]`, optionally followed by `if EXPR` and `hits N`"

EVENTS: Final = ("panic", "invariant", "block", "wake", "console")
"""The words for breakpoints that are neither a function nor a line."""

_HITS: Final = re.compile(r"(.*?)\s+hits\s+([1-9]\d{0,8})", re.ASCII | re.DOTALL)
_IF: Final = re.compile(r"(.*?)\s+if\s+(.*)", re.DOTALL)
_LEAVES: Final = re.compile(r"page\s+(\S+)\s+leaves\s+(?:PQ_)?([A-Z]+)(?:\[(\w+)\])?", re.ASCII)
_ACTION: Final = re.compile(r"(\w+)\s*#\s*(.*)", re.ASCII)
_LINE: Final = re.compile(r"[A-Za-z_]\w*\s*:\s*(\d{1,9}|@\S+)", re.ASCII)


def parse_break(text: str, number: int, history: History, names: Names) -> Stop:
    """Parse the argument of `break`.

    Errors: BadInput, with the valid forms, if it is not a breakpoint.
    """
    return _parse(text, number, history, names, _breakpoint)


def parse_watch(text: str, number: int, history: History, names: Names) -> Stop:
    """Parse the argument of `watch`.

    Errors: BadInput, with the valid forms, if it is not a watchpoint.
    """
    return _parse(text, number, history, names, _watchpoint)


Reader = Callable[[str, History, Names], Kind]


def _parse(text: str, number: int, history: History, names: Names, read: Reader) -> Stop:
    rest, hits = _hits(text.strip())
    condition = None
    if found := _IF.fullmatch(rest):
        rest, condition = found[1], compile_expression(found[2], names)
        if hits == 0:
            rest, hits = _hits(rest)
    return Stop(number, text.strip(), read(rest.strip(), history, names), condition, hits or 1)


def _hits(text: str) -> tuple[str, int]:
    """Split `hits N` off the end of a text; 0 if it is not there."""
    found = _HITS.fullmatch(text)
    return (found[1], int(found[2])) if found else (text, 0)


def _breakpoint(text: str, history: History, names: Names) -> Kind:
    words = text.split()
    if text == "panic":
        return OnPanic()
    if text == "invariant":
        return OnBreach()
    if words and words[0] == "console":
        return OnConsole(_quoted(text.removeprefix("console").strip()))
    if words and words[0] in ("block", "wake") and len(words) <= 2:
        return OnState(
            thread_named(names.threads, words[1]) if len(words) == 2 else None, words[0] == "block"
        )
    if _LINE.fullmatch(text):
        arrival = read_moment(text, history.programs)
        assert isinstance(arrival, Arrival)
        return AtLine(arrival.t, arrival.line)
    if found := _ACTION.fullmatch(text):
        return action_breakpoint(_function_named(found[1]), found[2])
    if words and len(words) <= 2 and words[1:] in ([], ["return"], ["entry"]):
        return _function(words)
    raise BadInput(f"{text[:60]!r} is not a breakpoint; write {BREAK_FORMS}")


def _quoted(text: str) -> str:
    """Return the text without the quotation marks around it, if there are any."""
    inside = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if inside else text


def _function(words: list[str]) -> Kind:
    function = _function_named(words[0])
    return OnReturn(function) if words[1:] == ["return"] else OnEntry(function)


def _function_named(name: str) -> str:
    """Return the name in the source of a kernel function: some have another name as a macro."""
    known = kernel_functions()
    if name not in known:
        meant = nearest(name, list(known))
        raise BadInput(f"there is no kernel function {name[:60]!r}{meant}; write {BREAK_FORMS}")
    return known[name].__name__


def _watchpoint(text: str, history: History, names: Names) -> Kind:
    found = _LEAVES.fullmatch(text)
    if found is None:
        try:
            return OnWrite(parse_cell(history.vm, text, names))
        except BadInput as error:
            raise BadInput(f"{error.message}; a watchpoint is {WATCH_FORMS}") from None
    base = queue_base(found[2])
    if base is None:
        raise BadInput(f"{found[2]} is not a queue type; use FREE, INACTIVE, ACTIVE, CACHE, HOLD or NONE")
    m = page_at(history.vm, read_number(found[1], "a page"))
    return OnLeave(m, base, None if found[3] is None else read_number(found[3], "a colour"))
