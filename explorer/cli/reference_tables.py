"""The tables of the reference that are made from the code: keys, fields, operators, functions and so on.

On its page such a table is between a line `<!-- table: KIND NAME -->` and a line `<!-- end of the table -->`,
which `pageq help` leaves out. This rewrites the tables of all pages, in a checkout:

    python -m explorer.cli.reference_tables

What the code does not know is written on the page by hand and kept, by the name in the first column: the last
column, such as a key's meaning, and a default that is described in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from engine.experiments.aggregates import FORMS
from engine.experiments.form import parse_experiment
from engine.experiments.replay_runs import STRING_KEYS
from engine.experiments.scenario_runs import RUN_KEYS
from engine.figures import FIGURES
from engine.language.builtins import FUNCTIONS
from engine.language.cell_forms import CellForm, cell_forms
from engine.language.operators import PRECEDENCE, symbol
from engine.machine.machine import Machine
from engine.run.schedule import ITEM_FORMS
from engine.scenario.format import keys_read
from engine.scenario.library import OWN
from engine.scenario.loader import load_text
from engine.scenario.toml_reader import Key
from explorer.cli.help import REFERENCE
from explorer.session.whole_file import replace_file

COMMAND: Final = "python -m explorer.cli.reference_tables"

_MADE: Final = re.compile(
    r"^<!-- table: (?P<kind>[^\n]+) -->\n(?P<old>.*?)^<!-- end of the table -->\n", re.MULTILINE | re.DOTALL
)
_EXAMPLE: Final = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Row:
    """A row of a table.

    names: what the first cell lists, as code.
    cells: the other cells; where one is empty, the text of the page is kept.
    """

    names: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as the code has it.

    sorted:  whether its rows are in the order of the page, not in that of the code.
    grouped: whether a row of the page may also list several of these rows together.
    """

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    sorted: bool = False
    grouped: bool = False


def main() -> None:
    """Rewrite the tables of all pages, and name the pages that changed."""
    for path in sorted(REFERENCE.glob("*.md")):
        old = path.read_text(encoding="utf-8")
        new = rewritten(old)
        if new != old:
            replace_file(path, new.encode())
            print(path)


def rewritten(page: str) -> str:
    """Return a page with its made tables as the code has them now.

    Errors: KeyError for a kind of table that does not exist.
    """

    def replaced(found: re.Match[str]) -> str:
        table = made(found["kind"])
        lines = "\n".join(_merged(table, found["old"]))
        return f"<!-- table: {found['kind']} -->\n{lines}\n<!-- end of the table -->\n"

    return _MADE.sub(replaced, page)


def made(kind: str) -> Table:
    """Return the table of a kind, such as `keys [machine]` or `operators`.

    Errors: KeyError for a kind that does not exist.
    """
    word, _, name = kind.partition(" ")
    return _MAKERS[word](name)


# --- the page's own cells ---------------------------------------------------------------------------------

Own = dict[str, dict[str, str]]
"""The cells of a table on a page: by the first name of their row, then by the heads of the columns."""


def _merged(table: Table, old: str) -> Iterator[str]:
    """Yield the lines of a table, with the cells that only the page has."""
    groups, own = _cells_of(old)
    yield f"| {' | '.join(table.head)} |"
    yield "|" + "---|" * len(table.head)
    for row in _arranged(table, groups):
        kept = own.get(row.names[0], {})
        cells = [cell or kept.get(head, "") for head, cell in zip(table.head[1:], row.cells, strict=True)]
        names = ", ".join(_code(name) for name in row.names)
        yield f"| {' | '.join((names, *cells))} |".replace("|  |", "| |").replace("|  |", "| |")


