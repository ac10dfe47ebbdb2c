"""PNG pictures: by CairoSVG, by rsvg-convert, or a message that says how to get one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from engine.errors import BadInput
from explorer.session.session import Session
from explorer.tui.export import write_moment
from explorer.tui.png import to_png

PNG = b"\x89PNG\r\n"


@pytest.fixture(autouse=True)
def neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide both programs; return a folder of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def rsvg(folder: Path, code: str) -> None:
    program = folder / "rsvg-convert"
    program.write_text(f"#!/bin/sh\n{code}\n")
    program.chmod(0o755)


def test_cairosvg_makes_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("cairosvg")
    module.svg2png = lambda bytestring: PNG + bytestring  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cairosvg", module)
    assert to_png("<svg/>") == PNG + b"<svg/>"


def test_rsvg_convert_makes_the_picture(neither: Path) -> None:
    rsvg(neither, 'printf "%s:" "$1"; exec /bin/cat')
    assert to_png("<svg>é</svg>") == b"--format=png:" + "<svg>é</svg>".encode()


def test_without_either_the_message_names_both() -> None:
    with pytest.raises(BadInput, match=r"needs CairoSVG \(pip install cairosvg\) or rsvg-convert"):
        to_png("<svg/>")


def test_a_program_that_fails_is_reported(neither: Path) -> None:
    rsvg(neither, "echo no fonts >&2; exit 3")
    with pytest.raises(BadInput, match="rsvg-convert failed: no fonts"):
        to_png("<svg/>")


def test_the_suffix_png_writes_a_png_picture(session: Session, neither: Path, tmp_path: Path) -> None:
    rsvg(neither, f"printf '{PNG[1:4].decode()}'")
    path = write_moment(session, str(tmp_path / "moment.png"), (80, 24), lambda *_: "<svg/>")
    assert path.read_bytes() == b"PNG"
