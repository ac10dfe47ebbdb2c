"""How an expression reads the machine: names, fields, rows and keyed cells, and bad ones."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

import ast
from typing import Any

import pytest

from engine.constants import NULL, PQ_ACTIVE, PQ_FREE, PQ_NONE, V_FREE_COUNT, VMSTATS_SIZE
from engine.errors import BadInput
from engine.language.expressions import compile_node, parse_python
from engine.language.resolve import (
    compile_attribute,
    compile_base,
    compile_name,
    compile_subscript,
    nearest,
    object_row,
    placed,
    queue_row,
    table_of,
)
from engine.language.symbols import Kind, Names, Variable, outside
from engine.language.values import Place, Scope, Value, constant
from engine.machine.tables import EMPTY
from engine.scenario.loader import load
from tests.engine.language.named_machine import NAMES, PAGE, named_machine


def sentences(*rows: tuple[Any, ...]) -> list[Any]:
    """Rows of a table whose first column is the test's id."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


VM = named_machine()
VM.resident.page[VM.resident_slots.slot((0, 5))] = NULL
VM.gd_vmstats.view[3 * VMSTATS_SIZE + V_FREE_COUNT] = 33
VM.gd_vmstats.adj[3 * VMSTATS_SIZE + V_FREE_COUNT] = -4
VM.cpu.v_tfree[2] = 6
VM.queue.lcnt[PQ_ACTIVE + 32] = 17
VM.queue.head[PQ_ACTIVE + 32] = PAGE
VM.queue.lcnt[PQ_NONE] = 3
VM.token.object[1 * 8 + 2] = 1

SCOPE = Scope(NAMES, file="f.toml", line=lambda line: 100 + line)


def node_of(text: str) -> Any:
    tree = parse_python(text, "eval", lambda _: Place())
    assert isinstance(tree, ast.Expression)
    return tree.body


def resolve(text: str, scope: Scope = SCOPE) -> Value:
    """What a name, a field or a row is compiled to."""
    node = node_of(text)
    if isinstance(node, ast.Name):
        return compile_name(node, scope)
    if isinstance(node, ast.Attribute):
        return compile_attribute(node, scope, compile_node)
    return compile_subscript(node, scope, compile_node)


@pytest.mark.parametrize(
    ("text", "value"),
    sentences(
        ("NULL", "NULL", None),
        ("a constant", "PQ_ACTIVE", 2049),
        ("an object by name", "disk", 1),
        ("the object table's last row", "vm_token", VM.vm_token),
        ("a page's colour", "app.m.pc", VM.page.pc[PAGE]),
        ("a page's address", "app.m.phys_addr", PAGE << 12),
        ("a page's field by the page's number", "page[12345].spin", 2),
        ("a page as the number of a row", "page[app.m].spin", 2),
        ("a queue's head", "queue[ACTIVE, 32].head", PAGE),
        ("a field of a queue's head", "queue[ACTIVE, 32].head.spin", 2),
        ("a queue's length", "queue[ACTIVE, 32].lcnt", 17),
        ("a colour with 0x, the type's long name", "queue[PQ_ACTIVE,0x20].lcnt", 17),
        ("a type as a number", "queue[2049, 32].lcnt", 17),
        ("no queue", "queue[NONE, 0].lcnt", 3),
        ("a page of an object", "object[disk].page[70]", PAGE),
        ("its field", "object[disk].page[70].spin", 2),
        ("a page as on its tile", "disk[70]", PAGE),
        ("a field of it", "disk[70].spin", 2),
        ("a place of an object without a page", "heap[5]", None),
        ("an empty place of an object", "object[heap].page[5]", None),
        ("a place that nothing was ever in", "object[heap].page[3]", None),
        ("a swap block that there is not", "object[heap].swap[3]", None),
        ("an object's field", "object[disk].token_owner", 1),
        ("an object by its number", "object[1].token_owner", 1),
        ("an object in a variable", "object[pager.obj].page[70]", PAGE),
        ("a variable", "app.i", 7),
        ("a variable that holds NULL", "app.none", None),
        ("a variable by its cell", "thread[app].var.i", 7),
        ("the setup's", "setup.x", 9),
        ("the setup's by its cell", "thread[setup].var.x", 9),
        ("a thread's state", "thread[pager].state", EMPTY),
        ("a thread's token", "thread[pager].token[2].object", 1),
        ("a token that it does not have", "thread[app].token[0].object", None),
        ("a counter", "vmstats.v_free_count", VM.vmstats.count[V_FREE_COUNT]),
        ("a cpu's view", "cpu[3].view.v_free_count", 33),
        ("a cpu's adjustment", "cpu[3].adj.v_free_count", -4),
        ("a cpu's event counter", "cpu[2].cnt.v_tfree", 6),
        ("the same, written shorter", "cpu[2].v_tfree", 6),
        ("a global variable", "global.vm_page_free_hysteresis", 16),
        ("a slot of the hash", "hash[5].m", None),
    ),
)  # fmt: skip
def test_value(text: str, value: int | None) -> None:
    found = resolve(text)
    assert outside(VM, found.kind, found.evaluate(VM)) == value


