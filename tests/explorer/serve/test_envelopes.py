"""What a browser sends; the messages that are not right are those of `test_server`."""

from __future__ import annotations

import json
import re

import pytest

from engine.saved.state_string import LARGEST_TOKEN
from explorer.serve.envelopes import (
    DEFAULT_SIZE,
    LARGEST_STATE,
    BadEnvelope,
    Meta,
    Ping,
    Typed,
    first_size,
    read_envelope,
)
from explorer.serve.page import HERE


@pytest.mark.parametrize(
    ("envelope", "read"),
    [
        (["stdin", "é"], Typed("é".encode())),
        (["stdin", "\ud800"], Typed(b"?")),
        (["ping", "x" * 100], Ping("x" * 64)),
        (["focus"], Meta({"type": "focus"})),
        (
            ["resize", {"width": 80, "height": 9999}],
            Meta({"type": "resize", "width": 80, "height": 500}, True),
        ),
        (["open", "pq1-\ud800"], Meta({"type": "open", "state": "pq1-?"}, True)),
        (["unknown", 1], None),
    ],
)
def test_a_message_is_read(envelope: list[object], read: object) -> None:
    assert read_envelope(json.dumps(envelope)) == read


def test_a_state_string_is_as_long_as_the_engine_reads_it() -> None:
    assert LARGEST_STATE == LARGEST_TOKEN
    (own,) = re.findall(r"LONGEST_STATE = (\d+) << 20;", (HERE / "page.js").read_text())
    assert int(own) << 20 == LARGEST_STATE
    assert read_envelope(json.dumps(["open", "a" * LARGEST_STATE])) is not None
    with pytest.raises(BadEnvelope, match="too long"):
        read_envelope(json.dumps(["open", "a" * (LARGEST_STATE + 1)]))


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [
        ("100", "30", (100, 30)),
        ("0", "0", (1, 1)),
        ("99999", "99999", (1000, 500)),
        ("", "30", DEFAULT_SIZE),
        ("-1", "30", DEFAULT_SIZE),
        ("9" * 5000, "30", DEFAULT_SIZE),
        ("²", "30", DEFAULT_SIZE),
    ],
)
def test_the_first_size_is_one_that_a_screen_can_have(width: str, height: str, size: tuple[int, int]) -> None:
    assert first_size({"width": width, "height": height}) == size
    assert first_size({}) == DEFAULT_SIZE
