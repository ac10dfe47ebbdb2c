"""Completion: what the last word of a line can become, for every kind of argument."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.language.expressions import compile_expression
from engine.language.naming import parse_cell
from engine.scenario.library import open_course
from explorer.commands.completion import _SOURCES, Completion, choices, complete
from explorer.commands.table import COMMANDS, VERBS, parse
from explorer.lenses.kit.registry import LENSES
from explorer.session import stops
from explorer.session.computer import Server
from explorer.session.open import open_session
from explorer.session.page_list import filter_words
from explorer.session.session import Session
from tests.engine.scenario.course_folder import write_course
from tests.engine.scenario.some_pages import pages


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        pytest.param("unti", "until ", id="a command"),
        pytest.param(":vi", ":view ", id="a command after its colon"),
        pytest.param("view wai", "view waits", id="a lens"),
        pytest.param("open life", "open life-of-a-page", id="a scenario"),
        pytest.param("thread pa", "thread pager", id="a thread"),
        pytest.param("break vm_page_activ", "break vm_page_activate", id="a function"),
        pytest.param("break ap", "break app:", id="the lines of a thread"),
        pytest.param("break block pa", "break block pager", id="the thread that blocks"),
        pytest.param("break panic if app.m.wi", "break panic if app.m.wire_count", id="a condition"),
        pytest.param("watch page[0x40].bus", "watch page[0x40].busy_count", id="a field of a cell"),
        pytest.param("why vmstats.v_free_mi", "why vmstats.v_free_min", id="a limit"),
        pytest.param("why cpu[0].view.v_cache_c", "why cpu[0].view.v_cache_count", id="a cpu's view"),
        pytest.param("why object[he", "why object[heap]", id="an object's row"),
        pytest.param("why thread[pager].st", "why thread[pager].state", id="a thread's field"),
        pytest.param("until queue_of(app.ag", "until queue_of(app.again", id="a variable"),
        pytest.param("until 1 + coun", "until 1 + count(", id="a function of the language"),
        pytest.param("until x == PQ_INA", "until x == PQ_INACTIVE", id="a constant"),
        pytest.param("until global.tic", "until global.ticks", id="a global"),
        pytest.param("page p.ho", "page p.hold_count", id="a field of any page"),
        pytest.param("explain emergency", "explain emergency pager", id="a term of two words"),
        pytest.param("call vm_page_rena", "call vm_page_rename(", id="a verb"),
        pytest.param("machine four", "machine four-socket", id="a machine"),
        pytest.param("lesson ne", "lesson next", id="a page of the lesson"),
        pytest.param("theme mono", "theme monochrome", id="a theme"),
        pytest.param("color act", "color ACTIVE ", id="the other case"),
        pytest.param("break conso", "break console", id="an event"),
        pytest.param("chart free ina", "chart free inactive", id="a series"),
        pytest.param("chart free by ti", "chart free by ticks", id="what a chart is drawn over"),
        pytest.param("chart app.m.wi", "chart app.m.wire_count", id="a chart of an expression"),
        pytest.param("goto mi", "goto min ", id="an extreme"),
        pytest.param("goto min sle", "goto min sleeps", id="the series of an extreme"),
        pytest.param("goto pag", "goto pager:", id="the lines of a thread to go to"),
        pytest.param("whynot pageo", "whynot pageout ", id="a question about a page"),
        pytest.param("whynot free app.ag", "whynot free app.again", id="the page of a question"),
        pytest.param("watching del", "watching delete ", id="the end of watching"),
        pytest.param("pages wired by", "pages wired by ", id="the order of a list of pages"),
        pytest.param("branch ma", "branch main", id="a branch"),
    ],
)
def test_a_word_that_can_become_only_one_is_completed(life: Session, line: str, whole: str) -> None:
    assert complete(life, line).common(line) == whole


@pytest.mark.parametrize("line", ["until app.taken == ", "explain ", "print 2 * ", "page p.pc < "])
def test_a_parameter_is_completed_as_a_name_of_the_language(line: str) -> None:
    scenario = pages()
    session = Session(scenario.start(), scenario)
    assert {"n", "colors"} <= set(complete(session, line).candidates)


@pytest.mark.parametrize("line", ["dance x", "step x", "view nonsense", "12", "until app.m.queue."])
def test_what_cannot_be_completed_stays(life: Session, line: str) -> None:
    found = complete(life, line)
    assert (found.common(line), found.candidates) == (line, ())


def test_an_empty_argument_has_all_choices(life: Session) -> None:
    assert "all" in choices(life, "why")
    assert "all" in choices(life, "why app.m.queue")
    assert choices(life, "view") == tuple(sorted(LENSES))
    assert choices(life, "thread") == ("app", "pager")
    stops.add_break(life, "panic")
    assert choices(life, "delete") == ("1", "all")
    assert choices(life, "mark-goto") == ()
    life.marks = {3: "x", 4: ""}
    assert choices(life, "mark-goto") == ("x",)


def test_the_filters_of_pages_are_listed_before_the_words_of_expressions(life: Session) -> None:
    found = choices(life, "pages")
    filters = filter_words(life)
    assert list(found[: len(filters)]) == filters
    assert "queue_of(" in found[len(filters) :]


def test_candidates_have_a_part_in_common() -> None:
    assert Completion(2, ("vm_page_busy", "vm_page_bound")).common("b vm") == "b vm_page_b"


def test_each_completed_cell_and_function_exists(life: Session) -> None:
    for table in ("page[0x40].", "queue[FREE,0].", "vmstats.", "cpu[0].view.", "global.", "object[heap].",
                  "thread[app].", "thread[app].var."):  # fmt: skip
        words = complete(life, f"watch {table}").candidates
        assert words, table
        for word in words:
            if not word.endswith((".", "[")) and word != "phys_addr":
                parse_cell(life.vm, f"{table}{word}", life.names)
    refused = []
    for word in complete(life, "until ").candidates:
        if word.isidentifier():
            try:
                compile_expression(word, life.names)
            except BadInput as refusal:
                refused.append(f"{word}: {refusal}")
    assert [text for text in refused if "queue" not in text and "object" not in text] == []


def test_every_source_is_a_commands(life: Session) -> None:
    assert set(_SOURCES) <= set(COMMANDS)
    for name in _SOURCES:
        assert parse(COMMANDS[name].word)[0].argument, name
    assert {f"{verb} " for verb in VERBS} == set(complete(life, "").candidates)


def test_a_guest_is_offered_neither_files_nor_what_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    guest = open_session("tour", computer=Server())
    for line in ("open mi", "export ", "state mi", f"state {tmp_path}/", "experiment mi", "machine h"):
        assert complete(guest, line).candidates == (), line
    assert "four-socket" in complete(guest, "machine ").candidates
    assert not {"save ", "edit ", "map "} & set(complete(guest, "").candidates)


def test_files_are_completed(life: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.toml").write_text("")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert complete(life, "open mi").common("open mi") == "open mine.toml"
    assert complete(life, "state fol").candidates == ("folder/",)
    assert complete(life, f"state {tmp_path}/m").candidates == (f"{tmp_path}/mine.toml",)
    assert complete(life, "state no/such/").candidates == ()
    assert complete(life, "map folder mi").common("map folder mi") == "map folder mine.toml"


def test_the_scenarios_of_a_course_are_completed(tmp_path: Path) -> None:
    session = open_session("first", library=open_course(write_course(tmp_path)))
    assert complete(session, "open ").candidates == ("first", "second", "tour")
