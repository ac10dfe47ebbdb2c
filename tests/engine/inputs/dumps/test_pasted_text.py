"""The plain lines of a pasted text."""

from __future__ import annotations

import pytest

from engine.inputs.dumps.pasted_text import decoded, rows

TEXTS = [
    ("a\r\nb\r\r\nc", [(1, "a", True), (2, "b", True), (3, "c", False)]),
    ("a\rb\r", [(1, "a", True), (2, "b", True)]),
    ("a\rb\nc\n", [(1, "a", True), (1, "b", True), (2, "c", True)]),
    ("\x1b[1;31ma\x1b[m\x1b]0;b\x07\x1b(Bc\x9b2Kd\n", [(1, "acd", True)]),
    ("--More--\r        \ra\n--More--(42%)\b\b  \b\bb\n", [(1, "a", True), (2, "b", True)]),
    ("ab\b\b\bcd\b \n", [(1, "c ", True)]),
    ("\ufeffa\u00a0b\tc\u200bd\0\x7f\n", [(1, "a b cd", True)]),
]


@pytest.mark.parametrize(("text", "lines"), TEXTS, ids=[repr(text) for text, _ in TEXTS])
def test_a_line_is_what_a_terminal_shows(text: str, lines: list[tuple[int, str, bool]]) -> None:
    assert list(rows(text, "pasted")) == lines


def test_a_files_bytes_are_text_in_any_case() -> None:
    assert decoded("\u00e9".encode()) == decoded("\u00e9".encode("utf-16")).removeprefix("\ufeff") == "\u00e9"
    assert decoded(b"a\xffb") == "a\ufffdb"
    assert decoded(b"\xff\xfea") == "\ufffd"
