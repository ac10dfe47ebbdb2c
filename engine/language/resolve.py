"""Compilation of names, attributes and subscripts to closures that read the machine."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from engine.constants import NULL, VMSTATS_SIZE
from engine.errors import BadInput
from engine.language.naming import KEYED_COLUMNS, Keyed
from engine.language.symbols import (
    SETUP,
    VM_TOKEN,
    Kind,
    Variable,
    check_row,
    column_kind,
    counter_at,
    page_at,
    queue_at,
    queue_base,
    variable_named,
)
from engine.language.values import (
    CONSTANTS,
    GLOBAL,
    Evaluate,
    Place,
    Scope,
    Value,
    as_index,
    as_page,
    constant,
    source,
)
from engine.machine.machine import TOKENS_PER_THREAD, Machine
from engine.machine.process_tables import BackingTable, MapEntryTable, ProcessTable
from engine.machine.tables import (
    EMPTY,
    AlistTable,
    BufTable,
    CpuTable,
    DaemonTable,
    HashTable,
    KernelTable,
    ObjectTable,
    PageTable,
    QueueTable,
    ThreadTable,
    TokenTable,
)

Compile = Callable[[ast.expr, Scope], Value]

TABLES: Final = {
    "page": PageTable,
    "queue": QueueTable,
    "cpu": CpuTable,
    "global": KernelTable,
    "daemon": DaemonTable,
    "hash": HashTable,
    "alist": AlistTable,
    "object": ObjectTable,
    "thread": ThreadTable,
    "token": TokenTable,
    "process": ProcessTable,
    "map_entry": MapEntryTable,
    "backing": BackingTable,
    "buf": BufTable,
}
"""The tables whose fields an expression may read."""

PHYS_ADDR: Final = "phys_addr"
"""A page field that boot fixes permanently: it is readable, but not a cell."""


def nearest(word: str, known: list[str]) -> str:
    """Return a suggestion such as ` (did you mean 'm'?)`, or an empty string."""
    found = difflib.get_close_matches(word, known, 1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def placed(evaluate: Evaluate, place: Place) -> Evaluate:
    """Wrap `evaluate` so that its messages carry a place in the file."""

    def evaluate_there(vm: Machine) -> int:
        try:
            return evaluate(vm)
        except BadInput as error:
            raise place.error(error.message) from None

    return evaluate_there


def _check_field(table: str, column: str, node: ast.AST, scope: Scope) -> Kind:
    fields = list(TABLES[table].specs())
    if column not in fields:
        hint = f"use one of {', '.join(fields)}"
        raise scope.error(node, f"{column!r} is not a field of {table}{nearest(column, fields)}; {hint}")
    return column_kind(table, column)


def _cell(table: str, column: str, row: Evaluate, node: ast.AST, scope: Scope) -> Value:
    """The field `column` of the row that `row` evaluates to; a row that does not exist is a BadInput."""
    kind = _check_field(table, column, node, scope)

    def read(vm: Machine) -> int:
        rows = vm.memory.tables[table]
        value: int = getattr(rows, column)[check_row(table, row(vm), rows.length)]
        return value

    return Value(kind, placed(read, scope.place(node)), shared=True, field=f"{table}.{column}")


# --- names ------------------------------------------------------------------------------------------------


def compile_name(node: ast.Name, scope: Scope) -> Value:
    """Compile a bare name: NULL, a variable of the script, a parameter, a constant, or an object."""
    word = node.id
    if word in scope.own:
        return own_variable(scope.own[word])
    if word == "NULL":
        return constant(NULL, Kind.NULL)
    if word in scope.names.parameters:
        return constant(scope.names.parameters[word])
    if word in CONSTANTS:
        return constant(CONSTANTS[word])
    if word in scope.names.objects:
        return constant(scope.names.objects.index(word), Kind.OBJECT)
    if word == VM_TOKEN:
        return Value(Kind.OBJECT, lambda vm: vm.vm_token)
    raise _unknown_name(node, scope)


def own_variable(variable: Variable) -> Value:
    """Return a read of one of the script's own variables."""
    slot = variable.slot
    return Value(variable.kind, lambda vm: vm.variable.value[slot])


