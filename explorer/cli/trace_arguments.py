"""Arguments about a reference string: how it is read, and its replay as a scenario (`--trace`)."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.reference_lines import FORMATS
from engine.scenario.settings import HARDWARE
from explorer.cli.arguments import count_of
from explorer.session.command_line import asked_for, read_settings
from explorer.session.whole_file import user_path

if TYPE_CHECKING:
    from engine.references.reader import Reading
    from engine.references.references import References
    from engine.scenario.loader import Scenario
    from engine.scenario.settings import Settings

TRACE: Final = "a trace file, gzipped or not, `-` for stdin, made:KIND:..., or recorded:NAME"
_NAMED: Final = "a trace file, gzipped or not, made:KIND:..., or recorded:NAME"
_SEE: Final = "(pageq help references)"
TICK: Final = 1000
MOST_TICK: Final = 999_999_999
LEAST_KERNEL_FRAMES: Final = 2
MOST_KERNEL_FRAMES: Final = 1 << 23
"""Those of engine.run.reference_string and engine.replay.frames, which are slow to import."""

PAGE_SIZES: Final = range(8, 31)
"""log2 of the sizes of a page."""

FORMAT: Final = (
    "the format of the file: lackey, pin, rw, din, addresses, pages or csv; default: by its content"
)
COLUMNS: Final = "csv only: which column is what, such as addr=2,op=3,size=4; the first column is 1"

_FILE: Final = "replay.toml"
"""What messages call the scenario of a replay."""

_SIZES: Final = tuple(("machine", key) for key in (*HARDWARE, "colors", "thresholds", "counters"))
"""The ways to the keys by which the machine of a replay is sized."""


def add_reading(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add what says how a trace file is read."""
    parser.add_argument("--format", metavar="F", help=FORMAT)
    parser.add_argument("--columns", metavar="NAME=N,...", help=COLUMNS)
    parser.add_argument(
        "--page-size",
        metavar="BYTES",
        type=_page_shift,
        dest="page_shift",
        default=12,
        help="the size of a page, a power of two; default 4096",
    )
    parser.add_argument(
        "--no-code", action="store_true", help="leave out the fetches of instructions (lackey, din and csv)"
    )


def _page_shift(text: str) -> int:
    shift = {str(1 << shift): shift for shift in PAGE_SIZES}.get(text)
    if shift is None:
        span = f"{1 << PAGE_SIZES[0]} to {1 << PAGE_SIZES[-1]:,}"
        raise argparse.ArgumentTypeError(
            f"{text[:40]!r} is not a size of a page; use a power of two from {span}"
        )
    return shift


def reading_of(arguments: argparse.Namespace) -> Reading:
    """How the file is read.

    Errors: BadInput.
    """
    from engine.references.columns import read_columns
    from engine.references.reader import Reading

    form, columns = arguments.format, arguments.columns
    if form is not None and form not in FORMATS:
        raise BadInput(f"--format {form[:40]}: unknown format; use one of {', '.join(FORMATS)}")
    if form == FORMATS[-1] and columns is None:
        raise BadInput("--format csv needs --columns, such as --columns addr=2,op=3")
    if columns is not None and form not in (None, FORMATS[-1]):
        raise BadInput(f"--columns is for csv; remove it, or --format {form}")
    read = None if columns is None else read_columns(columns)
    return Reading(form, arguments.page_shift, not arguments.no_code, read)


def trace_name(text: str) -> str:
    """Return the name of a string: what was given, a file with its home folder in full."""
    from engine.references import made, recorded

    named = text == "-" or text.startswith((made.PREFIX, recorded.PREFIX))
    return text if named else str(user_path(text))


def check_name(text: str) -> None:
    """Check the name of a made or recorded string, before anything else that a command lacks is asked for.

    Errors: BadInput.
    """
    from engine.references import made, recorded

    if text.startswith(made.PREFIX):
        made.made(text)
    elif text.startswith(recorded.PREFIX):
        recorded.recorded_path(text)


# --- a replay as a scenario -------------------------------------------------------------------------------


