"""Keys are equal for states from which the same follows, and differ where it does not."""

from __future__ import annotations

import pytest

from engine.explore.model.keys import Keys, words_of, words_of_programs
from engine.explore.model.marks import Marks
from engine.explore.model.transitions import Model
from tests.engine.explore.named_scenarios import Named
from tests.engine.explore.side_by_side import scenario_named

TWO = (("a", 0, "x = 1\ny = 2"), ("b", 0, "z = 3\nw = 4"))


def model_of(*threads: tuple[str, int, str], **more: object) -> Model:
    return Model(Named("made", frozenset(), threads, **more).load())  # type: ignore[arg-type]


def key_after(model: Model, *threads: int, marks: Marks | None = None) -> int:
    """The key after some steps, which are taken back."""
    leaves, total = [], 0
    for t in threads:
        leaves.append(model.leaf(t))
        total ^= model.take(leaves[-1])
    model.runnable()
    total ^= model.cpu_part() ^ model.times_part() ^ model.marks_part(marks or model.marking.start)
    for leaf in reversed(leaves):
        model.take_back(leaf)
    return total


def last_current(model: Model, *threads: int) -> int:
    """The current thread of cpu 0 after some steps, which are taken back."""
    leaves = []
    for t in threads:
        leaves.append(model.leaf(t))
        model.apply(leaves[-1])
    found = model.vm.cpu.current[0]
    for leaf in reversed(leaves):
        model.take_back(leaf)
    return found


def test_two_orders_of_independent_steps_have_one_key_though_links_differ() -> None:
    model = model_of(*TWO)
    assert key_after(model, 0, 1) == key_after(model, 1, 0) != key_after(model, 0)

    assert (last_current(model, 0, 1), last_current(model, 1, 0)) == (1, 0)


def test_a_key_does_not_depend_on_the_way() -> None:
    model = model_of(("a", 0, "x = 1\nx = 0"), ("b", 1, "y = 1"))
    keys = {key_after(model, *way) for way in ((0, 0, 1), (0, 1, 0), (1, 0, 0))}
    assert len(keys) == 1
    assert key_after(model) == 0


def test_a_changed_variable_lock_or_frame_changes_the_key() -> None:
    model = model_of(
        ("a", 0, "if setup.m.hold_count:\n    x = 1\nelse:\n    x = 2\nvm_page_spin_lock(setup.m)"),
        ("b", 1, "vm_page_hold(setup.m)"),
    )
    ways = [(0,) * n for n in range(4)] + [(1,)]
    keys = [key_after(model, *way) for way in ways]
    assert len(set(keys)) == len(keys)
    for name in ("variable.value", "page.hold_count", "page.spin", "thread.state", "object.token_owner"):
        at = model.vm.memory.address(name, 0)
        assert model.keys.of_cell(at, 1) != model.keys.of_cell(at, 2) != 0
    frames = model.states[0].frames
    assert len({model.keys.of((0, frame)) for frame in frames}) == len(frames)
    assert model.keys.of((0, frames[0])) != model.keys.of((1, frames[0]))


LEFT_OUT = (
    *("thread.run_next", "thread.sleep_next", "thread.sleep_prev", "cpu.runq_head", "cpu.runq_tail"),
    *("cpu.current", "global.sleepq_head", "global.sleepq_tail", "thread.op_start"),
    *("global.schedule_item", "global.schedule_left", "global.schedule_random", "global.schedule_tick"),
    *("global.ticks", "thread.slept_at", "buf.started", "global.vmdaemon_lastrun"),
)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_links_progress_and_absolute_times_are_not_part_of_a_key(name: str) -> None:
    model = model_of(*TWO)
    first, beyond = model.vm.memory.places[name].stretch
    assert {model.keys.of_cell(first, 1), model.keys.of_cell(beyond - 1, 7)} == {0}
    assert model.keys.excluded(first)
    assert not model.keys.excluded(model.vm.memory.address("thread.pc", 0))


