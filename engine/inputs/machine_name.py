"""Conversion of the text of a `--machine` to hardware."""

from __future__ import annotations

import os
from typing import Final

from engine.errors import BadInput
from engine.machine.topology import PRESETS, Hardware, parse_spec

LONGEST_SPEC: Final = 64
"""Maximum length of a preset or `SIZE:SxCxT`; Python limits the length of numbers it converts."""


def read_machine(text: str) -> Hardware:
    """Parse a preset's name, `SIZE:SxCxT`, `host`, or the path of an hwloc XML file, in this order.

    To use a file with the name of a preset, give its directory: `./tiny`.
    Errors: BadInput if the text is anything else, or if the machine cannot be read or built.
    """
    hardware = parse_spec(text) if len(text) <= LONGEST_SPEC else None
    if hardware is not None:
        return hardware
    # Imported here so that a start with a preset does not load an XML parser.
    if text == "host":
        from engine.inputs.host import read_host

        return read_host()
    if _is_there(text):
        from engine.inputs.hwloc import read_hwloc

        return read_hwloc(text)
    raise BadInput(
        f"there is no machine {_cut(text)}; give a preset ({', '.join(PRESETS)}), host, "
        "an hwloc XML file, or SIZE:SOCKETSxCORESxTHREADS such as 64MiB:2x4x2"
    )


def names_file(text: str) -> bool:
    """Whether read_machine looks for a file: the text is not a preset, `SIZE:SxCxT` or `host`.

    Errors: BadInput if it is a `SIZE:SxCxT` that no machine can have.
    """
    return text != "host" and (len(text) > LONGEST_SPEC or parse_spec(text) is None)


def _is_there(text: str) -> bool:
    """Whether the path exists."""
    try:
        return bool(text) and os.path.lexists(text)
    except ValueError:
        return False  # a NUL byte, or a character that is not valid in a path


def _cut(text: str) -> str:
    """Quote the text for a message, truncated if it is long."""
    return repr(text) if len(text) <= 80 else f"{text[:80]!r}..."
