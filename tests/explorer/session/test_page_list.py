"""`:pages FILTER by FIELD`: each filter against a reading page by page, under both rule sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.constants import NULL, PG_UNQUEUED, PQ_NONE, type_and_color
from engine.errors import BadInput
from engine.scenario.loader import load
from explorer.session import find_page
from explorer.session.page_list import NAMED, SORTS, filter_words, list_pages, pages_of, read_filter
from explorer.session.session import Session

RUNS = ("usage-pattern-pageout-scan", "colour-and-home", "hard-and-soft-busy")

Test = Callable[[Session, int], bool]

TRUTH: dict[str, Test] = {
    "wired": lambda s, m: s.vm.page.wire_count[m] > 0,
    "busy": lambda s, m: s.vm.page.busy_count[m] != 0,
    "dirty": lambda s, m: s.vm.page.dirty[m] != 0,
    "held": lambda s, m: s.vm.page.hold_count[m] > 0,
    "special": lambda s, m: bool(
        s.vm.page.busy_count[m]
        or s.vm.page.hold_count[m]
        or s.vm.page.dirty[m]
        or (s.vm.page.wire_count[m] and not s.vm.page.flags[m] & PG_UNQUEUED)
    ),
}


@pytest.fixture(scope="module", params=["document", "source"])
def runs(request: pytest.FixtureRequest) -> list[Session]:
    """Completed runs under a rule set."""
    found = []
    for name in RUNS:
        scenario = load(name, rules=request.param)
        session = Session(scenario.start(), scenario)
        session.history.extend(3000)
        found.append(session)
    return found


def chosen(session: Session, text: str) -> set[int]:
    return set(pages_of(session, read_filter(session, text)).tolist())


@pytest.mark.parametrize("name", TRUTH)
def test_a_filter_chooses_the_pages_for_which_it_is_true(runs: list[Session], name: str) -> None:
    for session in runs:
        total = session.history.total
        for step in (0, total // 3, total // 2, total):
            session.history.seek(step)
            pages = range(session.vm.vm_page_array_size)
            wanted = {m for m in pages if session.vm.page.pat_mode[m] and TRUTH[name](session, m)}
            assert chosen(session, name) == wanted


def test_queues_and_objects_are_filters(runs: list[Session]) -> None:
    for session in runs:
        vm = session.vm
        managed = [m for m in range(vm.vm_page_array_size) if vm.page.pat_mode[m]]
        for base in ("FREE", "ACTIVE", "INACTIVE"):
            assert chosen(session, base) == {
                m for m in managed if type_and_color(vm.page.queue[m])[0] == base
            }
        assert chosen(session, "NONE") == {m for m in managed if vm.page.queue[m] == PQ_NONE}
        for number, name in enumerate(session.names.objects):
            assert chosen(session, name) == {m for m in managed if vm.page.object[m] == number}


def test_a_condition_keeps_the_pages_of_its_step(life: Session) -> None:
    life.history.extend(200)
    life.history.seek(42)
    list_pages(life, "p.act_count > 0")
    found = chosen(life, "p.act_count > 0")
    assert found
    life.history.seek(0)
    assert life.page_filter is not None
    assert set(pages_of(life, life.page_filter).tolist()) == found
    assert life.page_filter.step == 42


@pytest.mark.parametrize("field", SORTS)
def test_the_list_is_sorted_up_and_down(runs: list[Session], field: str) -> None:
    session = runs[0]
    up = pages_of(session, read_filter(session, f"special by {field}")).tolist()
    down = pages_of(session, read_filter(session, f"special by -{field}")).tolist()
    assert sorted(up) == sorted(down)
    if SORTS[field].startswith("page."):
        column = getattr(session.vm.page, SORTS[field].removeprefix("page."))
        assert [column[m] for m in up] == sorted(column[m] for m in up)
        assert [column[m] for m in down] == sorted((column[m] for m in down), reverse=True)


def test_the_pages_are_marked_and_visited(life: Session) -> None:
    life.history.extend(42)
    list_pages(life, "heap by -page")
    assert life.lens == "pages"
    assert life.note.text == "1 page: heap; . goes to it"
    (m,) = life.matches
    find_page.turn_match(life, 1)
    assert life.page == m
    list_pages(life, "NONE")
    find_page.turn_match(life, -1)
    assert life.page == life.matches[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", "is not a filter; use special, wired"),
        ("wired by hue", "cannot be sorted by 'hue'"),
        ("p.hue > 1", "hue"),
        ("p.queue +", "cannot read"),
    ],
)
def test_a_wrong_filter_is_refused(life: Session, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        list_pages(life, text)
    assert (life.lens, life.page_filter) == ("log", None)


def test_every_filter_with_a_name_can_be_read(life: Session) -> None:
    for word in filter_words(life):
        assert read_filter(life, word).pages is None
    assert set(NAMED) < set(filter_words(life))
    assert NULL not in chosen(life, "FREE")


def test_by_page_the_wired_pages_of_the_reserve_are_last() -> None:
    scenario = load("wired-but-still-queued")
    session = Session(scenario.start(), scenario)
    session.history.extend(4)
    up, down = (
        pages_of(session, read_filter(session, text)).tolist() for text in ("wired", "wired by -page")
    )
    assert session.vm.page_number(up[0]) == 0x55
    assert up[1:] == sorted(up[1:])
    assert down == sorted(up, reverse=True)
