"""A run recorded as a course of legs, and the run that a replay gives."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.run.history import History
from engine.run.schedule import parse_schedule
from engine.saved.run_log import Call, Course, Leg, course_of, course_to_here, read_items, replay
from engine.scenario.loader import Scenario, load_text
from engine.script.injected_call import compile_call
from tests.engine.saved.recorded_walks import TWO, Walker


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Two threads that run calls, and a third: app, other and third."""
    return load_text(TWO, "two.toml")


def test_a_run_by_its_schedule_is_one_item(scenario: Scenario) -> None:
    history = scenario.start()
    assert course_of(history) == Course((Leg(),), 0, 0)
    history.extend(12)
    history.seek(7)
    assert course_of(history) == Course((Leg(items="*12"),), 0, 7)
    assert course_to_here(history) == Course((Leg(items="*7"),), 0, 7)


def test_choosing_the_thread_whose_turn_it_is_is_not_a_deviation(scenario: Scenario) -> None:
    history = scenario.start()
    for n in range(4):
        assert history.step_thread(n % 2)
    assert [leg.items for leg in course_of(history).legs] == ["*4"]


def test_steps_that_were_chosen_are_counted_by_their_thread(scenario: Scenario) -> None:
    history = scenario.start()
    history.extend(2)
    for _ in range(3):  # each time it is the turn of app, which could run
        assert history.step_thread(1)
    history.extend(5)
    assert course_of(history).legs == (Leg(items="*2,other:3,*5"),)


def branched(scenario: Scenario) -> History:
    """Ten steps; at 6 another schedule, for 4; at its 8 a call, for 5; the cursor after the call's second."""
    history = scenario.start()
    history.extend(10)
    history.seek(6)
    history.fork(parse_schedule("random:3"), "chance")
    history.extend(4)
    history.seek(8)
    program, _ = compile_call("n = 1", scenario.names, 1, "console", 40)
    history.inject(program, "called")
    history.extend(5)
    history.seek(10)
    return history


CALL = Call("console", 1, 40, "n = 1")


def test_each_branch_is_a_leg_with_its_schedule_or_call(scenario: Scenario) -> None:
    course = course_of(branched(scenario))
    assert (course.current, course.step) == (2, 10)
    main, chance, called = course.legs
    assert main == Leg(items="*10")
    assert chance == Leg(0, 6, "chance", "*4", "random:3")
    assert (called.parent, called.fork, called.name, called.schedule) == (1, 8, "called", None)
    assert called.call == CALL
    # The start of its thread is a step too, which is in no item: 14 = 8 + 1 + 5.
    assert sum(count for _, count in read_items(called.items)) == 5


def test_the_course_to_the_cursor_leaves_out_other_branches(scenario: Scenario) -> None:
    history = branched(scenario)
    main, chance, called = course_to_here(history).legs
    assert (main.items, chance.items) == ("*6", "*2")
    assert (called.parent, called.fork, called.call) == (1, 8, CALL)
    assert sum(count for _, count in read_items(called.items)) == 1


def test_a_branch_that_forks_at_the_cursor_counts_unless_it_starts_with_a_step(
    scenario: Scenario,
) -> None:
    history = branched(scenario)
    history.seek(8)  # where the call's thread would start
    main, chance = Leg(items="*6"), Leg(0, 6, "chance", "*2", "random:3")
    assert course_to_here(history) == Course((main, chance), 1, 8)
    history.seek(6)
    assert course_to_here(history) == Course((main, Leg(0, 6, "chance", "", "random:3")), 1, 6)
    history.seek(5)
    assert course_to_here(history) == Course((Leg(items="*5"),), 0, 5)


def test_a_course_gives_the_same_run_again(scenario: Scenario) -> None:
    history = branched(scenario)
    for course in (course_of(history), course_to_here(history)):
        again = replay(scenario, course)
        assert again.history.vm.memory.digest() == history.vm.memory.digest()
        assert (again.history.step, again.history.branch.name) == (10, "called")
        assert again.current_names.threads == ("app", "other", "third", "console")
        assert again.names[0].threads == ("app", "other", "third")


@pytest.mark.parametrize("seed", range(12))
def test_every_branch_of_a_random_walk_is_replayed(seed: int) -> None:
    walker = Walker(load_text(TWO, "two.toml"), seed)
    history = walker.history
    for _ in range(25):
        walker.act()
    made = replay(walker.scenario, course_of(history))
    again = made.history
    assert (again.current, again.step) == (history.current, history.step)
    assert [branch.name for branch in again.branches] == [branch.name for branch in history.branches]
    for number in range(len(history.branches)):
        ends = []
        for one in (history, again):
            one.switch(number)
            one.seek(one.total)
            ends.append((one.total, one.vm.memory.digest(), [program.lines for program in one.programs]))
        assert ends[0] == ends[1]
        assert made.names[number].threads == tuple(program.name for program in again.programs)


REFUSED = [
    ("no leg", Course((), 0, 0), "the run log has no current branch"),
    ("an unknown current branch", Course((Leg(),), 1, 0), "the run log has no current branch"),
    (
        "a leg without parent",
        Course((Leg(), Leg(None, 0, "b")), 0, 0),
        "the parent of b is not an earlier branch",
    ),
    (
        "a parent that comes later",
        Course((Leg(), Leg(2), Leg(0)), 0, 0),
        "the parent of main is not an earlier branch",
    ),
    ("a fork at an unknown step", Course((Leg(items="*3"), Leg(0, 4)), 0, 0), "there is no step 4"),
    ("an unknown step", Course((Leg(items="*3"),), 0, 4), "there is no step 4"),
    (
        "an unknown thread",
        Course((Leg(items="eve:3"),), 0, 0),
        "no thread eve; there are: app, other",
    ),
    (
        "too many steps",
        Course((Leg(items="*3,third:9999"),), 0, 0),
        "steps too early",
    ),
]


@pytest.mark.parametrize(("course", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_impossible_course_is_refused(course: Course, message: str, scenario: Scenario) -> None:
    with pytest.raises(BadInput, match=message):
        replay(scenario, course)


def test_items_are_read() -> None:
    assert list(read_items("*12,app:5,_x9:1,*3")) == [(None, 12), ("app", 5), ("_x9", 1), (None, 3)]
    assert list(read_items("")) == []


@pytest.mark.parametrize("text", ["12", "*", "app", "app:", "app:x", "*-1", "9a:1", "*1,,*2", "*" + "1" * 11])
def test_a_word_that_is_not_an_item_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"is not an item; use \*N or THREAD:N"):
        list(read_items(text))
