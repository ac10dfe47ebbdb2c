"""The life of a page, loaded once: a session on it for each test."""

from __future__ import annotations

import pytest

from engine.scenario.loader import Scenario, load
from explorer.session import running
from explorer.session.open import scene_of
from explorer.session.session import Session


@pytest.fixture(scope="session")
def life_scenario() -> Scenario:
    """The library's life-of-a-page."""
    return load("life-of-a-page")


@pytest.fixture
def life(life_scenario: Scenario) -> Session:
    """The life of a page at step 0."""
    return Session(life_scenario.start(), scene_of(life_scenario), life_scenario)


@pytest.fixture(params=[1, 7, 8000])
def sliced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, life: Session) -> Session:
    """The life of a page at step 0, run in slices of several sizes."""
    monkeypatch.setattr(running, "SLICE", request.param)
    return life
