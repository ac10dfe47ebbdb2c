"""`pageq handout`: a scenario's lesson with pictures and questions, as one HTML page or as Markdown."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from engine.errors import BadInput
from explorer.cli.arguments import SCENARIO, add_settings
from explorer.cli.export import read_size
from explorer.session.command_line import asked_for
from explorer.session.whole_file import replace_files, user_path
from explorer.views.safe_text import safe

PLACE: Final = 119
HELP: Final = "Write a handout: a scenario's lesson with pictures and questions, as HTML or Markdown."

HTML: Final = (".html", ".htm")
MARKDOWN: Final = (".md", ".markdown")

PICTURES: Final = "-pictures"
"""After the name of a Markdown file without its suffix: the folder of its pictures."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq handout`."""
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="the output file: .html for one page that works offline, .md for Markdown, whose pictures are "
        f"written to a folder NAME{PICTURES} beside it",
    )
    parser.add_argument("--key", action="store_true", help="add the right answers and the reasons")
    parser.add_argument(
        "--size",
        metavar="WxH",
        default="120x40",
        help="columns and lines of the screen in the pictures; default 120x40",
    )
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the handout; a page or a question that the run does not reach is left out, with a note on stderr.

    Errors: BadInput for an invalid file name, size or scenario; OSError if a file cannot be written. On an
    error, nothing is written.
    """
    path, size = user_path(arguments.out), read_size(arguments.size)
    if path.suffix.lower() not in (*HTML, *MARKDOWN):
        raise BadInput(f"{path.name[:60] or path}: unknown suffix; use .html for a page or .md for Markdown")
    scenario = asked_for(arguments)
    # Imported here: the screen is needed only for a scenario that can be run.
    from explorer.papers.handout import make_handout
    from explorer.papers.moment_pictures import MomentCamera

    with MomentCamera(size) as camera:
        handout = make_handout(scenario, camera)
    for note in handout.left_out:
        print(f"note: {note}", file=sys.stderr)
    folder = None
    if path.suffix.lower() in HTML:
        from explorer.papers.handout_html import handout_html

        files = {path: handout_html(handout, key=arguments.key)}
    else:
        from explorer.papers.handout_markdown import handout_markdown, handout_pictures

        folder = path.with_name(f"{path.stem}{PICTURES}")
        text = handout_markdown(handout, folder.name, key=arguments.key)
        files = {**{folder / name: svg for name, svg in handout_pictures(handout).items()}, path: text}
    replace_files({path: safe(text).encode() for path, text in files.items()}, folder)
    return 0
