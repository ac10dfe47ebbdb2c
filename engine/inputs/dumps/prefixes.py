"""What precedes a line of a dump: marks of a quoted mail, stamps of a log, prompts."""

from __future__ import annotations

import re
from typing import Final

_QUOTE: Final = re.compile(r"(?: ?[>|] ?)+")

_STAMP: Final = (
    r"(?:<[0-9]{1,3}>(?:1 )?"
    r"|\[ *[0-9]+\.[0-9]{3,9}\]"
    r"|\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?\]?"
    r"|[A-Z][a-z]{2} {1,2}[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"|\[?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?\]?)"
)
"""A priority, seconds since boot, or a date and time, as logs write them."""

_NAMES: Final = r"(?!PQ_|vmstats\.|vm\.|hw\.|v_)"
_TAG: Final = rf"(?:{_NAMES}[\w.-]+ )?{_NAMES}[A-Za-z][\w./-]*(?:\[[0-9]+\])?:(?: - - -)? ?"
"""Host and program in a log, such as `host kernel: `."""

_LOG: Final = re.compile(rf" *(?:(?:{_STAMP} ?)+(?:{_TAG})?|kernel: )")

_PROMPT: Final = re.compile(
    r" *(?:(?:k?db|ddb)(?:\{[0-9]+\})?>|\(k?gdb\)"
    r"|(?:\[[^\]]{1,80}\]|[\w.-]{1,60}(?:@[\w.-]{1,60}:? ?[^\s#$%>]{0,120})?)? ?[#$%>])(?: +|\Z)"
)
"""A prompt of DDB, of a kernel debugger or of a shell."""


def without_quotes(text: str) -> tuple[str, str]:
    """Split a line into the marks of quoting at its start and the rest."""
    found = _QUOTE.match(text)
    return (text[: found.end()], text[found.end() :]) if found else ("", text)


def prefix_length(text: str) -> int:
    """Return the length of the log's stamp and of the prompts at the start of a line."""
    found = _LOG.match(text)
    end = found.end() if found else 0
    while prompt := _PROMPT.match(text, end):
        if prompt.end() == end:
            break
        end = prompt.end()
    return end


def has_prompt(text: str) -> bool:
    """Whether a line starts with a prompt, after any stamp of a log."""
    found = _LOG.match(text)
    return _PROMPT.match(text, found.end() if found else 0) is not None
