"""The output of a command: a file that is replaced as a whole, or stdout."""

from __future__ import annotations

import argparse
import sys

from explorer.session.whole_file import replace_file, user_path


def add_out(parser: argparse.ArgumentParser, about: str = "the output file") -> None:
    """Add `-o FILE`; for stdout, by default and with `-`, None is the value of `arguments.out`."""
    words = f"{about}; default, and for -, stdout"
    parser.add_argument("-o", "--out", metavar="FILE", type=_file_or_stdout, help=words)


def _file_or_stdout(text: str) -> str | None:
    return None if text == "-" else text


def write_output(out: str | None, content: str | bytes) -> None:
    """Write to a file, whole or not at all, or to stdout without one.

    Errors: BadInput if no file can have that name; OSError if it cannot be written, and stays as it was.
    """
    if out is not None:
        replace_file(
            user_path(out), content if isinstance(content, bytes) else content.encode("utf-8", "replace")
        )
    elif isinstance(content, bytes):
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content)
