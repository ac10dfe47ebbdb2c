"""Text that is safe to print: what a file, a name or a state string contains never controls a terminal.

Titles, names, questions and messages come from files of other people. A control character among them could
set the window's title, clear the screen or change the direction of the text. `SafeStream` wraps stdout and
stderr of the commands, so that everything goes through `safe`; the screen and pictures use `safe` and
`without_controls` in one place each. Does not import Textual.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Final, TextIO

from explorer.views.glyphs import SPOKEN

_UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
"""Control characters except tab and line end, marks of direction, other line ends, lone surrogates."""

WORDS: Final = "pageq-words"
"""The name of the encoding error handler that prints a glyph in ASCII, `->` for an arrow."""


def safe(text: str) -> str:
    """Replace each unsafe character by its escape, such as `\\u001b`, which JSON and TOML read as well."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def without_controls(text: str) -> str:
    """Remove each unsafe character; none of them takes a column."""
    return text if text.isprintable() else _UNSAFE.sub("", text)


def _in_words(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    failed = error.object[error.start : error.end]
    return "".join(SPOKEN.get(character, "?") for character in failed), error.end


codecs.register_error(WORDS, _in_words)


class SafeStream:
    """A text stream that writes `safe` text; everything else is as in the stream that it wraps.

    trusted: the wrapped stream, for escape sequences that a command itself makes.
    """

    def __init__(self, trusted: TextIO) -> None:
        self.trusted = trusted

    def write(self, text: str) -> int:
        """Write the text with its unsafe characters escaped; return its length."""
        self.trusted.write(safe(text))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        """Write each line."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.trusted, name)


def trusted(stream: Any) -> Any:
    """Return the stream without the wrapper, if it has one."""
    return getattr(stream, "trusted", stream)