@pytest.mark.parametrize(
    ("text", "words"),
    sentences(
        ("an unknown name", "foo", "'foo' is not a variable, object or kernel constant"),
        ("a constant nearly right", "PQ_ACTVE", "(did you mean 'PQ_ACTIVE'?)"),
        ("a variable without its thread", "i", "there is no i here; write app.i"),
        ("a thread alone", "app", "app is a thread, not a value; write app.VARIABLE"),
        ("an unknown variable", "app.q", "app has no variable 'q'; its variables are: m, none, i"),
        ("an unknown variable, by its cell", "thread[app].var.q", "its variables are: m, none, i"),
        ("an unknown thread", "thread[bob].state", "there is no thread 'bob'; the threads are: app, pager"),
        ("a thread by its number", "thread[0].state", "there is no thread '0'; the threads are: app, pager"),
        ("an unknown counter", "vmstats.v_tea", "'v_tea' is not a field of vmstats"),
        ("an unknown counter of a cpu", "cpu[0].view.v_tea", "'v_tea' is not a field of vmstats"),
        ("a field of a number", "app.i.queue", "app.i is a number, not a page"),
        ("a field of an object's name", "heap.type", "heap is an object, not a page"),
        ("an unknown field", "app.m.colour", "'colour' is not a field of page"),
        ("a field nearly right", "app.m.busycount", "'busycount' is not a field of page (did you mean 'busy_count'?); use one of "),
        ("an unknown global", "global.tocks", "'tocks' is not a field of global (did you mean 'ticks'?)"),
        ("a cell that is whole", "queue[FREE, 3]", "queue[FREE, 3] is not a value; write TABLE[...].FIELD"),
        ("a queue without colour", "queue[FREE].lcnt", "queue[FREE] is not a queue; write queue[BASE,COLOR], as in queue[FREE,5]"),
        ("an unknown type", "queue[WARM, 3].lcnt", "'WARM' is not a variable"),
        ("a page of a page", "app.m.page[3]", "app.m is a page; .page needs an object"),
        ("a page table of no process", "page[3].pte[0]", "page[3] has no page table; write process[NAME].pte[PAGE]"),
    ),
)  # fmt: skip
def test_a_bad_cell_is_refused_when_it_is_compiled(text: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolve(text)
    assert (caught.value.file, caught.value.line) == ("f.toml", 101)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    sentences(
        ("a field of NULL", "app.none.queue", "app.none is NULL here; it must be a page"),
        ("a page that is not there", "page[99999].pc", "there is no page 0x1869f; this machine has 0x0 to 0x3fff"),
        ("an unknown queue type by a number", "queue[2, 3].lcnt", "2 is not a queue type"),
        ("an unknown colour", "queue[FREE, 1024].lcnt", "there is no colour 1024; the colour is from 0 to 1023"),
        ("a colour of no queue", "queue[NONE, 1].lcnt", "there is no colour 1"),
        ("an object that is not there", "object[99].type", "there is no object[99]; the index is from 0 to 64"),
        ("a cpu that is not there", "cpu[16].current", "there is no cpu[16]; the index is from 0 to 15"),
        ("its view", "cpu[16].view.v_free_count", "there is no cpu[16]; the index is from 0 to 15"),
        ("a token beyond the last", "thread[app].token[8].object", "there is no token[8]; the index is from 0 to 7"),
        ("a row below the first", "hash[-1].m", "there is no hash[-1]"),
        ("the page NULL", "page[NULL]", "NULL is not an index; it must be a number"),
        ("the field of the page NULL", "page[NULL].queue", "NULL is not an index"),
        ("a page that is NULL as a page's number", "page[app.none]", "app.none is NULL here; it must be a page"),
        ("the head of an empty queue", "page[queue[HOLD, 3].head].spin", "queue[HOLD, 3].head is NULL here; it must be a page"),
        ("a link that is NULL", "page[queue[FREE, 3].head.prev]", "queue[FREE, 3].head.prev is NULL here; it must be a page"),
        ("an index that is NULL", "page[object[heap].swap[3]]", "object[heap].swap[3] is NULL here; it must be a number"),
        ("an object's page at NULL", "object[heap].page[app.none]", "app.none is NULL here; it must be a page"),
        ("an object's swap at NULL", "object[heap].swap[NULL]", "NULL is not an index"),
        ("a page of the object NULL", "page[0].object.page[3]", "page[0].object is NULL here; it must be an object"),
        ("the object NULL", "object[NULL].type", "NULL is not an index"),
        ("the colour NULL", "queue[FREE, app.none].lcnt", "app.none is NULL here"),
        ("the slot NULL", "hash[app.none].m", "app.none is NULL here"),
        ("the cpu NULL", "cpu[NULL].view.v_free_count", "NULL is not an index"),
        ("the token NULL", "thread[app].token[NULL].object", "NULL is not an index"),
    ),
)  # fmt: skip
def test_a_missing_row_is_a_message_when_it_is_read(text: str, words: str) -> None:
    found = resolve(text)
    with pytest.raises(BadInput) as caught:
        found.evaluate(VM)
    assert (caught.value.file, caught.value.line) == ("f.toml", 101)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NULL", Kind.NULL),
        ("heap", Kind.OBJECT),
        ("app.m", Kind.PAGE),
        ("app.m.next", Kind.PAGE),
        ("app.m.object", Kind.OBJECT),
        ("app.m.pc", Kind.NUMBER),
        ("page[1]", Kind.PAGE),
        ("object[heap].page[1]", Kind.PAGE),
        ("object[heap].swap[1]", Kind.INDEX),
        ("cpu[0].current", Kind.INDEX),
        ("vmstats.v_free_count", Kind.NUMBER),
    ],
)
def test_the_kind_of_a_value_is_known_before_it_is_read(text: str, kind: Kind) -> None:
    assert resolve(text).kind is kind


