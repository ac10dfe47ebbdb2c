"""What a command gave, as tests look at it: exit code, stdout and stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
"""The folder of the checkout, where a fresh process finds the packages."""

Output = tuple[int, str, str]
Run = Callable[..., Output]


def objects(text: str) -> list[Any]:
    """The JSON objects of an output that has one a line."""
    return [json.loads(line) for line in text.splitlines()]


def refused(output: Output, message: str) -> None:
    """See that a command found its input bad, and said so in words."""
    code, _, err = output
    assert code == 2
    assert message in err
    assert "Traceback" not in err
