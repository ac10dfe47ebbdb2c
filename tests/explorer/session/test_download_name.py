"""The name of a download is the last part of what was typed, and means nothing in a header or a shell."""

from __future__ import annotations

import re

import pytest

from explorer.session.download_name import LONGEST, download_name

NAMES = [
    ("life.svg", "life.svg"),
    ("my run.toml", "my_run.toml"),
    ("/etc/passwd", "passwd"),
    ("../../x.svg", "x.svg"),
    ("C:\\Users\\me\\x.json", "x.json"),
    ("~nouser/x.svg", "x.svg"),
    (".bashrc", "bashrc"),
    ("-rf", "rf"),
    ('a";filename=evil.exe', "a_filename_evil.exe"),
    ("a\r\nSet-Cookie: x.svg", "a_Set-Cookie_x.svg"),
    ("a\0b.svg", "a_b.svg"),
    ("Größe.txt", "Gr_e.txt"),
    ("\u202egpj.svg", "_gpj.svg"),
    ("CON.svg", "_CON.svg"),
    ("nul", "_nul"),
    ("console.svg", "console.svg"),
    ("", "pageq"),
    ("..", "pageq"),
    ("/", "pageq"),
]


@pytest.mark.parametrize(("typed", "name"), NAMES, ids=[repr(row[0]) for row in NAMES])
def test_the_name_of_a_download(typed: str, name: str) -> None:
    assert download_name(typed) == name


@pytest.mark.parametrize("typed", ["x" * 5000, "x" * 5000 + ".svg", "x." + "s" * 5000, "." * 5000])
def test_a_long_name_is_cut_and_keeps_a_short_suffix(typed: str) -> None:
    name = download_name(typed)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name) is not None
    assert len(name) <= LONGEST
    assert name.endswith(".svg") == typed.endswith(".svg")
