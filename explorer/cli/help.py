"""`pageq help`: the reference, and the --help of the commands.

A topic is a Markdown file of `explorer/reference`: a title, an empty line, and a summary of one line.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import explorer
from engine.errors import BadInput
from explorer.cli.entry import build_parser, sub_commands
from explorer.views.safe_text import trusted

PLACE: Final = 150
HELP: Final = "Print the reference: its topics, one of them, or the --help of a command."

REFERENCE: Final = Path(explorer.__file__).with_name("reference")

_MARK: Final = re.compile(r"^<!-- .* -->\n", re.MULTILINE)
"""A line that marks a table which is made from the code; see `explorer.cli.reference_tables`."""

WIDEST: Final = 110
"""Columns of a formatted topic, at most."""


@dataclass(frozen=True)
class Topic:
    """A page of the reference: its name, what it is about in one line, and its Markdown text."""

    name: str
    summary: str
    text: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `pageq help` takes."""
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="a topic or a command; default: list them")


def topics() -> dict[str, Topic]:
    """Return the pages of the reference by name, in alphabetical order."""
    found = {}
    for path in sorted(REFERENCE.glob("*.md")):
        text = _MARK.sub("", path.read_text(encoding="utf-8"))
        found[path.stem] = Topic(path.stem, text.split("\n", 3)[2], text)
    return found


def run(arguments: argparse.Namespace) -> int:
    """Print the list of topics, a topic, or a command's help.

    Errors: BadInput for a name that is neither a topic nor a command.
    """
    name, known = arguments.topic, topics()
    if name is None:
        print(overview(known))
    elif name in sub_commands():
        with suppress(SystemExit):
            build_parser(name).parse_args([name, "--help"])
    elif name in known:
        _print_topic(known[name])
    else:
        raise BadInput(f"there is no topic {name[:40]!r}; {_nearest(name, known)}")
    return 0


def overview(known: dict[str, Topic]) -> str:
    """Return the list of topics, and where the commands are listed, within the lines of a terminal."""
    width = max(map(len, known))
    lines = [f"  {topic.name:<{width}}  {topic.summary.replace('`', '')}" for topic in known.values()]
    words = "`pageq help TOPIC` prints one, or a command's help; `pageq --help` lists those."
    return "\n".join([*lines, words])


def _nearest(name: str, known: dict[str, Topic]) -> str:
    """Return the hint about an unknown name: names like it, else the topics that contain the word."""
    near = difflib.get_close_matches(name.lower(), [*known, *sub_commands()], 3, 0.65)
    if near:
        return f"did you mean {' or '.join(near)}? `pageq help` lists the topics"
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    counts = {topic.name: len(word.findall(topic.text)) for topic in known.values() if name.strip()}
    naming = sorted((topic for topic in counts if counts[topic]), key=lambda topic: -counts[topic])[:3]
    where = f"the word is in: {', '.join(naming)}; " if naming else ""
    return f"{where}`pageq help` lists the topics"


def _print_topic(topic: Topic) -> None:
    """Print a topic, formatted on a terminal, as Markdown text elsewhere."""
    if not sys.stdout.isatty():
        print(topic.text, end="")
        return
    # Only here: it takes longer to load than the rest of the command.
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    # By default code has a background of its own, which suits either a dark or a light terminal.
    console = Console(theme=Theme({"markdown.code": "bold"}), file=trusted(sys.stdout))
    console.width = min(console.width, WIDEST)
    plain_blocks = re.sub(r"^```\w+$", "```", topic.text, flags=re.MULTILINE)
    console.print(Markdown(plain_blocks, code_theme="ansi_dark", hyperlinks=False))
