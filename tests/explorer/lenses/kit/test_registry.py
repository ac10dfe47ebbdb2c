"""The registry of lenses lists the modules of the package."""

from __future__ import annotations

from pathlib import Path

import pytest

import explorer.lenses
from engine.errors import BadInput
from explorer.lenses.kit import registry
from explorer.lenses.kit.registry import LENSES, lens_called, lens_help, lens_named

FOLDER = Path(explorer.lenses.__file__).parent


def test_every_module_of_the_package_is_a_lens_of_the_same_name() -> None:
    assert sorted(LENSES[1:]) == sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
    assert [lens_named(name).name for name in LENSES[1:]] == [*LENSES[1:]]


def test_the_order_of_v_starts_with_log_and_why() -> None:
    assert LENSES[:4] == ("log", "why", "whynot", "life")


def test_a_new_file_is_a_lens_at_the_place_that_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, place in (("late", 90), ("early", 5)):
        (tmp_path / f"{name}.py").write_text(f"PLACE = {place}\nLENS = None\n", encoding="utf-8")
    monkeypatch.setattr(registry, "_FOLDER", tmp_path)
    assert registry._listed() == ("log", "early", "late")


def test_each_lens_has_its_help() -> None:
    assert len({lens_help(name) for name in LENSES}) == len(LENSES)


def test_an_unknown_lens_is_refused_with_the_list_of_lenses() -> None:
    with pytest.raises(BadInput, match="there is no lens called 'nothing'; there are log, why, whynot, life"):
        lens_called("nothing")


def test_a_lens_may_be_abbreviated() -> None:
    assert lens_called("mac") == "machine"
    assert lens_called("why") == "why"
    with pytest.raises(BadInput, match="'w' is ambiguous; use why, whynot"):
        lens_called("w")
