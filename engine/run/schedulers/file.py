"""A schedule that is in a file of its own, for the command line alone."""

from __future__ import annotations

from typing import Final

from engine.errors import BadInput
from engine.run.schedule import Scheduler, Written, read_written

GRAMMAR: Final = "@FILE"

LARGEST: Final = 1 << 20
"""How many characters of a schedule file are read."""


def read(written: Written) -> Scheduler | None:
    """The schedule in FILE, which may take several lines.

    Errors: BadInput when the file cannot be read, or what it holds is no schedule.
    """
    if not written.typed or not written.text.startswith("@"):
        return None
    file = written.text[1:]
    try:
        with open(file, encoding="utf-8") as stream:
            text = stream.read(LARGEST)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; give a schedule file", file=file) from None
    except ValueError:
        raise BadInput("this is not UTF-8 text; give a schedule file", file=file) from None
    return read_written(Written(text, file, int))
