"""Compiler of the script language, a small subset of Python, to a flat list of instructions.

A statement is compiled with the label of its successor. Each instruction carries that label, so there are no
separate jump instructions. A call inside an expression becomes an instruction of its own that stores its
result in a hidden variable; so does an argument that reads more than the script's own variables. A line
without a call is one step.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.errors import BadInput
from engine.language.expressions import combine, compile_node, parse_python
from engine.language.symbols import SETUP, Kind, Variable
from engine.language.values import Evaluate, Place, Scope, Value, as_number, as_truth, source
from engine.machine.machine import Machine
from engine.run.program import Assign, Branch, Call, Instruction, Pass, Program
from engine.script.anchors import anchors_of, without_anchors
from engine.script.document import plain_calls, without_c
from engine.script.hoist import Hoister
from engine.script.source import Script
from engine.script.variables import Parsed, Variables
from engine.script.verbs import verbs
from engine.words import plural

STATEMENTS: Final = "assignments, calls, if, while, for ... in range(...), break, continue and pass"


class Label:
    """A position in the list of instructions; `at` is set when it is known."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at = -1


@dataclass(frozen=True)
class Loop:
    """The targets of `break` and `continue`."""

    leave: Label
    again: Label


def parse_script(owner: str, script: Script) -> Parsed:
    """Parse a script with Python's grammar.

    owner: the name of the thread that runs the script, or `setup`.
    Errors: BadInput with the file's line.
    """
    text = without_c(textwrap.dedent(script.text))
    tree = parse_python(text, "exec", lambda number: Place(script.file, script.at(number)))
    assert isinstance(tree, ast.Module)
    plain_calls(tree)
    return Parsed(owner, script, tree, text)


def compile_script(parsed: Parsed, variables: Variables, cpu: int = 0, of_process: bool = False) -> Program:
    """Compile a parsed script with declared variables to a program for `cpu`.

    of_process: whether its thread belongs to a process and so has an address space.
    Errors: BadInput with the file's line.
    """
    return _Compiler(parsed, variables, of_process).program(cpu)


