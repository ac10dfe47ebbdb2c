"""The glossary: every field and flag has an explanation, under each of its spellings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.constants import PG_NAMES
from engine.debug.entry_points import kernel_functions
from engine.debug.event_steps import EVENTS
from engine.debug.series import QUANTITIES
from engine.scenario.lesson_forms import OUTCOMES
from engine.scenario.loader import load
from engine.script.verbs import verbs
from explorer.commands import glossary
from explorer.commands.glossary import explained, function_text
from explorer.lenses.kit.registry import LENSES
from explorer.lenses.numa import SHORT_CAUSES
from explorer.session.page_list import NAMED
from explorer.session.session import Session
from explorer.text.mode import TextDesk
from explorer.text.sentences import joined
from explorer.tui import widgets
from explorer.views.in_play import BADGES
from explorer.views.labels import SHORT_FLAGS
from explorer.views.rows import PAGE_FIELDS, TYPES
from tests.engine.scenario.some_pages import pages


def test_every_field_flag_and_panel_is_explained_in_sentences() -> None:
    assert glossary.FIELDS.keys() == set(PAGE_FIELDS)
    assert glossary.FLAGS.keys() == {name.removeprefix("PG_") for name in PG_NAMES}
    for text in (*glossary.FIELDS.values(), *glossary.PANELS.values()):
        assert text.endswith(".")
        assert "  " not in text


@pytest.mark.parametrize("word", ["MAPPED", "PG_MAPPED", "mapped", " PG_MAPPED "])
def test_a_flag_is_explained_by_its_full_name(word: str) -> None:
    assert explained(word, 1024) == "PG_MAPPED: some process may have it in its page tables."


def test_a_field_has_its_explanation() -> None:
    assert explained(" busy_count ", 1024) == glossary.FIELDS["busy_count"]
    assert "one owner" in glossary.FIELDS["busy_count"]


@pytest.mark.parametrize("word", ["", "PG_", "nothing", "MAPPED|WRITEABLE", "Busy_Count"])
def test_a_word_that_is_neither_has_no_explanation(word: str) -> None:
    assert explained(word, 1024) is None


# colours of the machine, what the explanation of `queue` says, and of `pc`
COLOURS = [
    (1, "5 x 1 on this machine", "always 0"),
    (4, "5 x 4 on", "0 to 3 on"),
    (1024, "5 x 1,024 on", "0 to 1,023 on"),
]


@pytest.mark.parametrize(("colors", "of_queue", "of_pc"), COLOURS)
def test_a_field_is_explained_with_the_colours_of_the_machine(colors: int, of_queue: str, of_pc: str) -> None:
    assert of_queue in (explained("queue", colors) or "")
    assert of_pc in (explained("pc", colors) or "")
    for name in glossary.FIELDS:
        assert "{" not in (explained(name, colors) or "{")


def test_a_parameter_of_the_scenario_is_explained_with_its_values() -> None:
    scenario = pages("n=7")
    desk = TextDesk(Session(scenario.start(), scenario))
    text = joined(desk.do_line(":explain n"))
    assert "A parameter of this scenario: 7 in this run, of 4, 6, 8." in text
    assert "has no explanation" in joined(desk.do_line(":explain k"))


def test_the_command_uses_the_colours_of_the_run() -> None:
    scenario = load("why-five-queues")
    desk = TextDesk(Session(scenario.start(), scenario))
    assert "one of 5 x 2 on this machine" in joined(desk.do_line(":explain queue"))
    assert "0 to 1 on this machine" in joined(desk.do_line(":explain pc"))


@pytest.mark.parametrize(
    ("word", "begin"),
    [
        ("PQ_ACTIVE", "Pages in use, recently referenced"),
        ("INACTIVE", "Pages that were not used"),
        ("v_free_min", "Memory is low when"),
        ("VM_v_free_min", "Memory is low when"),
        ("Soft Busy", "A count in busy_count"),
        ("threads", "The threads: the kernel function"),
        ("vm_page_alloc", "Allocate a page of a colour"),
        ("tick", "A clock interrupt"),
        ("io_fails", "io_fails("),
    ],
)
def test_queues_limits_terms_panels_and_functions_are_explained(word: str, begin: str) -> None:
    assert (explained(word, 4) or "").startswith(begin)


def test_every_term_and_function_has_an_explanation_without_references_to_the_projects_papers() -> None:
    words = [*glossary.terms(), *kernel_functions(), *verbs()]
    assert len(words) > 500
    for word in words:
        text = explained(word, 4)
        assert text, word
        assert not re.search(r"spec \d|DESIGN|Source: +,", text), word


def test_every_label_of_the_screen_is_explained() -> None:
    source = "".join(path.read_text() for path in Path(widgets.__file__).parent.glob("*.py"))
    labels = {label.strip() for label in re.findall(r'\(" *([a-z]+) *", "label"\)', source)}
    assert labels >= {"queue", "busy", "flags", "addr", "spin", "holds"}
    states = {"active", "page", "free", "min", "reserved", "predicted", "reserve", "t"}
    threads = {"runs", "next", "waits", "holds", "sleeping", "ended", "panicked"}
    lanes = {*EVENTS, "writes", "marks", "questions", "breakpoints", "findings"}
    others = {"freed", "since", *BADGES, *BADGES.values(), *TYPES, *LENSES, *QUANTITIES, *OUTCOMES, "bound"}
    for label in labels | states | threads | lanes | others:
        assert explained(label, 4), label


def test_a_badge_is_not_a_lower_case_term() -> None:
    assert (explained("W", 4) or "").startswith("W on a tile: wanted. WANTED in busy_count")
    assert (explained("w", 4) or "").startswith("w on a tile: wired. A page with a wire_count")
    assert (explained("t", 4) or "").startswith("In the status line")


def test_an_unknown_word_is_refused_with_near_ones(life: Session) -> None:
    desk = TextDesk(life)
    assert "use vm_page_activate" in joined(desk.do_line("explain vm_page_activat"))
    assert "has no explanation" in joined(desk.do_line("explain xyzzyxx"))
    assert "Locks:" in joined(desk.do_line("explain vm_page_activate"))


def test_the_lines_of_a_function_are_not_wrapped_in_the_middle_of_an_entry() -> None:
    text = function_text("vm_page_alloc")
    assert text is not None
    words = [line.partition(":")[0] for line in text.split("\n") if ": " in line]
    assert words == ["Locks", "Blocks", "Returns", "Errors", "Differs", "Source"]
    assert not any(line.startswith(" ") for line in text.split("\n"))


def test_the_centre_explains_the_signs_of_tiles() -> None:
    for words in ("b[7]", "• is a page without an object", "Capitals are dirty"):
        assert words in glossary.PANELS["centre"]


WORDS = [
    *SHORT_CAUSES.values(),
    *SHORT_FLAGS,
    *NAMED,
    "in play",
    "lcnt",
    "adds",
    "paging_in_progress",
    "chan",
]
"""Words that lenses, the inspector, the log and the filters of pages show."""


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_screen_is_explained(word: str) -> None:
    assert (explained(word, 1024) or "").endswith(".")


def test_every_field_of_a_cell_that_a_step_can_write_is_explained() -> None:
    tables = load("life-of-a-page").start().vm.memory.tables
    fields = {name for table in tables.values() for name in table.specs()}
    left = {"entry", "value", "count", "block"}  # shown by the key or the variable, not by this name
    assert {name for name in fields - left if explained(name, 1024) is None} == set()


def test_a_cause_of_a_remote_placement_is_explained_with_the_field_of_its_name() -> None:
    said = explained("lastq", 1024)
    assert said is not None
    assert said.startswith("Why a page is on another node: lastq sent the search to")
    assert "queue[BASE,COLOR].lastq: colour at which a far search" in said