def add_trace(parser: argparse.ArgumentParser, *, stdin: bool = True) -> None:
    """Add `--trace FILE --frames N`, which makes a scenario of a string.

    stdin: whether the string can come from stdin.
    """
    group = parser.add_argument_group("the replay of a reference string, instead of a scenario")
    group.add_argument("--trace", metavar="TRACE", help=f"{TRACE if stdin else _NAMED} {_SEE}")
    group.add_argument(
        "--frames",
        metavar="N",
        type=count_of("frames", 64, MOST_KERNEL_FRAMES, least=LEAST_KERNEL_FRAMES),
        help="how many pages can hold it",
    )
    group.add_argument(
        "--tick",
        metavar="N",
        type=count_of("references", TICK, MOST_TICK, least=1),
        default=TICK,
        help=f"the clock ticks once every N references; default {TICK:,}",
    )
    add_reading(group)
    parser.set_defaults(stdin_trace=None)


def check_one(arguments: argparse.Namespace) -> None:
    """Check that the command line does not name both a scenario and a trace.

    Errors: BadInput.
    """
    if arguments.scenario is not None and arguments.trace is not None:
        raise BadInput("SCENARIO and --trace exclude each other; use only one")


def chosen_scenario(
    arguments: argparse.Namespace, name: str | None = None, *, quiet: bool = False
) -> Scenario:
    """Return the scenario that a command line names, or the replay of its `--trace`.

    name, quiet: as for asked_for.
    Errors: BadInput for an invalid scenario, trace or option, and for both a scenario and a trace.
    """
    if arguments.trace is None:
        if arguments.frames is not None:
            raise BadInput("--frames is about a replay; give --trace TRACE too")
        return asked_for(arguments, name, quiet=quiet)
    if arguments.frames is None:
        check_name(arguments.trace)
        raise BadInput("--trace needs --frames N: how many pages can hold the string")
    return _replayed(arguments)


def _check_machine(machine: str | None, settings: Settings) -> None:
    """Check that nothing replaces what makes the machine one of N frames.

    Errors: BadInput.
    """
    replaced = ["--machine"] if machine is not None else []
    replaced += [one.place for one in settings if one.path[:2] in _SIZES]
    if replaced:
        raise BadInput(
            f"{replaced[0]} and --trace exclude each other: --frames sizes the machine; remove {replaced[0]}"
        )


def _replayed(arguments: argparse.Namespace) -> Scenario:
    # Imported here: other scenarios do not need it.
    from engine.replay.scenario import replay_scenario
    from engine.scenario.loader import load_text

    settings = read_settings(arguments)
    _check_machine(arguments.machine, settings)
    name, references = _string(arguments)
    text = replay_scenario(name, references, arguments.frames, arguments.tick, keys=_keys(arguments))
    return load_text(
        text,
        _FILE,
        rules=arguments.rules,
        schedule=getattr(arguments, "schedule", None),
        settings=settings,
        seed=arguments.seed,
        library=arguments.course,
        strings={name: references} if arguments.trace == "-" else None,
    )


def _string(arguments: argparse.Namespace) -> tuple[str, References]:
    """Return the name that the scenario gives the string, and the string; stdin is read only once.

    Errors: BadInput.
    """
    from engine.references.reader import read_references
    from engine.scenario.trace_file import STDIN, absolute_name, read_trace

    reading = reading_of(arguments)
    if arguments.trace != STDIN:
        name = absolute_name(trace_name(arguments.trace))
        return name, read_trace(name, reading)
    if arguments.stdin_trace is None:
        arguments.stdin_trace = read_references(STDIN, reading)
    return STDIN, arguments.stdin_trace


def _keys(arguments: argparse.Namespace) -> dict[str, Any]:
    """What of the reading is not the default, as keys of a thread."""
    columns = arguments.columns and ",".join(map(str.strip, arguments.columns.split(",")))
    keys = {"format": arguments.format, "columns": columns}
    keys |= {"page_size": 1 << arguments.page_shift, "code": not arguments.no_code}
    return {key: value for key, value in keys.items() if value not in (None, PAGE_SIZE, True)}
