"""The variables of all scripts: their names, cells and kinds.

Every name that a script assigns is a variable. Its kind (number, page or object) is inferred from all
assignments to it and the kinds of the variables they read, over all scripts; a conflict is a BadInput.
A hidden variable, `$1`, `$2`, ..., keeps a result between two instructions of a line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from engine.errors import BadInput
from engine.language.builtins import FUNCTIONS
from engine.language.symbols import NOTHING_NAMED, Kind, Names, Variable, column_kind
from engine.script.hoist import calls_a_verb
from engine.script.source import RESERVED, THE_OBJECT, Script
from engine.script.verbs import verbs

Key = tuple[str, str]
"""A variable: its owner and its name."""


@dataclass(frozen=True)
class Parsed:
    """A script parsed with Python's grammar: the owner's name (a thread's, or `setup`) and the tree.

    text: the script as Python sees it: without C's comments, and not indented.
    """

    owner: str
    script: Script
    tree: ast.Module
    text: str

    def error(self, node: ast.AST, message: str) -> BadInput:
        """Return a BadInput about `node`, to be raised."""
        return BadInput(message, file=self.script.file, line=self.script.line(getattr(node, "lineno", 1)))


class Variables:
    """The variables of every script; `names` is the scope of expressions and includes hidden variables."""

    def __init__(
        self,
        objects: tuple[str, ...],
        threads: tuple[str, ...],
        processes: tuple[str, ...] = (),
        parameters: Mapping[str, int] = NOTHING_NAMED.parameters,
    ) -> None:
        self.count = 0
        self.tables: dict[str, dict[str, Variable]] = {}
        self._hidden: dict[str, int] = {}
        self.names = Names(objects, threads, self.tables, processes, parameters)

    @classmethod
    def beside(cls, names: Names, owner: str, first: int | None = None) -> Variables:
        """Create the variables of `names`, prepared for those of one more thread, `owner`.

        first: the first cell of the new variables; default: the one after all those of `names`.
        """
        found = cls(names.objects, (*names.threads, owner), names.processes, names.parameters)
        found.tables.update({thread: dict(table) for thread, table in names.variables.items()})
        slots = (variable.slot for table in found.tables.values() for variable in table.values())
        found.count = 1 + max(slots, default=-1) if first is None else first
        return found

    def declare(self, scripts: list[Parsed]) -> None:
        """Allocate a cell for each assigned name of each script, and infer its kind.

        Variables declared before, of other scripts, keep their kinds.
        Errors: BadInput for a name that is reserved or taken, and for a variable of two kinds.
        """
        for parsed in scripts:
            self.tables[parsed.owner] = {}
            for node in assigned_names(parsed.tree):
                self._check_name(node, parsed)
                if node.id not in self.tables[parsed.owner]:
                    self.tables[parsed.owner][node.id] = self._new(Kind.NUMBER)
        kinds = self._infer(scripts)
        for parsed in scripts:
            table = self.tables[parsed.owner]
            for name, variable in table.items():
                table[name] = Variable(variable.slot, _settled(kinds.get((parsed.owner, name))))

    def number(self, owner: str, name: str) -> Variable:
        """Create the variable of a thread without a script, before the scripts are declared."""
        variable = self.tables.setdefault(owner, {})[name] = self._new(Kind.NUMBER)
        return variable

    def hidden(self, owner: str, kind: Kind) -> Variable:
        """Create a hidden variable."""
        table = self.tables[owner]
        number = self._hidden[owner] = self._hidden.get(owner, 0) + 1
        variable = table[f"${number}"] = self._new(kind)
        return variable

    def _new(self, kind: Kind) -> Variable:
        self.count += 1
        return Variable(self.count - 1, kind)

    def _check_name(self, node: ast.Name, parsed: Parsed) -> None:
        if node.id in self.names.parameters:
            hint = "a script only reads it; choose another name for the variable"
            raise parsed.error(node, f"{node.id} is a parameter of the scenario; {hint}")
        taken = node.id in RESERVED - {THE_OBJECT} or node.id in verbs()
        if taken or node.id in self.names.objects or node.id in self.names.threads:
            hint = "choose another name for the variable"
            raise parsed.error(node, f"the name {node.id} is reserved or taken; {hint}")
        if len(node.id) > 40:
            raise parsed.error(node, f"the name {node.id[:40]}... is too long; the limit is 40 characters")

    def _infer(self, scripts: list[Parsed]) -> dict[Key, Kind]:
        new = {parsed.owner for parsed in scripts}
        kinds = {
            (owner, name): variable.kind
            for owner, table in self.tables.items()
            for name, variable in table.items()
            if owner not in new
        }
        return _Inference(self, scripts, kinds).all()


class _Inference:
    """Infers the kinds of variables, in rounds over all assignments until nothing changes.

    After the first round, only the assignments that read a variable whose kind has changed are looked at.
    """

    def __init__(self, variables: Variables, scripts: list[Parsed], kinds: dict[Key, Kind]) -> None:
        self.variables = variables
        self.kinds = _Known(kinds)
        self.made = [(parsed, *found) for parsed in scripts for found in assignments(parsed.tree)]
        self.readers: dict[Key, set[int]] = {}
        self.waiting = [(0, number) for number in range(len(self.made))]

    def all(self) -> dict[Key, Kind]:
        """Return the kinds of all variables.

        Errors: BadInput for a variable of two kinds.
        """
        done = (-1, -1)
        while self.waiting:
            turn, number = heappop(self.waiting)
            if (turn, number) != done:
                done = turn, number
                self._look(turn, number)
        return dict(self.kinds)

    def _look(self, turn: int, number: int) -> None:
        """Infer the kind of one assignment's variable; if it changed, queue the assignments that read it."""
        parsed, name, value, at = self.made[number]
        self.kinds.read.clear()
        found = _Kinds(self.variables.names, parsed.owner, self.variables.tables, self.kinds).of(value, at)
        for read in self.kinds.read:
            self.readers.setdefault(read, set()).add(number)
        key = (parsed.owner, name.id)
        before = self.kinds.get(key)
        after = _merge(before, found)
        if after is None and found is not None:
            words = f"{self.kinds[key].value} elsewhere and {found.value} here"
            raise parsed.error(name, f"{name.id} is {words}; use two variables")
        if after is None or after is before:
            return
        self.kinds[key] = after
        for reader in self.readers.get(key, ()):
            heappush(self.waiting, (turn + (reader <= number), reader))


class _Known(dict[Key, Kind]):
    """The kinds that are known so far; `read` is the set of variables whose kinds were asked for."""

    def __init__(self, kinds: dict[Key, Kind]) -> None:
        super().__init__(kinds)
        self.read: set[Key] = set()

    def of(self, key: Key) -> Kind | None:
        """Return the kind of a variable, None if it is not known, and note that it was asked for."""
        self.read.add(key)
        return self.get(key)


def _settled(kind: Kind | None) -> Kind:
    """Return the final kind of a variable; one that is only ever NULL becomes a page."""
    return Kind.NUMBER if kind is None else Kind.PAGE if kind is Kind.NULL else kind


def _merge(one: Kind | None, other: Kind | None) -> Kind | None:
    """Return the kind that includes both; None if there is none, or if both are unknown."""
    if one is None or one is other:
        return other
    if other is None or other is Kind.NULL:
        return one
    if one is Kind.NULL:
        return other
    if {one, other} == {Kind.NUMBER, Kind.INDEX}:
        return Kind.NUMBER
    return None


def assigned_names(tree: ast.Module) -> Iterator[ast.Name]:
    """Every name that a script assigns, in source order."""
    names = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return iter(sorted(names, key=lambda node: (node.lineno, node.col_offset)))


def assignments(tree: ast.Module) -> Iterator[tuple[ast.Name, ast.expr | None, int]]:
    """Each assignment as (name, value, index of the value's result); a value of None means a number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _pairs(node.targets[0], node.value)
        elif isinstance(node, (ast.AugAssign, ast.For)) and isinstance(node.target, ast.Name):
            yield node.target, None, 0


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.Name, ast.expr | None, int]]:
    if isinstance(target, ast.Name):
        yield target, value, 0
    elif isinstance(target, ast.Tuple):
        for at, part in enumerate(target.elts):
            if not isinstance(part, ast.Name):
                continue
            if isinstance(value, ast.Tuple) and at < len(value.elts):
                yield part, value.elts[at], 0
            else:
                yield part, value, at


@dataclass(frozen=True)
class _Kinds:
    """Infers the kind of an expression as far as it is known; the compiled code checks the rest."""

    names: Names
    owner: str
    tables: Mapping[str, Mapping[str, Variable]]
    known: _Known

    def of(self, node: ast.expr | None, at: int = 0) -> Kind | None:
        """Return the kind of result `at` of an expression; None while it is unknown."""
        if isinstance(node, ast.Name):
            return self._of_name(node.id)
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node)
        if isinstance(node, ast.Subscript):
            return self._of_subscript(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._of_call(node.func.id, at)
        if isinstance(node, ast.BoolOp) and not any(calls_a_verb(value) for value in node.values[1:]):
            kinds = {self.of(value) for value in node.values}
            return kinds.pop() if len(kinds) == 1 else None if None in kinds else Kind.NUMBER
        return Kind.NUMBER

    def _of_name(self, word: str) -> Kind | None:
        if word in self.tables[self.owner]:
            return self.known.of((self.owner, word))
        if word in self.names.objects:
            return Kind.OBJECT
        return Kind.NULL if word == "NULL" else Kind.NUMBER

    def _of_attribute(self, node: ast.Attribute) -> Kind | None:
        base = node.value
        if isinstance(base, ast.Name) and base.id in self.tables and base.id not in self.tables[self.owner]:
            return self.known.of((base.id, node.attr))
        if isinstance(base, ast.Attribute) and base.attr == "var" and isinstance(base.value, ast.Subscript):
            return self.known.of((ast.unparse(base.value.slice), node.attr))
        if isinstance(base, ast.Subscript) and isinstance(base.value, ast.Name):
            return column_kind(base.value.id, node.attr)
        if isinstance(base, ast.Subscript) and isinstance(base.value, ast.Attribute):
            return column_kind(base.value.attr, node.attr)
        return column_kind("page", node.attr)

    def _of_subscript(self, node: ast.Subscript) -> Kind:
        if isinstance(node.value, ast.Name):
            return {"page": Kind.PAGE, "object": Kind.OBJECT}.get(node.value.id, Kind.NUMBER)
        if isinstance(node.value, ast.Attribute):
            return {"page": Kind.PAGE, "swap": Kind.INDEX}.get(node.value.attr, Kind.NUMBER)
        return Kind.NUMBER

    def _of_call(self, name: str, at: int) -> Kind:
        if name in FUNCTIONS:
            return FUNCTIONS[name].kind
        verb = verbs().get(name)
        return verb.results[at] if verb and at < len(verb.results) else Kind.NUMBER