def _cells_of(table: str) -> tuple[list[tuple[str, ...]], Own]:
    """Read a table of a page: the names of each row, and its cells."""
    lines = [re.split(r"(?<!\\)\|", line.strip())[1:-1] for line in table.splitlines()]
    rows = [[cell.strip() for cell in line] for line in lines]
    groups: list[tuple[str, ...]] = []
    own: Own = {}
    for row in rows[2:]:
        names = tuple(term.replace("\\|", "|") for term in re.findall(r"`([^`]+)`", row[0]))
        groups.append(names)
        own[names[0]] = dict(zip(rows[0][1:], row[1:], strict=True))
    return groups, own


def _arranged(table: Table, groups: list[tuple[str, ...]]) -> Iterable[Row]:
    """Return the rows in their order on the page; those that the page does not have come last."""
    if table.grouped:
        return _grouped(table.rows, groups)
    if not table.sorted:
        return table.rows
    return sorted(table.rows, key=lambda row: groups.index(row.names) if row.names in groups else len(groups))


def _grouped(rows: tuple[Row, ...], groups: list[tuple[str, ...]]) -> Iterator[Row]:
    """Yield rows joined as the page has them, then those that it does not have.

    A cell that is the same in all joined rows is there once, any other one in the order of the names.
    """
    left = {row.names[0]: row for row in rows}
    for names in groups:
        found = [left.pop(name) for name in names if name in left]
        if found:
            columns = [[*column] for column in zip(*(row.cells for row in found), strict=True)]
            cells = tuple(", ".join(one[:1] if len({*one}) == 1 else one) for one in columns)
            yield Row(tuple(row.names[0] for row in found), cells)
    yield from left.values()


def _code(word: str) -> str:
    return f"`{word}`".replace("|", "\\|")


# --- the kinds of tables ----------------------------------------------------------------------------------


@cache
def _asked() -> dict[str, dict[str, Key]]:
    """Every key of a scenario file, as its readers ask for it when they read the examples of the page."""
    page = (REFERENCE / "scenario.md").read_text(encoding="utf-8")
    return keys_read(_EXAMPLE.findall(page))


def _keys(title: str) -> Table:
    """The keys of a table of a scenario file; at the top level, those that are not tables themselves."""
    return _of_keys(_without_tables(_asked()[title or "a scenario"], title))


def _without_tables(asked: Mapping[str, Key], title: str) -> dict[str, Key]:
    """Leave out the keys at the top level that are tables, which have a table of their own."""
    inner = {name for name, key in asked.items() if key.type.endswith(("table", "tables"))}
    return {name: key for name, key in asked.items() if title or name not in inner}


def _course(title: str) -> Table:
    """The keys of a table of a course file."""
    return _of_keys(OWN.course.asked[title])


def _of_keys(keys: Mapping[str, Key]) -> Table:
    rows = tuple(
        Row((name,), (key.type, re.sub(r'"[^"]*"', r"`\g<0>`", key.values), _default(key), ""))
        for name, key in keys.items()
    )
    return Table(("key", "type", "values", "default", "meaning"), rows, sorted=True)


def _default(key: Key) -> str:
    if key.required:
        return "required"
    if key.default is None:
        return ""
    return "empty" if key.default == "" else _code(json.dumps(key.default))


_BARE: Final = 'format = 1\ntitle = "a"\n'


def _many(what: str, count: int, more: str = "") -> str:
    return "".join(f'[[{what}]]\nname = "{what}{n}"\n{more}' for n in range(count))


@cache
def _machines() -> tuple[Machine, Machine]:
    """The machine `small` without a scenario, and a larger one whose scenario has much of everything."""
    maps = "".join(f'{{object="object{n}", start={n << 24}, pages=1}},' for n in range(40))
    processes = _many("process", 40, f"maps = [{maps}]\n")
    large = (
        f"{_BARE}machine.swap = 4096\n"
        + _many("object", 400)
        + processes
        + _many("thread", 100, 'script = "a = 1"\n')
    )
    small = load_text(_BARE, machine="small")
    return small.start().vm, load_text(large, machine="server").start().vm


