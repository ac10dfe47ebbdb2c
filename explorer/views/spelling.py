"""Answers as the screen spells them: `ACTIVE[0]`, `LOCKED|soft 2`, `page 0x40`, `1,024`, `sleeping`.

An answer is compared by value, so a spelling is turned into EXPRs that may have the value. A word has no
prefix on the screen, so each prefix is tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Final

from engine.language.values import CONSTANTS
from engine.scenario.question import WORDS

_WORD: Final = re.compile(r"(?<![\w.])[^\W\d]\w*")
_QUEUE: Final = re.compile(r"(\w+)\s*\[\s*(\w+)\s*\]")
_TYPES: Final = ("queue_of(", "base_of(")
_MEANING: Final = re.compile(r"(\S.*) \((.*)\)")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PAGE: Final = re.compile(r"\bpage\s+(?=\d)", re.IGNORECASE)
_PAGE_CELL: Final = re.compile(r"\bpage\s*\[\s*(\w+)\s*\]", re.IGNORECASE)
_SOFT: Final = re.compile(r"\bsoft\s+(?=\d)", re.IGNORECASE)
_LETTER: Final = re.compile(r"([a-z])\)\s*(.*)", re.IGNORECASE | re.ASCII)
_BITS: Final = re.compile(r"[0-9a-f]{2}", re.IGNORECASE)

_STATES: Final = {"RUNS": "READY", "IN QUEUE": "READY"}
"""How the screen calls the state of a thread that can run."""

PREFIXES: Final = ("PQ_", "PBUSY_", "PG_", "VM_PROT_", "VM_MEMATTR_")
"""The prefixes of constants that the screen leaves out."""


_VALUE: Final = re.compile(r"(?<!\w)[^\W\d]\w*")


def without_letter(given: str, choices: Sequence[str]) -> str:
    """Return the choice of an answer `b)`, the letter that a printed question gives it; else the answer.

    After a letter, the rest of the answer counts: `b) PQ_NONE` is PQ_NONE. No EXPR starts like this.
    """
    lettered = _LETTER.fullmatch(given.strip())
    if lettered is None:
        return given
    number = ascii_lowercase.index(lettered[1].lower())
    return lettered[2] or (choices[number] if number < len(choices) else given)


def is_value(text: str) -> bool:
    """Whether a text is made only of numbers, constants, yes and no: it does not read the machine."""
    words = _VALUE.findall(text)
    return all(word in CONSTANTS or word == "NULL" or word.lower() in WORDS for word in words)


def spellings(given: str, asked: str) -> list[str]:
    """Return the EXPRs that an answer may mean, without repeats; the answer as it is comes first.

    given: the answer. asked: the EXPR of the question; only valid and dirty are hexadecimal without 0x.
    """
    text = given.strip()
    found = [text]
    if text.lower() in ("none", "null"):
        found.append("NULL")
    if _BITS.fullmatch(text) and asked.endswith((".valid", ".dirty")):
        found.append(f"0x{text}")
    if meaning := _MEANING.fullmatch(text):
        # 2052 (ACTIVE[3]) is 2052 as a page's queue, and ACTIVE as the type of queue.
        text = meaning[2 if asked.startswith(_TYPES) and _QUEUE.fullmatch(meaning[2]) else 1]
    text = _STATES.get(text.upper(), text)
    queue = r"\1 + \2" if asked.endswith(".queue") else r"\1"
    for pattern, right in ((_PAGE_CELL, r"\1"), (_QUEUE, queue), (_THOUSANDS, ""), (_PAGE, ""), (_SOFT, "")):
        text = pattern.sub(right, text)
    found += [_with_prefix(text, prefix) for prefix in ("", *PREFIXES)]
    return list(dict.fromkeys(found))


def _with_prefix(text: str, prefix: str) -> str:
    """Replace each word by the constant that it is short for, if there is one."""

    def constant(word: re.Match[str]) -> str:
        name = word[0].upper()
        return next((known for known in (f"{prefix}{name}", name) if known in CONSTANTS), word[0])

    return _WORD.sub(constant, text)