def _unknown_name(node: ast.Name, scope: Scope) -> BadInput:
    word = node.id
    if word in scope.names.variables:
        return scope.error(node, f"{word} is a thread, not a value; write {word}.VARIABLE")
    known = [*scope.own, *scope.names.parameters, *CONSTANTS, *scope.names.objects]
    for thread, variables in scope.names.variables.items():
        if word in variables:
            return scope.error(node, f"there is no {word} here; write {thread}.{word}")
    return scope.error(node, f"{word!r} is not a variable, object or kernel constant{nearest(word, known)}")


# --- attributes and subscripts ----------------------------------------------------------------------------


def compile_attribute(node: ast.Attribute, scope: Scope, compile_node: Compile) -> Value:
    """Compile `X.FIELD`: a global, a thread's variable, a row's field, or a field of the page in X."""
    base = node.value
    if isinstance(base, ast.Name) and base.id not in scope.own:
        if base.id == "vmstats":
            return _vmstats(node, scope)
        if base.id == GLOBAL:
            return _cell("global", node.attr, constant(0).evaluate, node, scope)
        if base.id in scope.names.variables or base.id in scope.names.threads:
            return _thread_variable(base.id, node.attr, node, scope)
    special = _row_attribute(node, scope, compile_node)
    return special or _page_field(node, compile_node(base, scope), scope)


def _page_field(node: ast.Attribute, value: Value, scope: Scope) -> Value:
    page = as_page(value, node.value, scope)
    if node.attr == PHYS_ADDR:
        return Value(Kind.NUMBER, lambda vm: vm.phys_addr(page(vm)), shared=True)
    column = node.attr
    kind = _check_field("page", column, node, scope)
    return Value(kind, lambda vm: getattr(vm.page, column)[page(vm)], shared=True, field=f"page.{column}")


def _vmstats(node: ast.Attribute, scope: Scope) -> Value:
    counter = _counter(node.attr, node, scope)
    return Value(Kind.NUMBER, lambda vm: vm.vmstats.count[counter], shared=True)


def _counter(word: str, node: ast.AST, scope: Scope) -> int:
    try:
        return counter_at(word)
    except BadInput as error:
        raise scope.error(node, error.message) from None


def _thread_variable(thread: str, name: str, node: ast.AST, scope: Scope) -> Value:
    try:
        variable = variable_named(scope.names, thread, name)
    except BadInput as error:
        raise scope.error(node, error.message) from None
    value = own_variable(variable)
    if value.kind.nullable and thread != scope.thread and thread in scope.names.threads:
        value = replace(value, evaluate=_started(value.evaluate, scope.names.threads.index(thread)))
    # The setup's variables do not change after the setup: they are constants of the run.
    fixed = thread in (SETUP, scope.thread)
    return Value(value.kind, value.evaluate, shared=not fixed)


def _started(evaluate: Evaluate, t: int) -> Evaluate:
    """A read of a pointer of thread `t`: NULL during a stepped boot, before the thread has started."""
    return lambda vm: NULL if vm.config.stepped_boot and vm.thread.state[t] == EMPTY else evaluate(vm)


def _row_attribute(node: ast.Attribute, scope: Scope, compile_node: Compile) -> Value | None:
    """Compile `TABLE[ROW].FIELD` or a longer form such as `cpu[N].view.F`; None if it is neither."""
    base = node.value
    if isinstance(base, ast.Attribute) and isinstance(base.value, ast.Subscript):
        table = table_of(base.value, scope)
        if table == "cpu" and base.attr in ("view", "adj", "taken"):
            return _cpu_copy(node, base, base.value, scope, compile_node)
        if table == "cpu" and base.attr == "cnt":
            return _row_field(node, base.value, "cpu", scope, compile_node)
        if table == "thread" and base.attr == "var":
            name = _thread_name(base.value, scope)
            return _thread_variable(name, node.attr, node, scope)
    if not isinstance(base, ast.Subscript):
        return None
    if _is_token(base, scope):
        return _token_field(node, base, scope, compile_node)
    table = table_of(base, scope)
    return None if table in (None, "page") else _row_field(node, base, str(table), scope, compile_node)


