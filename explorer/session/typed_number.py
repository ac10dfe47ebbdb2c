"""A number as a user types it."""

from __future__ import annotations

from engine.errors import BadInput


def number_of(text: str, what: str) -> int:
    """Parse an integer, decimal or 0x...

    Errors: BadInput that names `what` was expected.
    """
    digits = text.replace(",", "").replace("_", "")
    try:
        # 20 characters hold every number of 64 bits.
        return int(digits if digits.isascii() and len(digits.strip()) <= 20 else "", 0)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not {what}; write it as 2053 or 0x805") from None
