"""The picture of the screen in a browser: made where Chromium is, else left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.serve.screenshot import SIZE, main, missing
from explorer.tui.screenshots import BROWSER, FOLDER

LARGE = 40_000
"""Bytes; an empty page of this size has 4,000."""

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def size_of(picture: bytes) -> tuple[int, int]:
    """Return a PNG's width and height in pixels."""
    assert picture.startswith(PNG)
    fields = picture.removeprefix(PNG)
    return int.from_bytes(fields[:4], "big"), int.from_bytes(fields[4:8], "big")


def test_the_picture_of_the_documentation_has_the_size_of_a_window() -> None:
    assert size_of((FOLDER / BROWSER).read_bytes()) == SIZE


def test_without_chromium_the_picture_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    picture = tmp_path / "in-a-browser.png"
    picture.write_bytes(b"as before")
    main(picture)
    assert picture.read_bytes() == b"as before"
    said = f"{tmp_path.name}/in-a-browser.png is not made again: Chromium is not installed\n"
    assert capsys.readouterr().out == said


@pytest.mark.slow
@pytest.mark.skipif(missing() is not None, reason=f"{missing()} is not installed")
def test_the_picture_is_made_by_the_browser(tmp_path: Path) -> None:
    picture = tmp_path / "in-a-browser.png"
    main(picture)
    assert size_of(picture.read_bytes()) == SIZE
    assert len(picture.read_bytes()) > LARGE
