"""Hoisting of calls out of an expression: each becomes an instruction with a hidden result variable."""

from __future__ import annotations

import ast
import difflib
from typing import Any, Final, Protocol

from engine.errors import BadInput
from engine.language.builtins import FUNCTIONS
from engine.language.expressions import compile_node
from engine.language.symbols import Kind, Variable
from engine.language.values import Evaluate, Scope, Value, as_truth, source
from engine.run.program import KernelFunction
from engine.script.binding import bind
from engine.script.document import documented, forms
from engine.script.verbs import Parameter, Verb, verbs


class Emitter(Protocol):
    """The interface to the script's compiler, which emits the instructions."""

    scope: Scope
    may_hold: bool
    of_process: bool

    def assign(self, node: ast.AST, stores: list[tuple[int, Evaluate]]) -> None: ...
    def call(self, node: ast.Call, slots: tuple[int, ...]) -> None: ...
    def hidden(self, kind: Kind) -> tuple[str, Variable]: ...
    def error(self, node: ast.AST, message: str) -> BadInput: ...
    def skip_unless(self, node: ast.AST, condition: Evaluate, go_on_if: bool) -> object: ...
    def land(self, skipped: object) -> None: ...


class Hoister:
    """Rewrites the expressions of one statement and emits instructions for its calls, left to right."""

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter

    def hoist(self, node: ast.expr) -> ast.expr:
        """Replace each call of a verb by a hidden variable; return the node unchanged if it has none."""
        if not calls_a_verb(node):
            return node
        if isinstance(node, ast.Call):
            return self._hoist_call(node)
        if isinstance(node, ast.BoolOp) and any(calls_a_verb(value) for value in node.values[1:]):
            return self._hoist_logic(node)
        if isinstance(node, ast.Compare) and any(calls_a_verb(value) for value in node.comparators[1:]):
            hint = "write two comparisons joined by and"
            raise self.emitter.error(
                node, f"only the first of chained comparisons may contain a call; {hint}"
            )
        return self._hoist_parts(node)

    def _hoist_parts(self, node: ast.expr) -> ast.expr:
        """Return a copy of the node with hoisted parts; the given tree is not changed."""
        fields: dict[str, Any] = {}
        for name, part in ast.iter_fields(node):
            if isinstance(part, list):
                fields[name] = [self.hoist(item) if isinstance(item, ast.expr) else item for item in part]
            else:
                fields[name] = self.hoist(part) if isinstance(part, ast.expr) else part
        rebuilt: ast.expr = ast.copy_location(type(node)(**fields), node)
        return rebuilt

    def _hoist_call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            return self._hoist_parts(node)
        verb = self.verb(node)
        if len(verb.results) != 1:
            count = "nothing" if not verb.results else f"{len(verb.results)} values"
            hint = "write it on its own line"
            raise self.emitter.error(node, f"{verb.name} returns {count}, so it has no value here; {hint}")
        name, variable = self.emitter.hidden(verb.results[0])
        self.emitter.call(node, (variable.slot,))
        return _name(name, node)

    def _hoist_logic(self, node: ast.BoolOp) -> ast.expr:
        """Compile `a and f(b)` with short-circuit evaluation, as in Python."""
        first = compile_node(self.hoist(node.values[0]), self.emitter.scope)
        name, variable = self.emitter.hidden(Kind.NUMBER)
        self._store_truth(node.values[0], variable, first)
        landings = []
        for value in node.values[1:]:
            held = compile_node(_name(name, node), self.emitter.scope)
            stop_at = isinstance(node.op, ast.Or)
            landings.append(self.emitter.skip_unless(value, held.evaluate, not stop_at))
            self._store_truth(value, variable, compile_node(self.hoist(value), self.emitter.scope))
        for landing in landings:
            self.emitter.land(landing)
        return _name(name, node)

    def _store_truth(self, node: ast.expr, variable: Variable, value: Value) -> None:
        true = as_truth(value)
        self.emitter.assign(node, [(variable.slot, lambda vm: int(true(vm)))])

    # --- calls of verbs -----------------------------------------------------------------------------------

    def verb(self, node: ast.Call) -> Verb:
        """Return the verb that `node` calls.

        Errors: BadInput, with the nearest names, if there is no such verb.
        """
        name = source(node.func)
        found = verbs().get(name)
        if found is None:
            raise self.emitter.error(node, unknown_function(name))
        return found

    def bound(self, node: ast.Call) -> tuple[str, KernelFunction, tuple[Evaluate, ...]]:
        """Return the name, function and arguments of a call, emitting what its arguments need."""
        verb, node = documented(self.verb(node), node, self.emitter.scope)
        self._check_count(node, verb)
        texts: dict[int, str] = {}
        arguments = []
        for at, (argument, parameter) in enumerate(zip(node.args, verb.parameters, strict=False)):
            if parameter.kind is None:
                texts[at] = self._text(argument, verb, parameter)
            else:
                arguments.append(self._argument(argument, verb, parameter))
        place = self.emitter.scope.place(node)
        function = bind(verb, place, texts, may_hold=self.emitter.may_hold)
        return verb.name, function, tuple(arguments)

    def _check_count(self, node: ast.Call, verb: Verb) -> None:
        least = sum(not parameter.optional for parameter in verb.parameters)
        plain = not node.keywords and not any(isinstance(part, ast.Starred) for part in node.args)
        if not plain or not least <= len(node.args) <= len(verb.parameters):
            raise self.emitter.error(node, f"wrong arguments for {verb.name}; write {forms(verb.name)}")
        has_pid = verb.takes_pid and len(node.args) == len(verb.parameters)
        if verb.as_process and not self.emitter.of_process and not has_pid:
            words = f"{verb.name} needs an address space, but this thread does not belong to a process"
            hint = "give its [[thread]] a process" + (f", or write {verb.form}" if verb.takes_pid else "")
            raise self.emitter.error(node, f"{words}; {hint}")

    def _text(self, node: ast.expr, verb: Verb, parameter: Parameter) -> str:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or len(node.value) > 40:
            words = f"{parameter.name} of {verb.name} must be a string of at most 40 characters"
            itself = isinstance(node, ast.Name) and node.id == parameter.name
            raise self.emitter.error(node, f"{words}; write {'one in quotes' if itself else verb.form}")
        return node.value

    def _argument(self, node: ast.expr, verb: Verb, parameter: Parameter) -> Evaluate:
        hoisted = self.hoist(node)
        value = compile_node(hoisted, self.emitter.scope)
        if not _suits(value.kind, parameter.kind):
            assert parameter.kind is not None
            words = f"{parameter.name} of {verb.name} must be {parameter.kind.value}"
            hint = f"give {_TO_GIVE.get(parameter.kind, 'a number')}"
            raise self.emitter.error(node, f"{words}, but {source(node)} is {value.kind.value}; {hint}")
        if not value.shared:
            return value.evaluate
        _, variable = self.emitter.hidden(value.kind)
        self.emitter.assign(node, [(variable.slot, value.evaluate)])
        slot = variable.slot
        return lambda vm: vm.variable.value[slot]


def unknown_function(name: str) -> str:
    """Return the message about a name that scripts cannot call, with the nearest ones that they can."""
    near = difflib.get_close_matches(name, [*verbs(), *FUNCTIONS], 3)
    otherwise = "call one of the kernel's functions, such as vm_page_alloc"
    hint = f"did you mean {' or '.join(near)}?" if near else otherwise
    return f"{name[:60]} is not a function that scripts can call; {hint}"


_TO_GIVE: Final = {
    Kind.PAGE: "page[N], or a variable with a page, such as vm_page_alloc returns",
    Kind.OBJECT: "an object by its name",
}
"""What to give for an argument of a kind."""


def _suits(kind: Kind, wanted: Kind | None) -> bool:
    if wanted is Kind.NUMBER:
        return kind in (Kind.NUMBER, Kind.INDEX)
    return kind in (wanted, Kind.NULL)


def calls_a_verb(node: ast.expr) -> bool:
    """Whether the expression calls anything except the functions of EXPR."""
    return any(
        isinstance(part, ast.Call) and not (isinstance(part.func, ast.Name) and part.func.id in FUNCTIONS)
        for part in ast.walk(node)
    )


def _name(name: str, node: ast.AST) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), node)
