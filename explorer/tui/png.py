"""A picture as PNG, made from its SVG by a program that the user has: CairoSVG, or librsvg's rsvg-convert."""

from __future__ import annotations

import subprocess
from importlib import import_module
from shutil import which
from typing import Final

from engine.errors import BadInput

SECONDS: Final = 60.0
"""The time that rsvg-convert has for a picture."""

MISSING: Final = (
    "a PNG picture needs CairoSVG (pip install cairosvg) or rsvg-convert (librsvg); "
    "install one, or use an SVG picture, which every browser shows"
)


def to_png(svg: str) -> bytes:
    """Convert a picture from SVG to PNG.

    Errors: BadInput if there is no program for it, or if it fails.
    """
    try:
        cairosvg = import_module("cairosvg")
    except (ImportError, OSError):  # OSError: the Python package is there, but the Cairo library is not
        return _rsvg(svg)
    png: bytes = cairosvg.svg2png(bytestring=svg.encode())
    return png


def _rsvg(svg: str) -> bytes:
    program = which("rsvg-convert")
    if program is None:
        raise BadInput(MISSING)
    try:
        done = subprocess.run(
            [program, "--format=png"], input=svg.encode(), capture_output=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        raise BadInput(f"rsvg-convert failed: {said.decode(errors='replace').strip()[:200]}") from None
    return done.stdout
