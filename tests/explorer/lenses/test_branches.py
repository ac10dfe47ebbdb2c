"""The tree of branches: where each forked, where the cursor is, and what a click does."""

from __future__ import annotations

from explorer.lenses.branches import BranchesRow, BranchRow, draw, look
from explorer.session.session import Session
from explorer.views.spans import plain


def drawn(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


ROW = BranchesRow(
    (
        BranchRow(0, "main", "", -1, 12345, 12345, "completed", False),
        BranchRow(1, "branch 1", "├─ ", 20, 31, 11, "not ended", False),
        BranchRow(3, "branch 3", "│  └─ ", 25, 45, 20, "deadlock", True),
        BranchRow(2, "no pager", "└─ ", 60, 64, 4, "blocked", False),
    ),
    30,
)


def test_a_wide_panel_has_every_column() -> None:
    drawing = draw(ROW, 67, 8)
    assert plain(drawing.lines) == drawn("""
  branch          forked at    ends at  outcome
  main                          12,345  completed
  ├─ branch 1            20         31  not ended
▸ │  └─ branch 3         25         45  deadlock  cursor: 30
  └─ no pager            60         64  blocked
""")
    assert [spot.verb for spot in drawing.spots] == ["branch 0", "branch 1", "branch 3", "branch 2"]
    assert "bad" in {style for _, style in drawing.lines[3]}


def test_a_narrow_panel_omits_where_they_forked() -> None:
    assert plain(draw(ROW, 40, 6).lines) == drawn("""
  branch            ends at  outcome
  main               12,345  completed
  ├─ branch 1            31  not ended
▸ │  └─ branch 3         45  deadlock
  └─ no pager            64  blocked
""")


def test_a_name_of_wide_characters_keeps_the_columns() -> None:
    rows = (
        BranchRow(0, "主", "", -1, 9, 9, "completed", True),
        BranchRow(1, "没有守护进程", "└─ ", 2, 9, 7, "blocked", False),
    )
    assert plain(draw(BranchesRow(rows, 3), 40, 4).lines) == drawn("""
  branch             ends at  outcome
▸ 主                       9  completed
  └─ 没有守护进程          9  blocked
""")
    assert plain(draw(BranchesRow(rows, 3), 35, 4).lines).endswith("\n  没有守护进…          9  blocked")


def test_of_many_branches_those_around_the_current_one_are_shown() -> None:
    rows = [BranchRow(n, f"branch {n}", "├─ ", n, n, 0, "not ended", n == 50) for n in range(100)]
    lines = plain(draw(BranchesRow(tuple(rows), 50), 67, 8).lines).split("\n")
    assert len(lines) == 8
    assert "branches above" in lines[1]
    assert "branches below" in lines[-1]
    assert any(line.startswith("▸ ├─ branch 50") for line in lines)


def test_every_branch_is_shown_or_counted() -> None:
    for here in range(12):
        rows = tuple(BranchRow(n, f"branch {n}", "", n, n, 0, "not ended", n == here) for n in range(12))
        for height in range(4, 16):
            drawing = draw(BranchesRow(rows, here), 67, height)
            shown = {spot.verb for spot in drawing.spots}
            left = [
                text.split()[0]
                for line in drawing.lines
                for text, _ in line
                if " branch" in text and text.endswith(("above", "below"))
            ]
            assert len(shown) + sum(map(int, left)) == 12
            assert f"branch {here}" in shown


def test_a_branch_of_a_branch_hangs_below_it(session: Session) -> None:
    session.history.extend(100_000)
    history = session.history
    history.seek(20)
    history.fork(name="first")
    history.extend(5)
    history.fork(name="deeper")
    history.switch(0)
    history.seek(10)
    history.fork(name="second")
    row = look(session)
    assert [(branch.stem, branch.name) for branch in row.branches] == [
        ("", "main"),
        ("├─ ", "first"),
        ("│  └─ ", "deeper"),
        ("└─ ", "second"),
    ]
    assert [(branch.fork, branch.own) for branch in row.branches] == [
        (-1, history.branches[0].timeline.journal.steps),
        (20, 5),
        (25, 0),
        (10, 0),
    ]
    assert [branch.outcome for branch in row.branches] == ["completed", "not ended", "not ended", "not ended"]
    assert [branch.here for branch in row.branches] == [False, False, False, True]
    assert row.step == 10


def test_with_one_branch_it_says_how_to_start_another(session: Session) -> None:
    assert "in the past to branch" in plain(draw(look(session), 67, 8).lines)
