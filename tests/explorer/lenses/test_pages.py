"""The table of pages: its columns, its clicks, its order, and its sentences in text mode."""

from __future__ import annotations

import pytest

from engine.debug.placements import causes, placement_of, remote_pages
from engine.scenario.loader import load, load_text
from explorer.commands.finder import entries
from explorer.commands.table import parse
from explorer.lenses.pages import LENS, PageLine, PagesRow, draw, look
from explorer.session.page_list import list_pages
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.views.spans import plain

LINE = PageLine(
    "0xc03", "app.m", "ACTIVE[0]", "LOCKED", (1, 0, 5), "ff 00", "REFERENCED", 0, "page 3075",
    changed=True, shown=True,
)  # fmt: skip
OTHER = PageLine("0x44", "", "NONE", "", (0, 2, 0), "00 00", "", -1, "page 68", changed=False, shown=False)


def test_the_pages_are_a_table() -> None:
    row = PagesRow("special", "-act", 3, (LINE, OTHER))
    assert plain(draw(row, 100, 5).lines).split("\n") == [
        "3 special by -act   :pages FILTER by FIELD, . and , go to a page",
        "  page  name  queue     busy   wire hold act valid dirty node flags",
        "▸ 0xc03 app.m ACTIVE[0] LOCKED    1    0   5 ff 00          0 REFERENCED",
        "  0x44        NONE                0    2   0 00 00          -",
        "… 1 more page",
    ]
    assert plain(draw(row, 100, 4).lines).split("\n")[3] == "… 2 more pages"
    assert plain(draw(PagesRow("busy", "page", 0, ()), 40, 4).lines) == "0 busy by page"


def test_a_click_on_a_page_goes_to_it_and_on_a_heading_sorts(life: Session) -> None:
    life.history.extend(42)
    list_pages(life, "heap by act")
    verbs = [spot.verb for spot in draw(look(life), 100, 8).spots]
    assert verbs.count("page 3075") == 2  # its number and its name
    assert "pages heap by wire" in verbs
    assert "pages heap by -act" in verbs
    for verb in verbs:
        assert parse(verb)


REMOTE = """format = 1
title = "Memory of the other node"
[machine]
memory = "8 MiB"
topology = "2x2x2"
colors = 64
[[object]]
name = "heap"
pg_color = 0
[[thread]]
name = "app"
cpu = 4
script = \"\"\"
a = vm_page_alloc(heap, 0, VM_ALLOC_NORMAL | VM_ALLOC_CPU(0))
b = vm_page_alloc(NULL, 1, VM_ALLOC_NORMAL)
vm_page_free(a)
c = vm_page_alloc(heap, 2, VM_ALLOC_NORMAL | VM_ALLOC_CPU(0))
\"\"\"
"""


@pytest.mark.slow
@pytest.mark.parametrize("rules", ["document", "source"])
def test_remote_pages_are_those_whose_last_placement_is_remote(rules: str) -> None:
    scenario = load_text(REMOTE, rules=rules)
    history = scenario.start()
    scenario.run(history)
    counts = []
    for step in range(0, history.total + 1, 5):
        history.seek(step)
        far = remote_pages(history)
        for m in range(history.vm.vm_page_array_size):
            placed = placement_of(history, m)
            assert far[m] == (len(placed) > 0 and causes(history.vm, placed)[0] > 1)
        counts.append(int(far.sum()))
    assert max(counts) >= 1
    session = Session(history, scenario)
    list_pages(session, "remote")
    assert [one.node for one in look(session).lines] == [0] * len(session.matches) != []


def test_text_mode_says_each_page(life: Session) -> None:
    desk = TextDesk(life)
    desk.do_line("42")
    assert desk.do_line("pages heap")[2:] == [
        "heap, in the order of page: 1 page.",
        "Page 0xc03 (app.m): ACTIVE[0], LOCKED|WANTED, act_count 5, valid ff, dirty 00, node 0.",
    ]


def test_a_page_that_the_run_has_freed_has_no_name_of_the_setup() -> None:
    scenario = load("held-while-freed")
    session = Session(scenario.start(), scenario)

    def named(name: str) -> tuple[bool, bool]:
        found = any(name in entry.text for entry in entries(session))
        return found, any(one.name == name for one in LENS.look(session).lines)

    list_pages(session, "NONE by -page")
    assert named("setup.m") == (True, True)
    session.history.extend(5_000)
    list_pages(session, "p == setup.held")
    assert named("setup.held") == (False, False)
