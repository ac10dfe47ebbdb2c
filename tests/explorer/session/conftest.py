"""Sessions of life-of-a-page that run in slices of several sizes."""

from __future__ import annotations

import pytest

from explorer.session import running
from explorer.session.session import Session


@pytest.fixture(params=[1, 7, 8000])
def sliced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, life: Session) -> Session:
    """A session of life-of-a-page at step 0 that runs in slices of several sizes."""
    monkeypatch.setattr(running, "SLICE", request.param)
    return life
