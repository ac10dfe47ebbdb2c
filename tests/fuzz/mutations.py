"""Random changes of valid texts, and the pieces that break parsers."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Final

NUMBERS: Final = (
    *("0", "-1", "1", "7", "1.5", "1e309", "nan", "4096", "0x1000", "65536", "1_000_000"),
    *("0x7fffffff", "0x80000000", "0x7fffffffffffffff", "9223372036854775808", "-9223372036854775808"),
    *("18446744073709551615", str(10**30), "9" * 5000, "0x" + "f" * 5000, "٣", "1" + "0" * 400),
)

PIECES: Final = (
    *("\0", "\ufeff", "\x1b]0;title\x07", "\x1b[2J", "\u202e", "\u2028", "é", "日本語", "😀", "\x01", "\x7f"),
    *(
        "\r\n",
        "\r",
        "\t",
        "\n",
        "",
        " ",
        '"',
        '"""',
        "'",
        "\\",
        "\\u0000",
        "#",
        "=",
        ":",
        ",",
        ";",
        "{}",
        "[]",
    ),
    *(
        "[" * 2000,
        "(" * 500,
        "a." * 3000,
        "{" * 500,
        "x" * 70_000,
        "..",
        "../../x",
        "/dev/null",
        "~unknown/x",
    ),
    *("null", "true", "[[1]]", "NaN", "<!ENTITY a 'b'>", "&a;", "<", "]]>", "%s", "{i}", "__import__('os')"),
)

_NUMBER: Final = re.compile(r"-?(?:0x[0-9a-fA-F]+|\d+)")

_WORD: Final = re.compile(r"\w+")


def _span(chance: random.Random, text: str, most: int = 40) -> tuple[int, int]:
    begin = chance.randint(0, len(text))
    return begin, min(len(text), begin + chance.randint(0, most))


def _delete(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    begin, end = _span(chance, text)
    return text[:begin] + text[end:]


def _repeat(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    begin, end = _span(chance, text, 400)
    return text[:end] + text[begin:end] * chance.choice((1, 2, 50)) + text[end:]


def _insert(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    begin, _ = _span(chance, text)
    return text[:begin] + chance.choice(PIECES) + text[begin:]


def _replaced(chance: random.Random, text: str, pattern: re.Pattern[str], new: str) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return text
    place = chance.choice(found)
    return text[: place.start()] + new + text[place.end() :]


def _number(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    return _replaced(chance, text, _NUMBER, chance.choice(NUMBERS))


def _word(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    words = _WORD.findall(chance.choice(corpus)) or ["x"]
    return _replaced(chance, text, _WORD, chance.choice(words))


def _splice(chance: random.Random, text: str, corpus: Sequence[str]) -> str:
    other = chance.choice(corpus)
    begin, end = _span(chance, other, 400)
    at, _ = _span(chance, text)
    return text[:at] + other[begin:end] + text[at:]


CHANGES: Final = (_delete, _repeat, _insert, _number, _number, _word, _word, _splice)


def mutated(chance: random.Random, corpus: Sequence[str], longest: int = 300_000) -> str:
    """Return one text of the corpus with one to six random changes, at most `longest` characters."""
    text = chance.choice(corpus)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        text = chance.choice(CHANGES)(chance, text, corpus)[:longest]
    return text


def flipped(chance: random.Random, content: bytes) -> bytes:
    """Return the bytes, one time in three with one of them replaced by any byte."""
    if not content or chance.random() < 2 / 3:
        return content
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
