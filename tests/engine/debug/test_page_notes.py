"""The notes of steps about pages: many steps read at once, and one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.debug import page_notes
from engine.debug.page_notes import HELD, QUEUE, WRITTEN, notes_of
from engine.run.history import History
from engine.scenario.loader import load


@pytest.fixture(scope="module")
def run() -> History:
    history = load("special-pages").start()
    history.extend(2_000)
    return history


@pytest.mark.parametrize("name", ["life-of-a-page", "special-pages", "sixteen-queues"])
def test_a_long_stretch_gives_the_notes_of_its_steps(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    history = load(name).start()
    history.extend(2_000)
    monkeypatch.setattr(page_notes, "_FEW", 10_000)
    one_by_one = notes_of(history, 0, history.total, set())
    monkeypatch.setattr(page_notes, "_FEW", 0)
    assert sorted(notes_of(history, 0, history.total, set())) == sorted(one_by_one)
    assert {kind for _, kind, *_ in one_by_one} >= {QUEUE, WRITTEN, HELD}


def test_what_boot_writes_is_not_noted_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    history = load("life-of-a-page").start()
    history.extend(2_000)
    history.programs[0] = replace(history.programs[0], boot=True)
    every = []
    for few in (0, 10_000):
        monkeypatch.setattr(page_notes, "_FEW", few)
        every.append(notes_of(history, 0, history.total, set()))
    assert sorted(every[0]) == sorted(every[1])
    assert {history.journal.thread(step) for step, kind, *_ in every[1] if kind == WRITTEN} == {1}
    assert {history.journal.thread(step) for step, kind, *_ in every[1] if kind == QUEUE} == {0, 1}


def test_a_page_is_noted_as_written_once_and_not_if_it_is_known(run: History) -> None:
    written = [m for _, kind, m, *_ in notes_of(run, 0, run.total, set()) if kind == WRITTEN]
    assert len(written) == len(set(written)) > 1
    again = [m for _, kind, m, *_ in notes_of(run, 0, run.total, {written[0]}) if kind == WRITTEN]
    assert again == written[1:]


def test_no_step_has_no_note(run: History) -> None:
    assert notes_of(run, 5, 5, set()) == []


def test_a_note_of_a_field_has_its_value_before(run: History) -> None:
    place = run.vm.memory.places["page.queue"]
    step, _, m, value, old = next(note for note in notes_of(run, 0, run.total, set()) if note[1] == QUEUE)
    assert (place.base + m, old, value) in run.journal.writes_of(step)
