"""Traces of the real kernel, where a checkout has them beside it, and traces recorded on the model."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.engine.inputs.recorded_traces import recorder, story, write

__all__ = ["golden", "recorder", "story", "write"]

GOLDEN: Final = Path(__file__).resolve().parents[3] / "shared" / "golden"


@pytest.fixture(scope="session")
def golden() -> Path:
    """The directory of traces of the real kernel; a test that needs it is skipped where there is none."""
    if not GOLDEN.is_dir():
        pytest.skip(f"no golden traces at {GOLDEN}")
    return GOLDEN
