"""A schedule in a separate file; only the command line accepts it."""

from __future__ import annotations

from typing import Final

from engine.errors import BadInput
from engine.run.schedule import Scheduler, Written, read_written

GRAMMAR: Final = "@FILE"

LARGEST: Final = 1 << 20
"""Maximum number of characters that are read from a schedule file."""


def read(written: Written) -> Scheduler | None:
    """Read the schedule in FILE, which may have several lines; None if the text is not `@FILE`.

    Errors: BadInput if the file cannot be read, is too long, or does not contain a schedule.
    """
    if not written.typed or not written.text.startswith("@"):
        return None
    file = written.text[1:]
    try:
        with open(file, encoding="utf-8-sig") as stream:
            text = stream.read(LARGEST + 1)
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}; give a schedule file", file=file) from None
    except ValueError:
        raise BadInput("this is not UTF-8 text; give a schedule file", file=file) from None
    if len(text) > LARGEST:
        words = f"the schedule has more than {LARGEST:,} characters; use a shorter one, such as app:1000"
        raise BadInput(words, file=file)
    return read_written(Written(text, file, int))
