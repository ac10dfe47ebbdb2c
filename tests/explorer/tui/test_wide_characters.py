"""A scenario with wide characters: every line of the screen has the right width."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from explorer.commands.footer_keys import Situation, tips
from explorer.commands.keys import Keys
from explorer.session.branches import rename
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screen_text import screen_lines
from explorer.tui.screens.help import help_text
from explorer.tui.widgets.footer import footer_line
from explorer.tui.widgets.status import status_line
from explorer.views.ascii_twins import in_ascii
from explorer.views.spans import length, plain
from explorer.views.status import status_row
from tests.explorer.screen_at_rest import lines_shown
from tests.tiers import only_fast

OpenRun = Callable[..., Session]

SIZES = ((40, 15), (80, 24), (120, 40), (200, 60))
TITLES = (
    "物理页面的一生",
    "从空闲到空闲:一个物理页面在内核里的一生",
    "A page 🐉 and its queue 🚀",
    "die Seite, die nicht zuru\u0308ckkam",
    "👩\u200d💻 frees ❤\ufe0f pages",
)
SCENARIO = """\
format = 1
title = "{title}"
lesson = "# {title}"
[machine]
memory = "16 MiB"
topology = "1x2x1"
[[object]]
name = "heap"
[[thread]]
name = "app"
cpu = 0
script = '''
# 分配一个页面,然后立刻把它还给空闲队列,因为没有人再需要它了,所以它又空闲了
a = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL)
vm_page_wakeup(a)
vm_page_wakeup(a)
'''
"""

each_title = pytest.mark.parametrize("title", only_fast(TITLES, *TITLES[::2]))
each_size = pytest.mark.parametrize(
    "size",
    only_fast(SIZES, SIZES[0], SIZES[2]),
    ids=str,
)


@pytest.fixture
def session(title: str, tmp_path: Path) -> Session:
    """Return a session on a scenario of that title, at its start; it ends in a panic."""
    path = tmp_path / "wide.toml"
    path.write_text(SCENARIO.format(title=title), encoding="utf-8")
    return open_session(str(path), None, None)


@each_size
@each_title
def test_the_status_line_is_as_wide_as_the_screen(session: Session, size: tuple[int, int]) -> None:
    row = status_row(session.history, None, session.labels)
    line = status_line(row, size[0], session.title)
    assert cell_len("".join(text for text, _ in line)) == length(line) == size[0]
    assert f"free {row.free:,}" in plain([line])


@each_size
def test_a_branch_with_a_wide_name_keeps_the_width_of_the_line(
    make_session: OpenRun, size: tuple[int, int]
) -> None:
    session = make_session()
    rename(session, "没有守护进程 🐉")
    row = status_row(session.history, None, session.labels)
    line = status_line(row, size[0], "")
    assert cell_len("".join(text for text, _ in line)) == size[0]
    assert f"free {row.free:,}" in plain([line])


def test_a_wide_key_in_footer_and_help_takes_its_columns() -> None:
    keys = Keys({"step": ("页",)})
    shown = footer_line(tips(Situation(begun=False), 80, keys))
    assert "页 step" in plain([shown])
    assert length(shown) <= 80
    (line,) = (line for line in help_text(90, keys).split("\n") if ":step " in line)
    assert cell_len(line.partition(":step ")[0]) == 15


@each_title
def test_a_title_is_shown_where_there_is_room(session: Session) -> None:
    row = status_row(session.history, None, session.labels)
    assert session.title in plain([status_line(row, 160, session.title)])


@pytest.mark.slow
@each_title
async def test_every_line_of_the_screen_has_the_width_of_the_screen(session: Session) -> None:
    free = f"free {status_row(session.history, None, session.labels).free:,}"
    async with PageqApp(session).run_test(size=SIZES[0]) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            lines = await lines_shown(pilot)
            assert {cell_len(line) for line in lines} == {size[0]}
            assert free in lines[0]
        await pilot.press("c", "L")
        for size in SIZES:
            await pilot.resize_terminal(*size)
            assert {cell_len(line) for line in await lines_shown(pilot)} == {size[0]}


@each_size
@each_title
def test_the_exported_text_is_at_most_as_wide_as_the_screen(session: Session, size: tuple[int, int]) -> None:
    lines = plain(screen_lines(session, *size)).split("\n")
    assert max(map(cell_len, lines)) <= size[0]
    assert f"free {status_row(session.history, None, session.labels).free:,}" in lines[0]


@each_title
def test_ascii_takes_as_many_columns(title: str) -> None:
    assert in_ascii(title).isascii()
    assert len(in_ascii(title)) == cell_len(title)
