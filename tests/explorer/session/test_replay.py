"""What a replay gathers: rows by frames, the kernel's among them, and what was left out."""

from __future__ import annotations

from explorer.session.replay import Asked, replay
from explorer.views.replay import COUNTED, KERNEL_COUNTED


def test_the_rows_are_by_frames_and_have_the_kernel_first() -> None:
    seen: list[str] = []
    asked = Asked(
        "made:loop:pages=20,length=200,writes=10", frames=(16, 24), policies=("lru", "opt", "kernel")
    )
    found = replay(asked, seen.append)
    assert [(row.policy, row.frames) for row in found.rows] == [
        (policy, frames) for frames in (16, 24) for policy in ("kernel", "lru", "opt")
    ]
    kernel = found.rows[0].counts
    assert tuple(kernel) == (*COUNTED, *KERNEL_COUNTED)
    assert kernel["hits"] + kernel["misses"] == kernel["references"] == 200
    assert {row.policy: row.counts["misses"] for row in found.rows[3:]} == dict.fromkeys(
        ("kernel", "lru", "opt"), 20
    )
    assert list(found.sized) == [16, 24]
    assert found.left_out == ()
    assert seen[0] == "200 references"
    assert seen[-1] == "kernel with 24 frames: 200 of 200 references"


def test_the_kernel_is_left_out_where_it_cannot_have_so_many_frames() -> None:
    found = replay(Asked("made:loop:pages=5,length=10", frames=(1 << 24,), policies=("kernel", "lru")))
    assert [row.policy for row in found.rows] == ["lru"]
    assert [(one.policy, one.frames) for one in found.left_out] == [("kernel", 1 << 24)]


def test_without_frames_there_is_only_the_curve() -> None:
    found = replay(Asked("made:loop:pages=3,length=9", policies=(), curve=True))
    assert found.rows == ()
    assert found.curve == ((1, 9), (3, 3))
