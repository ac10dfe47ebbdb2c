"""`pageq replay`: a reference string through the kernel's model and the policies of the textbooks."""

from __future__ import annotations

import argparse
import sys
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from explorer.cli.arguments import ONE_OBJECT, RULES, count_of
from explorer.cli.output import write_output
from explorer.cli.progress_line import ProgressLine
from explorer.cli.trace_arguments import (
    MOST_TICK,
    TICK,
    TRACE,
    add_reading,
    check_name,
    reading_of,
    trace_name,
)
from explorer.session.whole_file import user_path

if TYPE_CHECKING:
    from explorer.session.replay import Asked
    from explorer.views.replay import Replay

PLACE: Final = 44
HELP: Final = "Replay a reference string: how often the kernel's queues, LRU, OPT and others miss."

PICTURE: Final = ".svg"
POLICIES: Final = ("kernel", "lru", "fifo", "clock", "2q", "arc", "opt")
MOST_FRAMES: Final = 1 << 24
"""That of engine.policies.comparison, which is slow to import."""

_MOST_FRAME_COUNTS: Final = 64

FRAMES: Final = "how many pages have a frame; several numbers, divided by commas, give a chart"
POLICY: Final = f"the policies, divided by commas; default {','.join(POLICIES)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq replay`."""
    parser.epilog = (
        "`pageq help references` describes the formats, the made strings, the policies and the counts."
    )
    parser.add_argument("trace", metavar="TRACE", help=TRACE)
    parser.add_argument("--frames", metavar="N[,N...]", type=_frames, default=(), help=FRAMES)
    parser.add_argument("--policy", metavar="P[,P...]", type=_policies, help=POLICY)
    parser.add_argument(
        "--curve", action="store_true", help="print the misses of LRU with every number of frames"
    )
    add_reading(parser)
    parser.add_argument(
        "--tick",
        metavar="N",
        type=count_of("references", TICK, MOST_TICK, least=1),
        default=TICK,
        help=f"kernel only: the clock ticks once every N references; default {TICK:,}",
    )
    parser.add_argument("--rules", metavar="R", type=_rules, default="document", help=f"kernel only: {RULES}")
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="the memory that the string may take as a whole, for kernel, opt and --curve; default 1GiB",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help=ONE_OBJECT)
    output.add_argument("--csv", action="store_true", help="print the rows as CSV")
    parser.add_argument("--chart", metavar=f"FILE{PICTURE}", help="write a chart of the misses as a picture")


def run(arguments: argparse.Namespace) -> int:
    """Replay the string and print what each policy counted.

    Errors: BadInput for an invalid option or trace; OSError if the chart cannot be written, after the output.
    """
    _check(arguments)
    asked = _asked(arguments)
    # Imported here, so that --help and an error of the arguments come faster.
    from explorer.session.replay import replay

    with ProgressLine(sys.stderr) as line:
        found = replay(asked, line.show)
    _print(found, arguments)
    if arguments.chart is not None:
        sys.stdout.flush()
        _write_chart(arguments.chart, found)
    return 0


# --- options ----------------------------------------------------------------------------------------------


def _frames(text: str) -> tuple[int, ...]:
    read = count_of("frames", 64, MOST_FRAMES, least=1)
    numbers = tuple(dict.fromkeys(read(word.strip()) for word in text[:1000].split(",")))
    if len(numbers) > _MOST_FRAME_COUNTS or len(text) > 1000:
        raise argparse.ArgumentTypeError(f"give at most {_MOST_FRAME_COUNTS} numbers of frames")
    return tuple(sorted(numbers))


def _policies(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(word.strip().lower() for word in text.split(",")))
    for name in names:
        if name not in POLICIES:
            raise argparse.ArgumentTypeError(f"{name[:40]!r} is not a policy; use {', '.join(POLICIES)}")
    return names


def _rules(text: str) -> str:
    # Imported here, so that --help comes faster.
    from engine.machine.rules import read_rules

    try:
        read_rules(text)
    except BadInput as error:
        raise argparse.ArgumentTypeError(error.message) from None
    return text


def _check(arguments: argparse.Namespace) -> None:
    """Check what can be checked before the string is read.

    Errors: BadInput.
    """
    if not arguments.frames and not arguments.curve:
        check_name(arguments.trace)
        raise BadInput("give --frames N, such as --frames 64 or --frames 16,64,256, or --curve")
    if arguments.policy and not arguments.frames:
        raise BadInput("--policy needs --frames N")
    chart = arguments.chart
    if chart is None:
        return
    if user_path(chart).suffix.lower() != PICTURE:
        raise BadInput(f"--chart {chart[:60]}: unknown suffix; use FILE{PICTURE}")
    if len(arguments.frames) < 2 and not arguments.curve:
        raise BadInput("--chart needs several numbers of frames, such as --frames 16,64,256, or --curve")
    if not user_path(chart).parent.is_dir():
        raise BadInput(f"--chart {chart[:200]}: its folder does not exist; create it, or give another file")


def _asked(arguments: argparse.Namespace) -> Asked:
    """What is asked of the string.

    Errors: BadInput.
    """
    from engine.machine.topology import parse_limit
    from engine.references.reader import MEMORY
    from explorer.session.replay import Asked

    return Asked(
        trace_name(arguments.trace),
        reading_of(arguments),
        arguments.frames,
        (arguments.policy or POLICIES) if arguments.frames else (),
        arguments.curve,
        arguments.tick,
        arguments.rules,
        MEMORY if arguments.memory is None else parse_limit(arguments.memory, "a reference string"),
    )


# --- output -----------------------------------------------------------------------------------------------


def _print(found: Replay, arguments: argparse.Namespace) -> None:
    from explorer.text.replay_output import csv_text, json_text, left_out_words, text_lines

    if arguments.json:
        print(json_text(found))
    elif arguments.csv:
        write_output(None, csv_text(found))
        for one in found.left_out:
            print(left_out_words(one), file=sys.stderr)
    else:
        for text in text_lines(found, get_terminal_size().columns):
            print(text)


def _write_chart(file: str, found: Replay) -> None:
    """Write the chart; if what was asked for it was left out, say that there is none."""
    # Imported here: only this needs the colours of the screen.
    from explorer.papers.experiment_picture import chart_picture
    from explorer.text.replay_output import title
    from explorer.views.replay import misses_chart

    chart = misses_chart(found)
    if chart is None:
        print(f"no chart is written to {file[:200]}: there are not two numbers of frames", file=sys.stderr)
    else:
        write_output(file, chart_picture("Misses by frames", title(found), chart))
