"""The experiments of the package, for a screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.errors import BadInput
from engine.experiments.listing import ExperimentListing, experiment_names
from explorer.session import experiment_list
from explorer.session.experiment_list import listed, varied_keys


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    listed.cache_clear()
    varied_keys.cache_clear()
    yield
    listed.cache_clear()
    varied_keys.cache_clear()


def test_they_are_those_of_the_package_and_have_keys() -> None:
    assert tuple(one.name for one in listed()) == experiment_names()
    for one in listed():
        assert varied_keys(one.name)
    assert varied_keys("no-such") == ()


def test_a_broken_file_leaves_the_list_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[ExperimentListing, ...]:
        raise BadInput("no title")

    monkeypatch.setattr(experiment_list, "listed_experiments", broken)
    assert listed() == ()
