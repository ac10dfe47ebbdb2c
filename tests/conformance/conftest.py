"""Traces of the real kernel, and traces recorded on the model."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.engine.inputs.recorded_traces import recorder, story, write

__all__ = ["golden", "recorder", "story", "write"]

GOLDEN: Final = Path(__file__).resolve().parent / "golden"


@pytest.fixture(scope="session")
def golden() -> Path:
    """The directory of the traces of the real kernel."""
    return GOLDEN
