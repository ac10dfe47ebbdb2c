"""Recorded reference strings that come with the program: the pages that three real programs touched.

Recorded with valgrind 3.19 on Debian 12, x86-64, each command in an environment of `LC_ALL=C` only:

    valgrind --tool=lackey --trace-mem=yes --log-file=FILE COMMAND

    true    true, of GNU coreutils 9.1
    ls      ls /, of GNU coreutils 9.1
    awk     mawk PROGRAM, of mawk 1.3.4, where PROGRAM is
            BEGIN { for (i = 1; i <= 150; i++) n[i * 7919 % 2003] += i; for (k in n) s += n[k]; print s }

Then each access was replaced by one of a byte, at the start of its page of 4 KiB; one that spans pages, by
one for each. So the files are in format lackey, and short when gzipped. A test records `true` again:
tests/engine/references/test_recorded.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from engine.errors import BadInput

PREFIX: Final = "recorded:"
"""Before the name of a recorded string where a file can be named too."""

TRACES: Final = ("true", "ls", "awk")

_FOLDER: Final = Path(__file__).with_name("traces")


def recorded_path(name: str) -> str:
    """Return the path of the file of a recorded string; `recorded:` may be before its name.

    Errors: BadInput if there is no such string.
    """
    word = name.removeprefix(PREFIX)
    if word not in TRACES:
        raise BadInput(f"{word[:40]!r} is not a recorded string; use {PREFIX}NAME with {', '.join(TRACES)}")
    return str(_FOLDER / f"{word}.gz")