def test_a_column_that_a_script_names_is_part_of_the_key() -> None:
    model = model_of(("a", 0, "x = global.ticks"))
    at = model.vm.memory.address("global.ticks", 0)
    assert model.keys.of_cell(at, 1) != model.keys.of_cell(at, 2)
    assert Keys(model.vm, frozenset()).of_cell(at, 1) == 0


def test_a_key_sees_who_keeps_a_cpu() -> None:
    holds = "x = 1\nvm_page_spin_lock(setup.m)\nvm_page_spin_unlock(setup.m)"
    model = model_of(("a", 0, holds), ("b", 0, holds))
    # Both are about to take a spinlock: the current one keeps the cpu if the lock is taken.
    assert key_after(model, 0, 1) != key_after(model, 1, 0)


def test_words_are_those_of_scripts_and_expressions() -> None:
    model = model_of(("a", 0, "x = global.ticks"))
    programs = model.runner.programs
    assert {"x", "global", "ticks"} <= words_of_programs(programs)
    assert words_of(["page[3].queue == 1"]) == {"page", "3", "queue", "1"}


def test_the_cell_that_took_the_most_values_is_known() -> None:
    model = model_of(("a", 0, "for i in range(9):\n    x = 1"))
    assert model.keys.most_values() is None
    while model.runnable():
        model.apply(model.leaf(0))
    most = model.keys.most_values()
    assert most is not None
    place, _ = model.vm.memory.place_of(most[0])
    assert (place.table, most[1]) == ("variable", 9)


def test_entries_of_address_books_are_named_by_what_they_are_for() -> None:
    one, other = (model_of(*TWO) for _ in range(2))
    number, column = next((n, column) for n, (_, column) in enumerate(one.vm.memory.books))
    slots = []
    for model, names in ((one, [(1, 5), (1, 6)]), (other, [(1, 6), (1, 5)])):
        book = model.vm.memory.books[number][0]
        for name in names:
            book.slots.get(name)
        slots.append(model.vm.memory.places[column].base + book.slots[1, 5])
    assert slots[0] != slots[1]
    assert one.keys.of_cell(slots[0], 9) == other.keys.of_cell(slots[1], 9) != one.keys.of_cell(slots[1], 9)


def test_a_sleep_counts_by_how_long_it_has_lasted() -> None:
    model = model_of(("a", 0, "vm_wait(9)"), ("b", 1, "tick(2)\ntick(2)"))
    assert model.keys.times() == ()
    assert not model.timed
    while 0 in model.runnable():
        model.apply(model.leaf(0))
    assert model.timed
    assert model.keys.times() == (("sleep", 0, 0),)
    before = model.times_part()
    model.apply(model.leaf(1))
    while model.ticks == model.start_ticks:
        model.apply(model.leaf(1))
    assert model.keys.times() == (("sleep", 0, 2),)
    assert model.times_part() != before


def test_an_io_that_starts_at_tick_0_makes_times_part_of_keys() -> None:
    program = Named(
        "reads",
        frozenset(),
        (("a", 0, "read(0x13000, 100)"),),
        rest='\n[[process]]\nname = "program"\npid = 100\n'
        'maps = [{ object = "file", start = 0x10000, pages = 8, prot = "rw" }]\n',
    )
    model = Model(program.load())
    while 0 in model.runnable():
        assert model.timed == bool(model.keys.times())
        model.apply(model.leaf(0))
    assert (model.ticks, model.keys.times()) == (0, (("io", 0, 0),))
    assert model.timed


def test_an_io_counts_up_to_its_delay() -> None:
    model = Model(scenario_named("a-read"))
    while not any(what == "io" for what, _, _ in model.keys.times()):
        model.apply(model.leaf(0))
    delay = model.vm.config.io_delay

    def age(ticks: int) -> int:
        model.vm.glob.ticks[0] += ticks
        ((_, _, found),) = (one for one in model.keys.times() if one[0] == "io")
        return found

    assert [age(ticks) for ticks in (0, 1, 1, 500)] == [0, 1, delay, delay]
