"""Undo and redo of the effects of commands; recorded steps are kept."""

from __future__ import annotations

import pytest

from explorer.session import branches, stepping
from explorer.session import stops as stopping
from explorer.session import undo as undoing
from explorer.session.session import Session
from explorer.session.undo import Snapshot, Undo, restore, snapshot
from tests.explorer.cursor_motions import drive


def test_all_effects_of_a_command_are_undone_and_redone(life: Session) -> None:
    undo = Undo()

    def do(name: str, act: object) -> None:
        undo.remember(life, name)
        act()  # type: ignore[operator]

    do("step", lambda: drive(stepping.steps(life, 30)))
    do("break", lambda: stopping.add_break(life, "vm_page_wakeup"))
    do("mark", lambda: stepping.toggle_mark(life, "z"))
    do("goto", lambda: life.history.seek(10))
    do("fork", lambda: branches.fork(life, "mine"))
    do("nothing", lambda: None)
    assert life.history.branch.name == "mine"
    assert undo.back(life) == "fork"
    assert (life.history.current, life.history.step) == (0, 10)
    assert undo.back(life) == "goto"
    assert life.history.step == 30
    assert undo.back(life) == "mark"
    assert life.marks == {}
    assert undo.back(life) == "break"
    assert life.stops == []
    assert undo.back(life) == "step"
    assert life.history.step == 0
    assert undo.back(life) is None
    assert [undo.forward(life) for _ in range(6)] == ["step", "break", "mark", "goto", "fork", None]
    assert life.history.branch.name == "mine"
    assert life.marks == {30: "z"}
    assert len(life.history.branches) == 2


def test_before_the_first_command_there_is_nothing_to_undo_or_redo(life: Session) -> None:
    undo = Undo()
    assert (undo.back(life), undo.forward(life)) == (None, None)


def test_a_new_command_clears_redo(life: Session) -> None:
    undo = Undo()
    for letter in "ab":
        undo.remember(life, f"mark {letter}")
        stepping.toggle_mark(life, letter)
        life.history.extend(1)
    assert undo.back(life) == "mark b"
    undo.remember(life, "lens")
    life.look_through("why")
    assert undo.forward(life) is None
    assert [undo.back(life), undo.back(life)] == ["lens", "mark a"]
    assert (life.lens, life.marks, life.history.step) == ("log", {}, 0)


def test_changes_in_place_are_undone_too(life: Session) -> None:
    undo = Undo()
    undo.remember(life, "mark")
    life.marks[3] = "a"
    assert undo.back(life) == "mark"
    assert life.marks == {}
    assert undo.forward(life) == "mark"
    assert life.marks == {3: "a"}


def test_two_snapshots_are_the_same_place_regardless_of_command(life: Session) -> None:
    before = snapshot(life, "step")
    assert before.same_place(snapshot(life, "mark"))
    life.history.extend(1)
    assert not before.same_place(snapshot(life, "step"))
    restore(life, before)
    assert before.same_place(snapshot(life, "step"))
    life.pin(7)
    assert not before.same_place(snapshot(life, "step"))


def test_the_oldest_snapshots_are_dropped(life: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "MOST", 3)
    undo = Undo()
    for field in ("queue", "flags", "valid", "dirty", "pc"):
        undo.remember(life, field)
        life.field = field
    assert [undo.back(life) for _ in range(4)] == ["pc", "dirty", "valid", None]
    assert life.field == "flags"


def test_undo_and_redo_pass_over_a_dropped_branch(life: Session) -> None:
    undo = Undo()
    for command in ("fork", "step", "drop"):
        undo.remember(life, command)
        if command == "fork":
            branches.fork(life, "aside")
        elif command == "step":
            stepping.step(life)
        else:
            branches.drop(life, "aside")
    assert (life.history.current, life.history.step) == (0, 0)
    stepping.step(life)
    assert undo.back(life) == "fork"
    assert (life.history.current, life.history.step) == (0, 0)
    undo.past, undo.future = [], [Snapshot("step", 1, 0, {})]
    assert undo.forward(life) is None