class _Compiler:
    def __init__(self, parsed: Parsed, variables: Variables, of_process: bool) -> None:
        self.parsed = parsed
        self.of_process = of_process
        self.variables = variables
        self.script = parsed.script
        self.lines = tuple(without_anchors(parsed.script.text.rstrip("\n").split("\n")))
        self.dedented = without_anchors(textwrap.dedent(parsed.script.text).split("\n"))
        self.own = variables.tables[parsed.owner]
        self.drafts: list[Callable[[], Instruction]] = []
        self.loops: list[Loop] = []
        self.daemon = ""
        self.scope = Scope(
            variables.names,
            self.own,
            parsed.owner,
            parsed.script.file,
            parsed.script.at,
        )
        calls = (node for node in ast.walk(parsed.tree) if isinstance(node, ast.Call))
        called = (verbs().get(source(call.func)) for call in calls)
        self.may_hold = any(verb is not None and verb.takes_token for verb in called)

    def program(self, cpu: int) -> Program:
        end = Label()
        self.block(self.parsed.tree.body, end)
        self.place(end)
        instructions = tuple(draft() for draft in self.drafts)
        names = {name: variable.slot for name, variable in self.own.items()}
        zeroed = frozenset(variable.slot for variable in self.own.values() if not variable.kind.nullable)
        pages = frozenset(
            variable.slot
            for name, variable in self.own.items()
            if variable.kind is Kind.PAGE and not name.startswith("$")
        )
        return Program(
            self.parsed.owner, cpu, self.lines, instructions, names,
            daemon=self.daemon, zeroed=zeroed, pages=pages, anchors=anchors_of(self.parsed),
        )  # fmt: skip

    # --- instructions -------------------------------------------------------------------------------------

    def place(self, label: Label) -> None:
        """Set a label to the next instruction."""
        label.at = len(self.drafts)

    def here(self) -> Label:
        """Return a new label at the next instruction."""
        label = Label()
        self.place(label)
        return label

    def assign(self, node: ast.AST, stores: list[tuple[int, Evaluate]], then: Label | None = None) -> None:
        """Emit an Assign that continues at `then`, or at the next instruction."""
        line, text, then = self.line(node), self.text(node), then or self.following()
        (slot, value), *more = stores
        self.drafts.append(lambda: Assign(line, text, slot, value, then.at, tuple(more)))

    def branch(
        self,
        node: ast.AST,
        condition: Evaluate,
        then: Label,
        otherwise: Label,
        stores: tuple[tuple[int, Evaluate], ...] = (),
    ) -> None:
        """Emit a Branch."""
        line, text = self.line(node), self.text(node)
        self.drafts.append(lambda: Branch(line, text, condition, then.at, otherwise.at, stores))

    def call(self, node: ast.Call, slots: tuple[int, ...], then: Label | None = None) -> None:
        """Emit a Call of a verb, preceded by the instructions that its arguments need."""
        name, function, arguments = Hoister(self).bound(node)
        line, text, then = self.line(node), self.text(node), then or self.following()
        self.drafts.append(lambda: Call(line, text, name, function, arguments, slots, then.at))

    def following(self) -> Label:
        """Return a label after the next instruction to be emitted."""
        label = Label()
        label.at = len(self.drafts) + 1
        return label

    def skip_unless(self, node: ast.AST, condition: Evaluate, go_on_if: bool) -> Label:
        """Emit a Branch that continues if the condition is `go_on_if`; return the label to jump to if not.

        Pass the label to `land` at its target.
        """
        landing, following = Label(), self.following()
        then, otherwise = (following, landing) if go_on_if else (landing, following)
        self.branch(node, condition, then, otherwise)
        return landing

    def land(self, skipped: object) -> None:
        """Set the target of a Branch from skip_unless to the next instruction."""
        assert isinstance(skipped, Label)
        self.place(skipped)

    def hidden(self, kind: Kind) -> tuple[str, Variable]:
        """Create a hidden variable; return its name and the variable."""
        variable = self.variables.hidden(self.parsed.owner, kind)
        return next(reversed(self.own)), variable

    def line(self, node: ast.AST) -> int:
        """Return the line of a node in the script, from 1."""
        return int(getattr(node, "lineno", 1))

    def text(self, node: ast.AST) -> str:
        """Return the source text of a node, or only its first line if it spans several."""
        line = self.line(node)
        words = self.lines[line - 1] if line <= len(self.lines) else ""
        if getattr(node, "end_lineno", 0) != line or isinstance(node, (ast.If, ast.While, ast.For)):
            return words.strip()
        indent = len(words.encode()) - len(self.dedented[line - 1].encode())
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        return words.encode()[indent + start : None if end is None else indent + end].decode(errors="replace")

    def error(self, node: ast.AST, message: str) -> BadInput:
        """Return a BadInput about a node, to be raised."""
        return self.parsed.error(node, message)

    def value(self, node: ast.expr) -> Value:
        """Compile an expression, emitting instructions for the calls in it."""
        return compile_node(Hoister(self).hoist(node), self.scope)

    # --- statements ---------------------------------------------------------------------------------------

    def block(self, statements: list[ast.stmt], then: Label) -> None:
        """Compile consecutive statements; the last continues at `then`."""
        for statement in statements[:-1]:
            after = Label()
            self.statement(statement, after)
            self.place(after)
        for statement in statements[-1:]:
            self.statement(statement, then)

    def statement(self, node: ast.stmt, then: Label) -> None:
        """Compile one statement that continues at `then`."""
        compiler = _STATEMENTS.get(type(node))
        if compiler is None:
            word = self.text(node).split(" ")[0] or type(node).__name__.lower()
            raise self.error(node, f"{word[:40]!r} is not part of the script language; use {STATEMENTS}")
        compiler(self, node, then)

    def expression_statement(self, node: ast.Expr, then: Label) -> None:
        if not isinstance(node.value, ast.Call) or source(node.value.func) not in verbs():
            self.refuse_value(node.value)
        assert isinstance(node.value, ast.Call)
        if verbs()[source(node.value.func)].daemon:
            self.run_daemon(node.value)
            return
        self.call(node.value, (), then)

    def run_daemon(self, node: ast.Call) -> None:
        """Emit an endless loop around one turn of a daemon."""
        name = source(node.func)
        if self.parsed.owner == SETUP:
            raise self.error(
                node, f"{name} never returns, so the setup would not end; call it in a [[thread]]"
            )
        if self.daemon not in ("", name):
            raise self.error(node, f"this thread is already the {self.daemon}; use another thread for {name}")
        self.daemon = name
        self.call(node, (), self.here())

    def refuse_value(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            Hoister(self).verb(node)
        text = source(node)
        raise self.error(node, f"{text} has no effect; call a function, or assign the value")

    def assignment(self, node: ast.Assign, then: Label) -> None:
        if len(node.targets) != 1:
            raise self.error(node, "an assignment has one target; write two lines")
        names = self.targets(node.targets[0])
        if isinstance(node.value, ast.Call) and source(node.value.func) in verbs():
            self.check_results(node.value, len(names))
            self.call(node.value, tuple(self.own[name.id].slot for name in names), then)
            return
        stores = [
            (self.own[name.id].slot, self.stored(name, value))
            for name, value in zip(names, self.values(node, len(names)), strict=True)
        ]
        self.assign(node, stores, then)

    def stored(self, name: ast.Name, value: Value) -> Evaluate:
        """Return the value to store in a variable; a page stored as a number becomes its page number."""
        kind = self.own[name.id].kind
        if not kind.nullable:
            return as_number(value)
        if value.kind not in (kind, Kind.NULL):
            raise self.error(name, f"{name.id} is {kind.value} elsewhere; use two variables")
        return value.evaluate

    def targets(self, target: ast.expr) -> list[ast.Name]:
        """Return the names that a target assigns."""
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        names = [part for part in parts if isinstance(part, ast.Name)]
        if len(names) != len(parts) or not names:
            wrong = next((part for part in parts if not isinstance(part, ast.Name)), target)
            hint = "assign only to the script's own variables, and change the rest by kernel functions"
            raise self.error(wrong, f"cannot assign to {source(wrong)}; {hint}")
        return names

    def check_results(self, node: ast.Call, wanted: int) -> None:
        name = source(node.func)
        count = len(verbs()[name].results)
        if count != wanted:
            returns = plural(count, "value") if count else "nothing"
            targets = plural(count, "variable")
            hint = f"assign to {targets}, not {wanted}" if count else "call it without an assignment"
            raise self.error(node, f"{name} returns {returns}; {hint}")

    def values(self, node: ast.Assign, wanted: int) -> list[Value]:
        parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        if len(parts) != wanted:
            counts = f"{plural(len(parts), 'value')} for {plural(wanted, 'variable')}"
            raise self.error(node, f"{counts}; give one value for each variable")
        nodes = [Hoister(self).hoist(part) for part in parts]
        return [compile_node(part, self.scope) for part in nodes]

    def augmented(self, node: ast.AugAssign, then: Label) -> None:
        (name,) = self.targets(node.target)
        left = compile_node(ast.copy_location(ast.Name(name.id, ast.Load()), name), self.scope)
        value = combine(node, node.op, left, self.value(node.value), self.scope)
        self.assign(node, [(self.own[name.id].slot, value.evaluate)], then)

    def conditional(self, node: ast.If, then: Label) -> None:
        condition = as_truth(self.value(node.test))
        body, otherwise = Label(), Label()
        self.branch(node, condition, body, otherwise if node.orelse else then)
        self.place(body)
        self.block(node.body, then)
        self.place(otherwise)
        self.block(node.orelse, then)

    def while_loop(self, node: ast.While, then: Label) -> None:
        self.refuse_loop_else(node)
        again, body = self.here(), Label()
        self.branch(node, as_truth(self.value(node.test)), body, then)
        self.place(body)
        self.loop_body(node.body, Loop(then, again))

    def refuse_loop_else(self, node: ast.While | ast.For) -> None:
        if node.orelse:
            raise self.error(node.orelse[0], "a loop cannot have an else; write the lines after the loop")

    def loop_body(self, body: list[ast.stmt], loop: Loop) -> None:
        self.loops.append(loop)
        self.block(body, loop.again)
        self.loops.pop()

    def for_loop(self, node: ast.For, then: Label) -> None:
        """Compile a for loop; its entry and each repetition are one step: test, counter and variable."""
        self.refuse_loop_else(node)
        (name,) = self.targets(node.target)
        start, stop, step = self.range_of(node)
        counter, last, stride = (self.hidden(Kind.NUMBER)[1].slot for _ in range(3))
        slot, body, again = self.own[name.id].slot, Label(), Label()
        entering = ((counter, start), (slot, start), (last, stop), (stride, step))
        self.branch(node, _in_range(start, stop, step), body, then, entering)
        self.place(body)
        self.loop_body(node.body, Loop(then, again))
        self.place(again)

        def following(vm: Machine) -> int:
            return vm.variable.value[counter] + vm.variable.value[stride]

        more = _in_range(following, _variable(last), _variable(stride))
        self.branch(node, more, body, then, ((counter, following), (slot, following)))

    def range_of(self, node: ast.For) -> tuple[Evaluate, Evaluate, Evaluate]:
        """Compile the start, stop and step of `range(...)`; a step of 0 is a BadInput when it runs."""
        call = node.iter
        if not isinstance(call, ast.Call) or source(call.func) != "range":
            raise self.error(node.iter, f"cannot loop over {source(node.iter)}; use range(...)")
        if not 1 <= len(call.args) <= 3 or call.keywords:
            raise self.error(
                call, "range takes one to three numbers; write range(stop) or range(start, stop, step)"
            )
        nodes = [Hoister(self).hoist(part) for part in call.args]
        numbers = [as_number(compile_node(part, self.scope)) for part in nodes]
        if len(numbers) == 1:
            numbers.insert(0, lambda _: 0)
        if len(numbers) == 2:
            numbers.append(lambda _: 1)
        return numbers[0], numbers[1], _not_zero(numbers[2], self.scope.place(call))

    def go_on(self, node: ast.stmt, then: Label) -> None:
        line, text = self.line(node), self.text(node)
        self.drafts.append(lambda: Pass(line, text, then.at))

    def leave_loop(self, node: ast.stmt, _: Label) -> None:
        self.go_on(node, self.innermost(node).leave)

    def repeat_loop(self, node: ast.stmt, _: Label) -> None:
        self.go_on(node, self.innermost(node).again)

    def innermost(self, node: ast.stmt) -> Loop:
        if not self.loops:
            raise self.error(node, f"{self.text(node)} is outside a loop; use it only inside one")
        return self.loops[-1]


def _variable(slot: int) -> Evaluate:
    return lambda vm: vm.variable.value[slot]


def _in_range(value: Evaluate, stop: Evaluate, step: Evaluate) -> Evaluate:
    def test(vm: Machine) -> int:
        return value(vm) < stop(vm) if step(vm) > 0 else value(vm) > stop(vm)

    return test


def _not_zero(step: Evaluate, place: Place) -> Evaluate:
    def number(vm: Machine) -> int:
        found = step(vm)
        if found == 0:
            raise place.error("the step of range is 0, so the loop would never end; use another step")
        return found

    return number


_STATEMENTS: Final[dict[type[ast.stmt], Callable[..., None]]] = {
    ast.Expr: _Compiler.expression_statement,
    ast.Assign: _Compiler.assignment,
    ast.AugAssign: _Compiler.augmented,
    ast.If: _Compiler.conditional,
    ast.While: _Compiler.while_loop,
    ast.For: _Compiler.for_loop,
    ast.Pass: _Compiler.go_on,
    ast.Break: _Compiler.leave_loop,
    ast.Continue: _Compiler.repeat_loop,
}