def table_of(node: ast.Subscript, scope: Scope) -> str | None:
    """Return the table of `TABLE[...]`; None if the name is not a table."""
    name = node.value.id if isinstance(node.value, ast.Name) else ""
    return name if name in TABLES and name not in scope.own else None


def _row_field(
    node: ast.Attribute, row: ast.Subscript, table: str, scope: Scope, compile_node: Compile
) -> Value:
    return _cell(table, node.attr, _row(row, table, scope, compile_node), node, scope)


def _row(node: ast.Subscript, table: str, scope: Scope, compile_node: Compile) -> Evaluate:
    """Compile the row index of `TABLE[...]`."""
    if table == "queue":
        return queue_row(node, scope, compile_node)
    if table == "object":
        return object_row(node, scope, compile_node)
    if table == "process" and isinstance(node.slice, ast.Name) and node.slice.id in scope.names.processes:
        return constant(scope.names.processes.index(node.slice.id)).evaluate
    if table == "thread":
        name = _thread_name(node, scope)
        if name not in scope.names.threads:
            raise scope.error(
                node, f"{name} is not a thread and has variables only; write thread[{name}].var.NAME"
            )
        return constant(scope.names.threads.index(name)).evaluate
    return compile_index(node.slice, scope, compile_node)


def compile_index(node: ast.expr, scope: Scope, compile_node: Compile) -> Evaluate:
    """Compile what chooses a row or an address: a number, or a page or object that is not NULL."""
    return as_index(compile_node(node, scope), node, scope)


def queue_row(node: ast.Subscript, scope: Scope, compile_node: Compile) -> Evaluate:
    """Compile the queue of `queue[BASE,COLOR]`."""
    if not isinstance(node.slice, ast.Tuple) or len(node.slice.elts) != 2:
        raise scope.error(
            node, f"{source(node)} is not a queue; write queue[BASE,COLOR], as in queue[FREE,5]"
        )
    base = compile_base(node.slice.elts[0], scope, compile_node)
    color = compile_index(node.slice.elts[1], scope, compile_node)
    return placed(lambda vm: queue_at(base(vm), color(vm)), scope.place(node))


def compile_base(node: ast.expr, scope: Scope, compile_node: Compile) -> Evaluate:
    """Compile a queue type: `FREE`, `PQ_FREE`, or an expression with the value of one."""
    if isinstance(node, ast.Name) and node.id not in scope.own and (base := queue_base(node.id)) is not None:
        return constant(base).evaluate
    return compile_index(node, scope, compile_node)


def object_row(node: ast.Subscript, scope: Scope, compile_node: Compile) -> Evaluate:
    """Compile the object of `object[NAME]`."""
    if isinstance(node.slice, ast.Name) and node.slice.id in scope.names.objects:
        return constant(scope.names.objects.index(node.slice.id)).evaluate
    row = compile_index(node.slice, scope, compile_node)
    return placed(lambda vm: check_row("object", row(vm), vm.object.length), scope.place(node))


def _thread_name(node: ast.Subscript, scope: Scope) -> str:
    known = [*scope.names.threads, *scope.names.variables]
    word = node.slice.id if isinstance(node.slice, ast.Name) else source(node.slice)
    if word not in known:
        there = ", ".join(scope.names.threads) or "none"
        raise scope.error(node, f"there is no thread {word!r}; the threads are: {there}")
    return word


def _cpu_copy(
    node: ast.Attribute, copy: ast.Attribute, row: ast.Subscript, scope: Scope, compile_node: Compile
) -> Value:
    counter = _counter(node.attr, node, scope)
    cpu, which = compile_index(row.slice, scope, compile_node), copy.attr

    def read(vm: Machine) -> int:
        at = check_row("cpu", cpu(vm), vm.ncpus) * VMSTATS_SIZE + counter
        value: int = getattr(vm.gd_vmstats, which)[at]
        return value

    return Value(Kind.NUMBER, placed(read, scope.place(node)), shared=True)


