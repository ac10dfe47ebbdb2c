"""The lenses of the run in sentences: what was when, on which branch, and what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.words import plural
from explorer.lenses.branches import BranchesRow, BranchRow
from explorer.lenses.compare import CompareRow
from explorer.lenses.console import ConsoleRow
from explorer.lenses.lanes import OVER, RAN, READY, SLEPT, LanesRow
from explorer.lenses.life import NAMES, LifeRow, Stays
from explorer.text.listing import MOST, comma_list, listed, number_range, runs_of

if TYPE_CHECKING:
    # Not at run time: its diagram imports networkx.
    from explorer.lenses.moves import MovesRow


def lanes_lines(row: LanesRow) -> list[str]:
    """For each thread, the steps that it took, and those that it slept."""
    if not row.step:
        return ["No step was taken yet."]
    first = row.step - len(row.lanes[0].cells) + 1
    lines = [f"Steps {number_range(first, row.step)}."]
    for lane in row.lanes:
        runs = list(runs_of(lane.cells, first))  # type: ignore[arg-type]  # characters instead of numbers
        parts = {
            kind: [number_range(low, high) for value, low, high in runs if str(value) == kind]
            for kind in (RAN, SLEPT, READY, OVER)
        }
        said = [
            f"{word} {comma_list(parts[kind])}"
            for kind, word in ((RAN, "ran in"), (SLEPT, "slept in"), (OVER, "had ended in"))
            if parts[kind]
        ]
        lines.append(f"{lane.name} {'; '.join(said) or 'took no step'}.")
    return lines


def life_lines(row: LifeRow) -> list[str]:
    """Where the page was, or how long the queue was, with the steps; then the last changes."""
    lines = [f"{' '.join(row.where.split())}, {', '.join(row.title.split('  '))}."]
    if row.stays is not None:
        stays = [f"{NAMES[kind]} from step {step:,}" for step, kind in _until(row.stays, row.step)]
        lines.append(f"Queues: {comma_list(stays)}.")
    if row.lengths is not None:
        lengths = [
            f"{plural(count, 'page')} from step {step:,}" for step, count in _until(row.lengths, row.step)
        ]
        lines.append(f"Length: {comma_list(lengths)}.")
    if row.earlier:
        lines.append(f"{plural(row.earlier, 'earlier change')} not listed.")
    for chapter in row.chapters[-MOST:]:
        changes = ", ".join(f"{cell} {old} to {new}" for cell, old, new in chapter.changes)
        lines.append(
            f"Step {chapter.step:,}, {chapter.thread}: {changes}; {chapter.function}: {chapter.action}."
        )
    return lines


def _until(stays: Stays, step: int) -> list[tuple[int, int]]:
    return [(at, value) for at, value in stays.pairs() if at <= step][-MOST:]


def console_lines(row: ConsoleRow) -> list[str]:
    """Each message on the kernel's console, with its step and thread."""
    if not row.messages:
        return ["The kernel has printed nothing yet."]
    left = len(row.messages) - MOST + row.earlier
    lines = [f"{plural(left, 'earlier message')} not listed."] if left > 0 else []
    for message in row.messages[-MOST:]:
        who = f", {message.thread}" if message.thread else ""
        lines.append(f'Step {message.step:,}{who}: the kernel prints "{message.text}".')
    return lines


def moves_lines(row: MovesRow) -> list[str]:
    """The pages of each type, and each kind of move with its count."""
    lines = [f"Pages: {comma_list(f'{name} {pages:,}' for name, pages in row.pages)}."]
    if not row.moves:
        return [*lines, "No page was moved yet."]
    moves = (
        f"{move.source} to {move.target}: {plural(move.count, 'time')} by {move.function}, "
        f"the last at step {move.last:,}."
        for move in row.moves
    )
    return [*lines, *listed(moves, "kinds of moves")]


def branches_lines(row: BranchesRow) -> list[str]:
    """Each branch: where it forked from its parent, its last step, and how it ended."""
    lines, path = [], list[str]()
    for branch in row.branches:
        # The tree is in depth first order, and each level of it adds as much to the stem.
        del path[len(branch.stem) // 3 :]
        lines.append(_branch_words(row, branch, path[-1] if path else ""))
        path.append(branch.name)
    return listed(lines, "branches")


def _branch_words(row: BranchesRow, branch: BranchRow, parent: str) -> str:
    fork = f"forked from {parent} at step {branch.fork:,}, " if parent else ""
    here = f"; the cursor is here, at step {row.step:,}" if branch.here else ""
    return f"Branch {branch.name}: {fork}ends at step {branch.total:,}, {branch.outcome}{here}."


def compare_lines(row: CompareRow | None) -> list[str]:
    """Each cell that differs, with its value at both moments."""
    if row is None:
        return ["No moments are compared yet: compare BRANCH:STEP compares this one with any other."]
    on = [f"{row.runs_on}."] if row.runs_on else []
    if not row.changes:
        return [f"{row.left} and {row.right} do not differ, bookkeeping ignored.", *on]
    found = (f"{each.subject} {each.cell}: {each.old} and {each.new}." for each in row.changes)
    return [f"Values of {row.left}, then of {row.right}.", *on, *listed(found, "cells differ")]
