"""Page moves: what counts as one move, and what does not."""

from __future__ import annotations

from collections.abc import Callable

from explorer.session.session import Session
from explorer.views.moves import Move, moves
from tests.explorer.cursor_motions import run

MakeSession = Callable[..., Session]


def test_leaving_and_joining_within_one_call_is_one_move(make_session: MakeSession) -> None:
    session = make_session()
    session.history.extend(100_000)
    found = {(move.source, move.target, move.function): move.count for move in moves(session.history)}
    assert found == {
        ("FREE", "NONE", "vm_page_alloc"): 2,
        ("NONE", "ACTIVE", "vm_page_activate"): 2,
        ("ACTIVE", "INACTIVE", "vm_page_deactivate"): 1,
        ("ACTIVE", "FREE", "vm_page_free_toq"): 1,
        ("INACTIVE", "FREE", "vm_page_free_toq"): 1,
    }


def test_a_page_between_queues_counts_as_moved_to_none(make_session: MakeSession) -> None:
    session = make_session()
    session.history.extend(100_000)
    history = session.history
    ways = {}
    for step in range(1, history.total + 1):
        history.seek(step)
        ways[step] = {(m.source, m.target): m for m in moves(history) if m.function == "vm_page_deactivate"}
    left = next(step for step, way in ways.items() if ("ACTIVE", "NONE") in way)
    joined = next(step for step, way in ways.items() if ("ACTIVE", "INACTIVE") in way)
    assert left < joined
    assert ways[left]["ACTIVE", "NONE"].last == left
    assert all(("ACTIVE", "NONE") not in ways[step] for step in range(joined, history.total + 1))


def test_each_kind_of_move_has_its_count_and_its_last_step(life: Session) -> None:
    """The log of life-of-a-page shows the steps at which page 0xc03 leaves and joins queues."""
    run(life)
    assert moves(life.history) == (
        Move("FREE", "NONE", "vm_page_alloc", 2, 129),
        Move("NONE", "ACTIVE", "vm_page_activate", 1, 41),
        Move("ACTIVE", "INACTIVE", "vm_page_deactivate", 1, 65),
        Move("INACTIVE", "CACHE", "vm_page_cache", 1, 82),
        Move("CACHE", "FREE", "vm_page_free", 1, 112),
    )


def test_moves_are_those_up_to_the_cursor_after_any_seek(life: Session) -> None:
    run(life)
    moves(life.history)
    life.history.seek(61)  # the page has left ACTIVE, and is not on INACTIVE before step 65
    assert moves(life.history)[2:] == (Move("ACTIVE", "NONE", "vm_page_deactivate", 1, 61),)
    life.history.seek(10)
    assert moves(life.history) == ()


def test_a_branch_has_the_moves_it_shares_and_its_own(life: Session) -> None:
    run(life)
    life.history.seek(50)
    life.history.fork()
    assert [move.function for move in moves(life.history)] == ["vm_page_alloc", "vm_page_activate"]
    run(life)
    assert [move.count for move in moves(life.history)] == [2, 1, 1, 1, 1]


def test_a_daemons_markers_are_not_page_moves(scan: Session) -> None:
    found = {(move.source, move.target): move.count for move in moves(scan.history)}
    assert found["NONE", "INACTIVE"] == 1
    assert sum(found.values()) < 5
