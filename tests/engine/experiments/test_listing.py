"""The experiments that come with the program, by name or as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments import listing
from engine.experiments.listing import exists, experiment_names, find_experiment, listed_experiments
from tests.engine.experiments.small_experiments import write


def test_the_experiments_of_a_folder_are_listed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(write(tmp_path))
    (tmp_path / "two.toml").rename(tmp_path / "two.scenario")
    monkeypatch.setattr(listing, "FOLDER", tmp_path)
    assert experiment_names() == ("small",)
    (one,) = listed_experiments()
    assert (one.name, one.points, one.claim) == ("small", 12, "more colours, less contention")
    assert find_experiment("small") == find_experiment(str(path)) == path
    with pytest.raises(BadInput, match="such as small"):
        find_experiment("smal")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000, "no/such/file"])
def test_what_does_not_exist_is_refused(name: str) -> None:
    assert not exists(Path(name or "?"))
    with pytest.raises(BadInput, match="there is no experiment"):
        find_experiment(name)
