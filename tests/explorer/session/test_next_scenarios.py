"""What comes after a scenario: the course's order first, then the links of the lesson's last page."""

from __future__ import annotations

from pathlib import Path

from engine.scenario.library import open_course
from engine.scenario.loader import load
from explorer.session.next_scenarios import linked_scenarios, next_in_course, next_scenarios
from explorer.session.open import open_session
from explorer.session.session import Session
from tests.engine.scenario.course_folder import write_course
from tests.explorer.asked_in_advance import asking


def test_the_next_scenario_of_the_course_comes_before_the_linked_ones() -> None:
    session = open_session("life-of-a-page")
    assert next_in_course(session) == "why-manage-pages"
    assert linked_scenarios(session) == ["hard-and-soft-busy", "colour-and-home"]
    assert next_scenarios(session) == [
        ("why-manage-pages", "Why physical page management matters"),
        ("hard-and-soft-busy", "Hard, soft, both"),
        ("colour-and-home", "Colour and home"),
    ]


def test_a_scenario_that_is_next_and_linked_is_named_once() -> None:
    names = [name for name, _ in next_scenarios(open_session("tour"))]
    assert names == ["life-of-a-page", "valid-and-dirty", "hard-and-soft-busy"]


def test_after_the_last_scenario_of_a_unit_the_next_unit_starts() -> None:
    assert next_scenarios(open_session("why-five-queues"))[0] == (
        "boot",
        "unit 2, Boot, colour, home: A machine boots",
    )


def test_after_the_last_scenario_of_the_course_there_are_the_linked_ones() -> None:
    session = open_session("three-sysctls")
    assert next_in_course(session) == ""
    assert [name for name, _ in next_scenarios(session)] == ["debugger-view", "dma-fragmentation"]


def test_a_scenario_without_links_proposes_the_next_two_of_the_course(tmp_path: Path) -> None:
    folder = write_course(tmp_path)
    path = folder / "first.toml"
    path.write_text(path.read_text().replace("(scenario:second)", "(step:end)"))
    session = open_session("first", library=open_course(folder))
    assert next_scenarios(session) == [
        ("tour", "A tour of the screen"),
        ("second", "The scenario second"),
    ]


def test_the_course_of_the_session_decides(tmp_path: Path) -> None:
    session = open_session("tour", library=open_course(write_course(tmp_path)))
    assert next_scenarios(session)[0] == ("second", "unit 2, The second unit: The scenario second")


def test_a_link_that_leads_nowhere_is_left_out() -> None:
    assert next_scenarios(asking()) == [("hard-and-soft-busy", "Hard, soft, both")]


def test_a_run_without_a_scenario_leads_nowhere() -> None:
    history = load("tour").start()
    assert next_scenarios(Session(history)) == []
