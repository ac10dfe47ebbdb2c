"""Numbers as a user types them."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from explorer.session.typed_number import number_of


@pytest.mark.parametrize(("text", "number"), [("2053", 2053), ("0x805", 2053), ("2,053", 2053), ("-1", -1)])
def test_a_number_is_read_in_either_base(text: str, number: int) -> None:
    assert number_of(text, "a page number") == number


@pytest.mark.parametrize("text", ["", "x", "1.5", "0x", "12 13", "\u0664"])
def test_an_invalid_number_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(BadInput, match="is not a page number; write it as 2053 or 0x805"):
        number_of(text, "a page number")