def _is_token(node: ast.Subscript, scope: Scope) -> bool:
    """Whether this is `thread[NAME].token[K]`."""
    value = node.value
    thread = isinstance(value, ast.Attribute) and value.attr == "token"
    return thread and isinstance(value.value, ast.Subscript) and table_of(value.value, scope) == "thread"  # type: ignore[attr-defined]


def _token_field(node: ast.Attribute, row: ast.Subscript, scope: Scope, compile_node: Compile) -> Value:
    assert isinstance(row.value, ast.Attribute)
    assert isinstance(row.value.value, ast.Subscript)
    t = _row(row.value.value, "thread", scope, compile_node)
    slot = compile_index(row.slice, scope, compile_node)

    def at(vm: Machine) -> int:
        return t(vm) * TOKENS_PER_THREAD + check_row("token", slot(vm), TOKENS_PER_THREAD)

    return _cell("token", node.attr, at, node, scope)


def compile_subscript(node: ast.Subscript, scope: Scope, compile_node: Compile) -> Value:
    """Compile `page[N]`, `object[NAME]`, an object's page or swap block at a pindex, or a PTE."""
    table = table_of(node, scope)
    if table == "page":
        number = compile_index(node.slice, scope, compile_node)
        return Value(Kind.PAGE, placed(lambda vm: page_at(vm, number(vm)), scope.place(node)), shared=True)
    if table == "object":
        return Value(Kind.OBJECT, object_row(node, scope, compile_node))
    base = node.value
    if isinstance(base, ast.Attribute) and base.attr == "pte" and isinstance(base.value, ast.Subscript):
        return _page_table_entry(node, base.value, scope, compile_node)
    if isinstance(base, ast.Attribute) and base.attr in ("page", "swap"):
        owner = compile_node(base.value, scope)
        if owner.kind is not Kind.OBJECT:
            raise scope.error(
                node, f"{source(base.value)} is {owner.kind.value}; .{base.attr} needs an object"
            )
        return _keyed(node, base.attr, as_index(owner, base.value, scope), scope, compile_node)
    if isinstance(base, ast.Name) and table is None and base.id in scope.names.objects:
        return _keyed(node, "page", as_index(compile_node(base, scope), base, scope), scope, compile_node)
    raise scope.error(node, f"{source(node)} is not a value; write TABLE[...].FIELD")


def _keyed(node: ast.Subscript, table: str, obj: Evaluate, scope: Scope, compile_node: Compile) -> Value:
    """Compile the page or the swap block of an object; `heap[3]`, as people name a page, is heap.page[3]."""
    pindex = compile_index(node.slice, scope, compile_node)

    def read(vm: Machine) -> int:
        column, slot = KEYED_COLUMNS[table], Keyed(table, obj(vm), pindex(vm)).slot(vm)
        if slot is None:
            vm.memory.expect(column)  # any cell allocated later may be this one
            return NULL
        rows, _, name = column.partition(".")
        value: int = getattr(vm.memory.tables[rows], name)[slot]
        return value

    return Value(Kind.PAGE if table == "page" else Kind.INDEX, read, shared=True)


def _page_table_entry(node: ast.Subscript, row: ast.Subscript, scope: Scope, compile_node: Compile) -> Value:
    """Compile `process[NAME].pte[VPN]`; its value is 0 if nothing is mapped."""
    if table_of(row, scope) != "process":
        raise scope.error(node, f"{source(row)} has no page table; write process[NAME].pte[PAGE]")
    p, vpn = _row(row, "process", scope, compile_node), compile_index(node.slice, scope, compile_node)

    def read(vm: Machine) -> int:
        slot = Keyed("pte", p(vm), vpn(vm)).slot(vm)
        return 0 if slot is None else vm.pte.entry[slot]

    return Value(Kind.NUMBER, read, shared=True)
