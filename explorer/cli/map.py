"""`pageq map`: what real machines print about their pages, on the screen, as text or as JSON."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from explorer.cli.arguments import ONE_OBJECT
from explorer.cli.interrupts import ExitingAtOnce
from explorer.cli.terminal import has_terminal, is_terminal, open_keyboard, pasted, unfit_terminal
from explorer.session.whole_file import user_path

if TYPE_CHECKING:
    from engine.inputs.dumps.moment import DumpMoment

PLACE: Final = 65
HELP: Final = "Show what a real machine printed about its pages: DDB's text, sysctls, vmstat -s."

FILES: Final = (
    "a file with what a machine printed, gzipped or not, or - for stdin; several are one timeline; "
    "default: -, if stdin is not a terminal"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq map`."""
    parser.epilog = "`pageq help dumps` describes what is read. On a terminal, the map opens on the screen."
    parser.add_argument("files", nargs="*", metavar="FILE", help=FILES)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--text", action="store_true", help="print text, on a terminal too")
    output.add_argument("--ascii", action="store_true", help="print text with ASCII characters only")
    output.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Read all files, and show them on the screen or print them.

    Errors: BadInput for files that cannot be read or in which there is no dump.
    """
    files = _files(arguments.files)
    printed = arguments.text or arguments.ascii or arguments.json
    on_screen = not printed and _has_screen(reads_stdin="-" in files)
    moments = tuple(_moments(files))
    if on_screen:
        return _show(moments)
    _print(moments, arguments)
    return 0


# --- input ------------------------------------------------------------------------------------------------


def _files(given: list[str]) -> list[str]:
    """The files of the command line; stdin without one, unless it is a terminal.

    Errors: BadInput.
    """
    if not given and is_terminal(sys.stdin):
        raise BadInput("nothing to read; give a FILE, or - to paste the text: `pageq map -`")
    if given.count("-") > 1:
        raise BadInput("stdin is read only once; give - once")
    return given or ["-"]


def _moments(files: list[str]) -> Iterable[DumpMoment]:
    """The moments of all files, in order.

    Errors: BadInput.
    """
    # Imported here, so that --help comes faster.
    from engine.inputs.dumps.pasted_text import decoded
    from engine.inputs.dumps.reader import MAX_BYTES, read_dump_file, read_dumps
    from engine.inputs.traces.file import STDIN

    for file in files:
        if file != "-":
            yield from read_dump_file(str(user_path(file)))
        elif is_terminal(sys.stdin):
            print("paste the text, then press Ctrl+D", file=sys.stderr)
            yield from read_dumps(decoded(pasted(MAX_BYTES)), "stdin")
        else:
            yield from read_dump_file(STDIN)


# --- output -----------------------------------------------------------------------------------------------


def _has_screen(*, reads_stdin: bool) -> bool:
    """Whether there is a terminal that can show the screen; says on stderr why a terminal cannot."""
    if not has_terminal(reads_stdin=reads_stdin):
        return False
    why, _ = unfit_terminal()
    if why:
        print(f"pageq: {why}; the output is text", file=sys.stderr)
    return not why


def _show(moments: tuple[DumpMoment, ...]) -> int:
    with ExitingAtOnce():
        # Imported here: only this needs the screen.
        from explorer.tui.dump_app import show

        open_keyboard()
        return show(moments)


def _print(moments: tuple[DumpMoment, ...], arguments: argparse.Namespace) -> None:
    from explorer.text.dump_output import json_parts, text_lines
    from explorer.views.safe_text import WORDS

    if arguments.json:
        for part in json_parts(moments):
            sys.stdout.write(part)
        return
    for line in text_lines(moments):
        print(line.encode("ascii", WORDS).decode() if arguments.ascii else line)