# --- names inside a script ----------------------------------------------------------------------------------

SCRIPT = Scope(NAMES, own={"i": Variable(3), "heap": Variable(0), "queue": Variable(0)}, thread="app")
"""The script of app, with variables called as an object and as a table are."""


def test_a_scripts_own_variables_take_precedence() -> None:
    assert [resolve(word, SCRIPT).evaluate(VM) for word in ("i", "heap", "queue", "disk")] == [7, 9, 9, 1]
    assert table_of(node_of("queue[FREE, 3]"), SCRIPT) is None
    assert table_of(node_of("page[3]"), SCRIPT) == "page"
    assert table_of(node_of("app.m[3]"), SCRIPT) is None


@pytest.mark.parametrize(
    ("text", "shared"),
    [
        ("i", False),
        ("NULL", False),
        ("disk", False),
        ("app.m", False),
        ("setup.x", False),
        ("pager.obj", True),
        ("app.m.pc", True),
        ("vmstats.v_free_count", True),
        ("global.ticks", True),
        ("object[disk].page[70]", True),
        ("cpu[0].view.v_free_count", True),
    ],
)
def test_only_what_another_thread_may_write_is_shared(text: str, shared: bool) -> None:
    assert resolve(text, SCRIPT).shared is shared


# --- parts --------------------------------------------------------------------------------------------------


def test_a_process_is_named_and_its_entry_is_0_where_nothing_is_mapped() -> None:
    names = Names(processes=("init", "shell"))
    VM.process.pid[1] = 77
    assert resolve("process[shell].pid", Scope(names)).evaluate(VM) == 77
    assert resolve("process[shell].pte[3]", Scope(names)).evaluate(VM) == 0


def test_a_row_of_a_queue_or_an_object_is_its_index() -> None:
    assert queue_row(node_of("queue[FREE, 5]"), SCOPE, compile_node)(VM) == PQ_FREE + 5
    assert compile_base(node_of("PQ_ACTIVE"), SCOPE, compile_node)(VM) == PQ_ACTIVE
    assert compile_base(node_of("2048 + 1"), SCOPE, compile_node)(VM) == PQ_ACTIVE
    assert object_row(node_of("object[disk]"), SCOPE, compile_node)(VM) == 1
    assert object_row(node_of("object[pager.obj]"), SCOPE, compile_node)(VM) == 1


def test_an_observer_sees_a_cell_that_is_not_allocated_yet() -> None:
    empty = resolve("object[heap].page[3]")
    with VM.memory.observed() as log:
        assert empty.evaluate(VM) == NULL
    place = VM.memory.places["resident.page"]
    assert place.stretch in log.stretches


def test_a_message_is_given_its_place_once() -> None:
    def fail(_: object) -> int:
        raise BadInput("no such thing; another", file="inner.toml", line=3)

    with pytest.raises(BadInput) as caught:
        placed(fail, Place("outer.toml", 8))(VM)
    assert str(caught.value) == "outer.toml:8: no such thing; another"
    assert placed(constant(4).evaluate, Place())(VM) == 4


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("busycount", " (did you mean 'busy_count'?)"),
        ("busy_count", " (did you mean 'busy_count'?)"),
        ("zzz", ""),
    ],
)
def test_the_nearest_word_is_offered_if_it_is_near(word: str, hint: str) -> None:
    assert nearest(word, ["busy_count", "wire_count", "flags"]) == hint


def test_a_name_with_variables_that_is_not_a_thread_has_no_other_fields() -> None:
    scenario = load("hard-and-soft-busy")
    assert scenario.expression("thread[setup].var.m").text
    with pytest.raises(BadInput, match="setup is not a thread and has variables only"):
        scenario.expression("thread[setup].state")
