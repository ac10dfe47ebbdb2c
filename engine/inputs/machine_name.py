"""The one place where the text a person gives for a machine becomes hardware."""

from __future__ import annotations

import os
from typing import Final

from engine.errors import BadInput
from engine.machine.topology import PRESETS, Hardware, parse_spec

LONGEST_SPEC: Final = 64
"""No preset or `SIZE:SxCxT` is longer, and Python converts no number of unlimited length."""


def read_machine(text: str) -> Hardware:
    """Read a preset's name, `SIZE:SxCxT`, `host`, or the path of an hwloc XML file, tried in this order.

    A file whose name is that of a preset is reached with its folder: `./tiny`.
    Errors: BadInput when the text is none of these, or when the machine cannot be read or built.
    """
    hardware = parse_spec(text) if len(text) <= LONGEST_SPEC else None
    if hardware is not None:
        return hardware
    # Imported here: a start with a preset need not wait for an XML parser.
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


def _is_there(text: str) -> bool:
    """Whether a file, folder or anything else has this path."""
    try:
        return bool(text) and os.path.lexists(text)
    except ValueError:
        return False  # a NUL byte, or a character that no path can have


def _cut(text: str) -> str:
    """Quote the text for a message, cut where it is long."""
    return repr(text) if len(text) <= 80 else f"{text[:80]!r}..."
