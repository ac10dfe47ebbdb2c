"""`pageq why`: print the chain of causes of a field's value, as text or JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any, Final

from engine.debug.why import Cause, Read, ending, why
from engine.errors import BadInput
from engine.language.naming import Keyed, object_text, parse_cell
from engine.language.symbols import Names
from engine.run.history import History
from engine.run.suspended import kernel_calls, kernel_function
from engine.words import plural
from explorer.cli.arguments import AT, SCENARIO, add_own_run, count_of
from explorer.session.cell_text import cell_text
from explorer.text.cells import Cells, run_to

PLACE: Final = 100
HELP: Final = "Explain a field's value: the last write, what that step had read, and who wrote that."

READS: Final = 12
"""Maximum number of cells that a step had read which the text lists, the nearest first; JSON lists all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq why`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "cell", metavar="CELL", help="a field, such as page[0x40].queue or vmstats.v_free_count"
    )
    parser.add_argument("--at", metavar="STEP", default="end", help=f"the moment: {AT}; default end")
    parser.add_argument(
        "--all", action="store_true", help="include counters, locks, list links and other pages"
    )
    parser.add_argument(
        "--depth",
        metavar="N",
        type=count_of("causes", 8, 999_999, least=1),
        default=8,
        help="the maximum length of the chain; default 8",
    )
    add_own_run(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print why a cell has its value at a moment."""
    scenario, history, at = run_to(arguments)
    address = _address(history, arguments.cell, scenario.names)
    chain = why(history, address, at, everything=arguments.all, depth=arguments.depth)
    cells = Cells(history, scenario.names)
    history.seek(at)
    if arguments.json:
        print(json.dumps(_facts(cells, address, at, chain)))
        return 0
    for line in _lines(cells, address, at, chain, arguments.depth):
        print(line)
    return 0


def _address(history: History, text: str, names: Names) -> int:
    """Return the address of a cell.

    Errors: BadInput if the cell does not exist; also for a page that the object never had.
    """
    cell = parse_cell(history.vm, cell_text(history, names, text), names)
    if isinstance(cell, Keyed):
        raise BadInput(_never_there(history, cell, names))
    return cell


def _never_there(history: History, cell: Keyed, names: Names) -> str:
    vm = history.vm
    slots = vm.resident_slots if cell.table == "page" else vm.swap_slots
    there = sorted(pindex for obj, pindex in slots.slots if obj == cell.object)
    had = ", ".join(map(str, there[:20])) + (", ..." if len(there) > 20 else "")
    what = "page" if cell.table == "page" else "swap block"
    subject = object_text(vm, cell.object, names)
    right = f"it had {what}s at {had}" if there else f"it had no {what}s"
    return f"{subject} never had a {what} at {cell.pindex} up to step {history.total:,}; {right}"


# --- JSON -------------------------------------------------------------------------------------------------


def _facts(cells: Cells, address: int, at: int, chain: list[Cause]) -> dict[str, Any]:
    return {
        "format": 1,
        "cell": cells.name(address),
        "at": at,
        "value": cells.value(address, cells.history.vm.memory.cells[address]),
        "chain": [_cause_facts(cells, cause) for cause in chain],
    }


def _cause_facts(cells: Cells, cause: Cause) -> dict[str, Any]:
    return {
        "step": cause.step,
        "thread": cells.thread(cause.thread),
        "cpu": cause.cpu,
        "function": kernel_function(cause.stack) or None,
        "stack": list(kernel_calls(cause.stack)),
        "action": cause.action,
        "cell": cells.name(cause.address),
        "old": cells.value(cause.address, cause.old),
        "new": cells.value(cause.address, cause.new),
        "reads": [
            [cells.name(read.address), cells.value(read.address, read.value), read.writer]
            for read in cause.reads
        ],
        "line": cause.line or None,
        "call": cause.call or None,
        "because": _because_facts(cells, cause.because),
    }


def _because_facts(cells: Cells, read: Read | None) -> list[Any] | None:
    """The read that decided the write, as in `reads`; null for the last cause of a chain."""
    if read is None:
        return None
    return [cells.name(read.address), cells.value(read.address, read.value), read.writer]


# --- text -------------------------------------------------------------------------------------------------


def _lines(cells: Cells, address: int, at: int, chain: list[Cause], depth: int) -> Iterator[str]:
    value = cells.words(address, cells.history.vm.memory.cells[address])
    yield f"{cells.name(address)} is {value} after step {at:,}"
    if not chain:
        yield f"no step changed it: the value is from {cells.history.origin}"
    for cause in chain:
        yield ""
        yield from _cause_lines(cells, cause)
    end = ending(cells.history, chain[-1]) if 0 < len(chain) < depth else ""
    if end:
        yield ""
        yield end


def _cause_lines(cells: Cells, cause: Cause) -> Iterator[str]:
    yield f"step {cause.step:,}: {_who(cells, cause)}: {cause.action}"
    if cause.call:
        yield f"  called by: {cause.call}"
    if calls := kernel_calls(cause.stack):
        yield f"  in {' > '.join(calls)}"
    old, new = cells.words(cause.address, cause.old), cells.words(cause.address, cause.new)
    yield f"  {cells.name(cause.address)}: {old} -> {new}"
    if cause.because is not None:
        yield f"  because {_read_words(cells, cause.because)}"
    if cause.reads:
        yield "  this step had read, the nearest first:"
    listed = [(cells.name(read.address), read) for read in cause.reads[:READS]]
    width = max((len(name) for name, _ in listed), default=0)
    for name, read in listed:
        yield f"    {name:<{width}} = {cells.words(read.address, read.value)}, {_writer(cells, read)}"
    if len(cause.reads) > READS:
        yield f"    and {plural(len(cause.reads) - READS, 'more cell')}; --json lists all"


def _read_words(cells: Cells, read: Read) -> str:
    value = cells.words(read.address, read.value)
    return f"{cells.name(read.address)} was {value}, {_writer(cells, read)}"


def _who(cells: Cells, cause: Cause) -> str:
    if cause.thread is None:
        return "an event"
    return f"{cells.thread(cause.thread)}:{cells.line(cause.step, cause.thread)} on cpu {cause.cpu}"


def _writer(cells: Cells, read: Read) -> str:
    if read.writer is None:
        return f"from {cells.history.origin}"
    thread = cells.thread(cells.history.record(read.writer).thread)
    return f"written at step {read.writer:,} by {thread or 'an event'}"
