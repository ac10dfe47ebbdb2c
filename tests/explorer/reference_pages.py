"""The reference as tests read it: the sections, tables and examples of a topic."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import groupby

from explorer.cli.help import topics

Table = list[list[str]]


def sections(topic: str) -> dict[str, str]:
    """Return the text under each heading, without fenced blocks; under "", that before the first heading."""
    found, heading, fenced = {"": ""}, "", False
    for line in topics()[topic].text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and (title := re.fullmatch(r"##+ (.+)", line)):
            heading = title[1]
            found[heading] = ""
        elif not fenced:
            found[heading] += f"{line}\n"
    return found


def table(text: str) -> Table:
    """Return the rows of every table of a text, without their heads."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    heads = {at for at, row in enumerate(rows, 1) if row.startswith("|---")}
    heads |= {at - 1 for at in heads}
    cells = [re.split(r"(?<!\\)\|", row.strip("|")) for at, row in enumerate(rows, 1) if at not in heads]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]


def terms(cell: str) -> list[str]:
    """Return what is set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def first_column(text: str) -> list[str]:
    """Return what is set as code in the first column of the tables of a text."""
    return [term for row in table(text) for term in terms(row[0])]


def blocks(topic: str, language: str) -> list[str]:
    """Return the fenced blocks of a topic in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", topics()[topic].text, re.DOTALL | re.MULTILINE)


def lines(topic: str, language: str) -> list[str]:
    """Return the lines of these blocks."""
    return [line for block in blocks(topic, language) for line in block.splitlines()]


def command_lines(topic: str) -> Iterator[list[str]]:
    """Yield the words after `pageq` of each command in a topic's sh blocks; a pipe has several."""
    for line in lines(topic, "sh"):
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|;<>&")
        lexer.whitespace_split = True
        words = list(lexer)
        assert "pageq" in words, line
        for is_bar, part in groupby(words, "|".__eq__):
            command = [] if is_bar else list(part)
            if "pageq" in command:
                yield command[command.index("pageq") + 1 :]
