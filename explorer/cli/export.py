"""`pageq export`: write a moment of a scenario as a picture, as text or as JSON."""

from __future__ import annotations

import argparse
import re
import sys
from functools import partial
from typing import Final

from engine.errors import BadInput
from explorer.cli.arguments import AT, SCENARIO, add_settings
from explorer.cli.output import add_out, write_output
from explorer.session.command_line import asked_for
from explorer.session.session import Session
from explorer.tui.export import FORMATS, Size, export_json, export_moment, export_text
from explorer.views.glyphs import TWINS

PLACE: Final = 130
HELP: Final = "Export a moment of a scenario as a picture, as the text of the screen, or as JSON."

SMALLEST: Final = (20, 8)
LARGEST: Final = (500, 300)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq export`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("--at", metavar="STEP", default="0", help=f"the moment: {AT}; default 0")
    parser.add_argument("--format", choices=FORMATS, required=True, help="the output format")
    parser.add_argument(
        "--size",
        metavar="WxH",
        default="120x40",
        help="columns and lines of the screen; default 120x40",
    )
    parser.add_argument("--ascii", action="store_true", help="use ASCII characters only in text and picture")
    parser.add_argument("--full", action="store_true", help="json only: list the empty queues too")
    add_out(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the moment to `out`, or to stdout.

    Errors: BadInput for an invalid size or scenario, or a moment that the run does not reach; OSError if the
    file cannot be written. On an error, nothing is written.
    """
    size, form = read_size(arguments.size), arguments.format
    if arguments.full and form != "json":
        raise BadInput(f"--full is only for --format json; remove it from --format {form}")
    if form == "png" and arguments.out is None and sys.stdout.isatty():
        raise BadInput("a PNG picture is not text for a terminal; use -o FILE")
    scenario = asked_for(arguments)
    history = scenario.start()
    history.seek(scenario.find_step(history, arguments.at))
    session = Session(history, scenario)
    session.say("")  # a hint about keys is useless in a file
    exported = _exported(session, arguments, size)
    write_output(arguments.out, exported)
    return 0


def _exported(session: Session, arguments: argparse.Namespace, size: Size) -> str | bytes:
    if arguments.format == "json":
        return export_json(session, full=arguments.full)
    if arguments.format == "text":
        return _text(session, size, ascii=arguments.ascii or (arguments.out is None and _lacks_glyphs()))
    return export_moment(session, arguments.format, size, partial(_picture, ascii=arguments.ascii))


def _picture(session: Session, size: Size, *, ascii: bool) -> str:
    from explorer.tui.picture import picture

    return picture(session, size, ascii=ascii)


def _text(session: Session, size: Size, *, ascii: bool) -> str:
    from explorer.views.ascii_twins import in_ascii

    text = export_text(session, size)
    return "\n".join(map(in_ascii, text.split("\n"))) if ascii else text


def _lacks_glyphs() -> bool:
    """Whether stdout's encoding lacks glyphs of the screen."""
    try:
        "".join(TWINS).encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return True
    return False


def read_size(text: str) -> Size:
    """Parse the screen's size, columns x lines, from `120x40`.

    Errors: BadInput for text that is not a size, or a size out of range.
    """
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text)
    if found is None:
        raise BadInput(f"--size {text[:40]!r} is not a size; use columns x lines, such as 120x40")
    width, height = int(found[1]), int(found[2])
    if not (SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]):
        least, most = ("x".join(map(str, size)) for size in (SMALLEST, LARGEST))
        raise BadInput(f"--size {text} is out of range; use {least} to {most}")
    return width, height
