"""The functions of EXPR: queue_of, base_of, node_of, count, holds, and the kernel's macros."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.constants import (
    NULL,
    PAGE_SHIFT,
    PQ_L2_SIZE,
    QUEUE_BASES,
    VM_ALLOC_CPU_SHIFT,
    VM_ALLOC_CPU_SPEC,
    Obj,
    Page,
    Thread,
    base_and_color,
)
from engine.errors import BadInput
from engine.kernel.queues import base_queue
from engine.kernel.tokens import held_mode
from engine.language.resolve import Compile, compile_base, compile_index, placed, queue_row, table_of
from engine.language.symbols import Kind, page_at
from engine.language.values import Scope, Value, as_index, as_page, source
from engine.machine.machine import Machine
from engine.words import plural


@dataclass(frozen=True)
class Function:
    """A function of EXPR.

    arguments: what it takes, in capitals as usage texts have it.
    kind:      the kind of its value.
    meaning:   its value in words; Markdown, for the reference.
    """

    name: str
    arguments: tuple[str, ...]
    kind: Kind
    meaning: str
    compile: Callable[[ast.Call, Scope, Compile], Value]

    @property
    def form(self) -> str:
        """Usage, such as `holds(THREAD, LOCK)`."""
        return f"{self.name}({', '.join(self.arguments)})"


def compile_function(node: ast.Call, scope: Scope, compile_node: Compile) -> Value | None:
    """Compile a call of an EXPR function; return None if `node` calls anything else."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS:
        return None
    function = FUNCTIONS[name]
    count = len(function.arguments)
    if len(node.args) != count or node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
        raise scope.error(node, f"{name} takes {plural(count, 'argument')}; write {function.form}")
    return function.compile(node, scope, compile_node)


def _queue_of(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    page = as_page(compile_node(node.args[0], scope), node.args[0], scope)
    return Value(Kind.NUMBER, lambda vm: base_and_color(vm.page.queue[page(vm)])[0], shared=True)


def _base_of(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    page = as_page(compile_node(node.args[0], scope), node.args[0], scope)
    return Value(Kind.NUMBER, lambda vm: base_queue(vm, Page(page(vm))), shared=True)


def _node_of(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    page = as_page(compile_node(node.args[0], scope), node.args[0], scope)

    def read(vm: Machine) -> int:
        own = vm.node_of(page(vm))
        return NULL if own is None else own.id

    return Value(Kind.NUMBER, read, shared=True)


def _count(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    base, place = compile_base(node.args[0], scope, compile_node), scope.place(node)

    def read(vm: Machine) -> int:
        first = base(vm)
        if first not in QUEUE_BASES.values() or not first:
            raise place.error(f"{first} is not a queue type; use one such as FREE or PQ_ACTIVE")
        return int(vm.memory.vector("queue.lcnt", first, PQ_L2_SIZE).sum())

    return Value(Kind.NUMBER, read, shared=True)


def _phys_to_vm_page(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    address = compile_index(node.args[0], scope, compile_node)

    def page(vm: Machine) -> int:
        if address(vm) < 0:
            raise BadInput(f"{address(vm)} is not a physical address; physical addresses start at 0")
        return page_at(vm, address(vm) >> PAGE_SHIFT)

    return Value(Kind.PAGE, placed(page, scope.place(node)), shared=True)


def _vm_page_to_phys(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    page = as_page(compile_node(node.args[0], scope), node.args[0], scope)
    return Value(Kind.NUMBER, lambda vm: vm.phys_addr(page(vm)), shared=True)


def _vm_alloc_cpu(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    cpu = compile_node(node.args[0], scope)
    number, place = as_index(cpu, node.args[0], scope), scope.place(node)

    def flags(vm: Machine) -> int:
        n = number(vm)
        if not 0 <= n < vm.ncpus:
            raise place.error(f"there is no cpu {n}; this machine has cpus 0 to {vm.ncpus - 1}")
        return n << VM_ALLOC_CPU_SHIFT | VM_ALLOC_CPU_SPEC

    return Value(Kind.NUMBER, flags, shared=cpu.shared)


def _holds(node: ast.Call, scope: Scope, compile_node: Compile) -> Value:
    """Whether a thread holds a lock: a page's or queue's spinlock, vm_contig_spin, or an object's token."""
    name = source(node.args[0])
    if name not in scope.names.threads:
        raise scope.error(node, f"there is no thread {name!r}; write holds(THREAD, LOCK)")
    t, lock = scope.names.threads.index(name), node.args[1]
    if isinstance(lock, ast.Name) and lock.id == "vm_contig_spin":
        return Value(Kind.NUMBER, lambda vm: int(vm.glob.contig_spin[0] == t + 1), shared=True)
    if isinstance(lock, ast.Subscript) and table_of(lock, scope) == "queue":
        queue = queue_row(lock, scope, compile_node)
        return Value(Kind.NUMBER, lambda vm: int(vm.queue.spin[queue(vm)] == t + 1), shared=True)
    value = compile_node(lock, scope)
    if value.kind is Kind.OBJECT:
        obj = as_index(value, lock, scope)
        return Value(Kind.NUMBER, lambda vm: int(held_mode(vm, Thread(t), Obj(obj(vm))) != 0), shared=True)
    page = as_page(value, lock, scope)
    return Value(Kind.NUMBER, lambda vm: int(vm.page.spin[page(vm)] == t + 1), shared=True)


_FUNCTIONS: Final = (
    Function(
        "queue_of",
        ("PAGE",),
        Kind.NUMBER,
        "the type of the queue that the page is on, as PQ_ACTIVE; PQ_NONE if it is on none",
        _queue_of,
    ),
    Function(
        "base_of",
        ("PAGE",),
        Kind.NUMBER,
        "the same, without the colour: what the kernel computes from `queue` and `pc`",
        _base_of,
    ),
    Function(
        "node_of", ("PAGE",), Kind.NUMBER, "the NUMA node that the page belongs to; -1 for none", _node_of
    ),
    Function(
        "count",
        ("BASE",),
        Kind.NUMBER,
        "the pages on all queues of a type: `count(FREE)`, `count(PQ_ACTIVE)`",
        _count,
    ),
    Function(
        "holds",
        ("THREAD", "LOCK"),
        Kind.NUMBER,
        "1 if the thread holds the lock: a page, `queue[BASE,COLOR]`, an object (its token) or "
        "`vm_contig_spin`",
        _holds,
    ),
    Function("PHYS_TO_VM_PAGE", ("ADDRESS",), Kind.PAGE, "the page at a physical address", _phys_to_vm_page),
    Function("VM_PAGE_TO_PHYS", ("PAGE",), Kind.NUMBER, "the physical address of a page", _vm_page_to_phys),
    Function(
        "VM_ALLOC_CPU",
        ("CPU",),
        Kind.NUMBER,
        "the allocation flags that make a processor the one whose colours are used",
        _vm_alloc_cpu,
    ),
)

FUNCTIONS: Final[dict[str, Function]] = {function.name: function for function in _FUNCTIONS}
"""The functions of EXPR, by name."""
