"""Words are read at once as they are read alone, and wrong ones are refused."""

from __future__ import annotations

import pytest

from engine.references.word_formats import ADDRESSES, PAGES, WordFormat


@pytest.mark.parametrize(
    ("form", "text", "numbers"),
    [
        (PAGES, b"7 0,1\r\n2, 3\t,4\n\n 000000000000000000005,", [7, 0, 1, 2, 3, 4, 5]),
        (PAGES, b"9223372036854775807 999999999999999999", [(1 << 63) - 1, 10**18 - 1]),
        (
            ADDRESSES,
            b"0x1f,0X00\n0x00000000000000000000abc 0xffffffffffffffff",
            [31, 0, 0xABC, (1 << 64) - 1],
        ),
        (PAGES, b"", []),
    ],
)
def test_words_are_numbers(form: WordFormat, text: bytes, numbers: list[int]) -> None:
    found, bad = form.numbers(text)
    assert bad is None
    assert found.tolist() == numbers
    assert [form.number(word) for word in text.replace(b",", b" ").split()] == numbers


@pytest.mark.parametrize(
    ("form", "word"),
    [(PAGES, word) for word in ("-1", "1.5", "0x1", "1e3", "9223372036854775808", "9" * 5000, "1;2", "\xb2")]
    + [(ADDRESSES, word) for word in ("1f", "0x", "0xg", "x1", "0x10000000000000000", "-0x1")],
)
def test_a_wrong_word_is_found_where_it_is(form: WordFormat, word: str) -> None:
    first = form.example.split(",")[0].encode()
    _, bad = form.numbers(first + b"\n" + word.encode("latin-1") + b" " + first)
    assert bad is not None
    assert bad[0] == len(first) + 1
    assert "; " in bad[1]
    assert bad[1].isascii()
    assert len(bad[1]) < 150
