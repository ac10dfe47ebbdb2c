"""The output of a command as tests see it: exit code, stdout and stderr."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[3]
"""The folder of the checkout, where a new process finds the packages."""

Output = tuple[int, str, str]
Run = Callable[..., Output]


def objects(text: str) -> list[Any]:
    """Parse an output of one JSON object per line."""
    return [json.loads(line) for line in text.splitlines()]


def refused(output: Output, message: str) -> None:
    """Assert that a command refused its input with this message."""
    code, _, err = output
    assert code == 2
    assert message in err
    assert "Traceback" not in err
