"""Verdicts: what must hold over the table of an experiment for its claim to be called shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import BadInput
from engine.experiments.aggregates import Over, Statement
from engine.experiments.arithmetic import Number
from engine.experiments.table import Row, Table, settings_text
from engine.words import plural

if TYPE_CHECKING:
    from engine.experiments.experiment import Experiment


@dataclass(frozen=True)
class Verdict:
    """Whether something holds over a table.

    that:  what, as the file writes it.
    ok:    whether it holds; null does not.
    value: the value that it is about, which may be null or inf.
    note:  why the value is null or infinite, or the verdict cannot hold; "" otherwise.
    say:   what the file says about it, if it holds or if it does not; "" if that is not known.
    known: whether the numbers decide it: it is not null, and no run is missing or ended unexpectedly.
    """

    that: str
    ok: bool
    value: Number
    note: str
    say: str
    known: bool = True


def judge(experiment: Experiment, table: Table) -> tuple[Verdict, ...]:
    """Judge every verdict of an experiment over its table.

    No verdict holds over a table that is not complete, or in which a run did not end as expected.
    """
    wrong = "; ".join([*_missing(table), *_unexpected(table.rows)])
    found = []
    for form, statement in zip(experiment.form.verdicts, experiment.statements, strict=True):
        verdict = _judged(form.that.text, statement, table.rows)
        if wrong:
            verdict = replace(verdict, ok=False, note=wrong, known=False)
        say = form.say if verdict.ok else form.otherwise
        found.append(replace(verdict, say=say if verdict.known else ""))
    return tuple(found)


def _missing(table: Table) -> list[str]:
    missing = table.total - len(table.rows)
    return [f"{missing:,} of {plural(table.total, 'point')} are missing"] if missing else []


def _unexpected(rows: tuple[Row, ...]) -> list[str]:
    bad = [row for row in rows if not row.ok]
    if not bad:
        return []
    runs = plural(len(bad), "run")
    return [f"{runs} did not end as expected: {bad[0].outcome} at {settings_text(bad[0])}"]


def _judged(that: str, statement: Statement, rows: tuple[Row, ...]) -> Verdict:
    over = Over(rows)
    try:
        if statement.of_rows:
            return _in_every_row(that, statement, over)
        holds, value = statement.evaluate(over), statement.shown(over)
    except BadInput as error:
        return Verdict(that, False, None, error.message, "", known=False)
    if holds is None:
        return Verdict(that, False, value, over.null, "", known=False)
    return Verdict(that, bool(holds), value, "; ".join(over.notes), "")


def _in_every_row(that: str, statement: Statement, over: Over) -> Verdict:
    """Judge a verdict about the measures of every row; its value is that of the first row where it fails."""
    found = [statement.evaluate(over) for over.row in over.rows]
    failed = [row for row, holds in zip(over.rows, found, strict=True) if not holds]
    known = not failed or any(holds is not None and not holds for holds in found)
    over = Over(over.rows, next(iter([*failed, *over.rows]), None))
    if over.row is None:
        return Verdict(that, False, None, "there is no row", "", known=False)
    statement.evaluate(over)  # for what it notes about this row
    notes = over.notes
    if failed:
        where = f"it does not hold in {len(failed):,} of {plural(len(over.rows), 'row')}"
        notes = [f"{where}, first at {settings_text(over.row)}", *notes]
    return Verdict(that, not failed, statement.shown(over), "; ".join(notes), "", known)