def _forms() -> dict[str, CellForm]:
    return {form.table: form for form in cell_forms(_machines()[0])}


def _fields(table: str) -> Table:
    rows = tuple(Row((name,), (type_name, "")) for name, type_name in _forms()[table].fields.items())
    return Table(("field", "type", "meaning"), rows, grouped=True)


def _unnamed(tables: str) -> Table:
    """The fields of several tables, each with one field."""
    rows = tuple(
        Row((name,), (type_name, f"of `{form.form}`"))
        for form in (_forms()[table] for table in tables.split())
        for name, type_name in form.fields.items()
    )
    return Table(("field", "type", "meaning"), rows)


def _indexes(_: str) -> Table:
    """The smallest and the largest index of each form of CELL."""
    small, large = (tuple(cell_forms(vm)) for vm in _machines())
    rows = tuple(
        Row((one.form,), (_span(one, other), ""))
        for one, other in zip(small, large, strict=True)
        if one.indexes is not None
    )
    return Table(("cell", "index", "meaning"), rows)


def _span(small: CellForm, large: CellForm) -> str:
    low, high = small.indexes or (0, 0)
    style = "#x" if small.table == "page" else ","
    text = f"{low:{style}} to {high:{style}}"
    return text if small.indexes == large.indexes else f"on `small` {text}"


def _operators(_: str) -> Table:
    rows = tuple(Row(tuple(symbol(kind) for kind in level), ("",)) for level in PRECEDENCE)
    return Table(("operators", "meaning"), rows)


def _functions(_: str) -> Table:
    rows = tuple(Row((one.form,), (one.kind.value, one.meaning)) for one in FUNCTIONS.values())
    return Table(("function", "type", "value"), rows)


@cache
def _experiment_keys() -> dict[str, dict[str, Key]]:
    """Every key of an experiment file, as its readers ask for it when they read the example of the page."""
    page = (REFERENCE / "experiments.md").read_text(encoding="utf-8")
    return dict(parse_experiment(_EXAMPLE.findall(page)[0], Path("example")).asked)


def _experiment(title: str) -> Table:
    """The keys of a table of an experiment file; at the top level, those that are not tables themselves."""
    return _of_keys(_without_tables(_experiment_keys()[title or "an experiment"], title))


def _varied(_: str) -> Table:
    """The keys of [vary] that are not those of `--set`."""
    return Table(("key", "meaning"), tuple(Row((key,), ("",)) for key in RUN_KEYS))


def _replayed(_: str) -> Table:
    """The keys of [vary] in an experiment over reference strings."""
    return Table(("key", "meaning"), tuple(Row((key,), ("",)) for key in STRING_KEYS))


def _aggregates(_: str) -> Table:
    return Table(("function", "value"), tuple(Row((form,), ("",)) for form in FORMS.values()))


def _items(_: str) -> Table:
    """The items of a schedule: `tick[:N]` is `tick` and `tick:N`."""
    rows = []
    for form in ITEM_FORMS.split(", "):
        head, _, tails = form.rstrip("]").partition("[")
        rows += [Row((f"{head}{tail}",), ("",)) for tail in ("", *tails.split("|"))[: None if tails else 1]]
    return Table(("item", "meaning"), tuple(rows))


def _figures(_: str) -> Table:
    rows = tuple(Row((one.name,), (one.unit, one.meaning)) for one in FIGURES)
    return Table(("figure", "unit", "meaning"), rows)


_MAKERS: Final[dict[str, Callable[[str], Table]]] = {
    "keys": _keys,
    "course": _course,
    "fields": _fields,
    "unnamed": _unnamed,
    "indexes": _indexes,
    "operators": _operators,
    "functions": _functions,
    "items": _items,
    "experiment": _experiment,
    "varied": _varied,
    "replayed": _replayed,
    "aggregates": _aggregates,
    "figures": _figures,
}


if __name__ == "__main__":
    main()
