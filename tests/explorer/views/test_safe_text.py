"""Text from files cannot control a terminal, and a glyph that an encoding lacks is printed in words."""

from __future__ import annotations

import io
import json
import tomllib

import pytest

from explorer.views.safe_text import WORDS, SafeStream, safe, trusted, without_controls


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;PWNED\x07", "\\u001b]0;PWNED\\u0007"),
        ("\x9b31mred", "\\u009b31mred"),
        ("a\x7fb\rc", "a\\u007fb\\u000dc"),
        ("right \u202eto left", "right \\u202eto left"),
        ("two\u2028lines", "two\\u2028lines"),
        ("\ud800", "\\ud800"),
        ("one\ttab\nand 頁 → é", "one\ttab\nand 頁 → é"),
        ("", ""),
    ],
)
def test_an_unsafe_character_becomes_its_escape(text: str, shown: str) -> None:
    assert safe(text) == shown
    assert safe(shown) == shown


def test_json_and_toml_read_the_escapes_back() -> None:
    assert json.loads(safe(json.dumps("\x7f\x1b"))) == "\x7f\x1b"
    assert tomllib.loads(safe('x = "\x1b"'))["x"] == "\x1b"


def test_on_the_screen_an_unsafe_character_is_removed() -> None:
    assert without_controls("\x1b[2Jtitle\u202e 頁") == "[2Jtitle 頁"


def test_a_stream_escapes_what_is_written_and_is_otherwise_the_stream_it_wraps() -> None:
    inner = io.StringIO()
    stream = SafeStream(inner)
    assert stream.write("\x1b[2J") == 4
    stream.writelines(["a\n", "\x07"])
    assert inner.getvalue() == "\\u001b[2Ja\n\\u0007"
    assert stream.isatty() is False
    assert trusted(stream) is inner
    assert trusted(inner) is inner


def test_a_glyph_that_an_encoding_lacks_is_printed_in_words() -> None:
    assert "0 → 1, ≥ 2 … 頁 é".encode("ascii", WORDS) == b"0 -> 1, >= 2 ... ? ?"
    assert "é →".encode("latin-1", WORDS) == b"\xe9 ->"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode("ascii", WORDS)
