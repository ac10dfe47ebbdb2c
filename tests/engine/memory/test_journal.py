"""Queries of the journal about many steps agree with those about one; no other module knows its layout."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.memory.block import BLOCK, EVENT, Numbers, key
from engine.memory.journal import Budget, Journal, JournalFullError

ROOT = Path(engine.__file__).parents[1]
SOURCES = sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "explorer").rglob("*.py")])
LAYOUT, BURST = ("engine/memory/block.py", "engine/memory/journal.py"), "engine/run/runner.py"

STEPS = 2 * BLOCK + 3000


def write(journal: Journal, address: int) -> None:
    """Record a write as a column does."""
    if journal.fill == len(journal.tail_address):
        journal.grow()
    journal.tail_address[journal.fill] = address
    journal.tail_new[journal.fill] = address + 1
    journal.fill += 1


@pytest.fixture(scope="module")
def journal() -> Journal:
    """Two full blocks and 3,000 steps of threads 0 to 4,094 and of events, each with up to three writes."""
    chance, made = random.Random(1), Journal()
    for _ in range(STEPS):
        for _ in range(chance.randrange(4)):
            write(made, chance.choice([0, 7, 1 << 31, (1 << 32) - 1]))
        made.mark(chance.choice([0, 1, 4094, EVENT]), f"action {chance.randrange(500)}")
    return made


def steps(first: int, last: int) -> Numbers:
    return np.arange(first + 1, last + 1)


RANGES = [
    (0, STEPS), (0, 0), (0, 1), (STEPS - 1, STEPS), (STEPS, STEPS), (700, 1900),
    (BLOCK - 5, BLOCK), (BLOCK, BLOCK), (BLOCK, BLOCK + 1), (BLOCK - 7, 2 * BLOCK + 7),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_queries_of_a_range_of_steps_agree_with_those_of_each_step(
    journal: Journal, first: int, last: int
) -> None:
    among = steps(first, last).tolist()
    assert journal.threads(first, last).tolist() == [journal.thread(step) for step in among]
    labels = [journal.names[number] for number in journal.label_numbers(first, last).tolist()]
    assert labels == [journal.label(step) for step in among]
    keys = [key(journal.thread(step)) | journal.labels[journal.label(step)] for step in among]
    assert journal.keys(first, last).tolist() == keys
    writes = [address for step in among for address, _, _ in journal.writes_of(step)]
    assert journal.addresses(first, last).tolist() == writes


def test_queries_of_chosen_steps_agree_with_those_of_each_step(journal: Journal) -> None:
    chosen = np.random.default_rng(2).integers(1, STEPS + 1, (4, 25))
    for vector, single in (
        (journal.threads_at(chosen), journal.thread),
        (journal.ends(chosen), journal.end),
    ):
        assert vector.dtype == np.int64
        assert vector.tolist() == [[single(step) for step in row] for row in chosen.tolist()]
    labels = np.array(journal.names)[journal.label_numbers_at(chosen)]
    assert labels.tolist() == [[journal.label(step) for step in row] for row in chosen.tolist()]


def test_no_write_was_made_by_step_0(journal: Journal) -> None:
    assert journal.ends(np.array([0, 1, 0, STEPS])).tolist() == [0, journal.end(1), 0, journal.writes]
    assert Journal().ends(np.array([0])).tolist() == [0]


def test_the_step_of_a_write_is_found_from_the_ends_of_the_steps(journal: Journal) -> None:
    writes = np.arange(journal.writes)
    made_by = journal.steps_of(writes)
    assert np.all((journal.ends(made_by - 1) <= writes) & (writes < journal.ends(made_by)))
    assert made_by.tolist() == [journal.step_of(n) for n in writes.tolist()]
    shuffled = np.random.default_rng(3).permutation(writes)
    assert np.array_equal(journal.steps_of(shuffled), made_by[shuffled])


def test_the_journal_holds_as_many_writes_and_labels_as_its_bits_allow() -> None:
    far = Journal(Budget(1 << 62))
    far.fill = (1 << 35) - 1
    far.names = [f"label {number}" for number in range(1 << 16)]
    far.labels = {name: number for number, name in enumerate(far.names)}
    far.mark(EVENT, far.names[-1])
    far.mark(0, far.names[0])
    assert (far.end(1), far.thread(1), far.label(1)) == ((1 << 35) - 1, EVENT, "label 65535")
    assert (far.end(2), far.thread(2), far.label(2)) == ((1 << 35) - 1, 0, "label 0")
    assert far.ends(steps(0, 2)).tolist() == [(1 << 35) - 1] * 2
    assert far.threads(0, 2).tolist() == [EVENT, 0]
    assert far.label_numbers(0, 2).tolist() == [65535, 0]


# --- one module knows the layout ----------------------------------------------------------------------------


def _is_layout(node: ast.AST) -> bool:
    """Whether an expression shifts or masks a packed step; `1 << 16` alone is only a number."""
    if not isinstance(node, ast.BinOp) or isinstance(node.left, ast.Constant):
        return False
    operator, number, of = type(node.op), ast.unparse(node.right), ast.unparse(node.left)
    if operator in (ast.LShift, ast.RShift):
        return number in ("16", "28")
    return operator is ast.BitAnd and (number == "4095" or (number == "65535" and "journal" in of))


def layout_in(source: str) -> list[str]:
    """The places in a module that unpack or access a packed step."""
    found = []
    for node in ast.walk(ast.parse(source)):
        reaches = isinstance(node, ast.Attribute) and node.attr == "packed"
        imports = isinstance(node, ast.alias) and node.name == "END_SHIFT"
        if reaches or imports or _is_layout(node):
            found.append(ast.unparse(node))
    return found


@pytest.mark.slow
def test_only_the_journal_unpacks_a_packed_step() -> None:
    names = {path.relative_to(ROOT).as_posix(): path for path in SOURCES}
    found = {name: layout_in(path.read_text("utf-8")) for name, path in names.items() if name not in LAYOUT}
    assert {name: places for name, places in found.items() if places} == {
        BURST: ["END_SHIFT", "journal.packed"]
    }


@pytest.mark.parametrize(
    "expression",
    [
        "np.asarray(history.journal.packed)[first:last]",
        "threads = found >> 16 & 0xFFF",
        "marks >> 28",
        "(writes + 1) << 28",
        "thread << 16",
        "journal_numbers & 0xFFFF",
        "from engine.memory.block import END_SHIFT",
    ],
)
def test_the_check_finds_unpacking(expression: str) -> None:
    assert layout_in(expression)


# --- branches share blocks ----------------------------------------------------------------------------------


def filled(steps: int, budget: Budget | None = None) -> Journal:
    made = Journal(budget)
    for step in range(steps):
        write(made, step % 50)
        made.mark(0, "write")
    return made


def test_a_fork_has_the_same_full_blocks_and_its_own_open_one(journal: Journal) -> None:
    step = BLOCK + 77
    fork = journal.fork(step)
    assert fork.blocks[0] is journal.blocks[0]
    assert fork.blocks[1] is not journal.blocks[1]
    assert (fork.steps, fork.writes) == (step, journal.end(step))
    assert fork.addresses(0, step).tolist() == journal.addresses(0, step).tolist()
    assert fork.labels is journal.labels
    fork.drop()


def test_going_back_into_a_shared_block_leaves_the_other_branch_as_it_is() -> None:
    one = filled(2 * BLOCK + 10)
    other = one.fork(2 * BLOCK + 5)
    kept = other.addresses(0, other.steps).tolist()
    one.cut(BLOCK - 3)
    for _ in range(BLOCK):
        write(one, 999)
        one.mark(0, "another future")
    assert other.addresses(0, other.steps).tolist() == kept
    assert set(one.addresses(BLOCK - 3, one.steps).tolist()) == {999}
    assert one.addresses(0, BLOCK - 3).tolist() == kept[: BLOCK - 3]


def test_the_budget_counts_a_shared_block_once() -> None:
    budget = Budget(1 << 30)
    one = filled(3 * BLOCK, budget)
    alone = budget.bytes
    forks = [one.fork(3 * BLOCK) for _ in range(20)]
    assert budget.bytes == alone == one.bytes
    forks[0].mark(0, "one more")
    assert budget.bytes == alone + 8
    one.drop()
    assert budget.bytes == alone + 8, "the forks still have the blocks"
    for fork in forks:
        fork.drop()
    assert budget.bytes == 0


def test_the_limit_is_that_of_all_branches_together() -> None:
    budget = Budget(2_000)
    one = filled(40, budget)
    other = one.fork(20)

    def write_forever() -> None:
        while True:
            write(other, 1)
            other.mark(0, "write")

    with pytest.raises(JournalFullError, match=r"full: 32 steps, 1\.97 KiB in all branches, of 1\.95 KiB"):
        write_forever()
    assert budget.bytes == 28 * (40 + other.steps) == 28 * 72
    assert budget.full


def test_the_room_of_the_burst_never_reaches_past_limit_or_block() -> None:
    made = Journal(Budget(10_000))
    assert made.space == BLOCK - 1
    assert made.room(100) == (10_000 - 800) // 20
    made = filled(BLOCK - 1)
    assert made.space == 0
    made.mark(0, "the last of its block")
    assert (made.space, made.steps, len(made.blocks)) == (BLOCK - 1, BLOCK, 2)


def test_cells_written_and_the_parts_of_a_range_agree_with_its_addresses(journal: Journal) -> None:
    for first, last in RANGES:
        addresses = journal.addresses(first, last)
        assert journal.cells_written(first, last).tolist() == np.unique(addresses).tolist()
        parts = list(journal.parts(first, last))
        assert np.concatenate([part for _, part in parts]).tolist() == addresses.tolist()
        assert [begin for begin, part in parts if part.size][:1] in ([], [journal.end(first)])


@pytest.mark.parametrize(("first", "beyond"), [(0, 1), (7, 8), (1, 8), (1 << 31, 1 << 32), (100, 200)])
def test_the_writes_to_some_cells_are_found_in_all_blocks(journal: Journal, first: int, beyond: int) -> None:
    addresses = journal.addresses(0, STEPS).tolist()
    wanted = [number for number, address in enumerate(addresses) if first <= address < beyond]
    assert journal.writes_to(first, beyond).tolist() == wanted


def test_writes_that_belong_to_no_step_can_be_taken_or_undone() -> None:
    made = filled(3)
    cells = np.zeros(60, np.int64).data
    write(made, 5)
    write(made, 6)
    assert made.take_unmarked() == [(5, 0, 6), (6, 0, 7)]
    assert made.writes == 3
    write(made, 5)
    cells[5] = 6
    made.undo_unmarked(cells)
    assert (cells[5], made.writes, made.take_unmarked()) == (0, 3, [])


def test_released_blocks_take_no_room_and_later_steps_keep_their_numbers() -> None:
    kept, short = Journal(), Journal()
    for made in (kept, short):
        for step in range(3 * BLOCK + 10):
            write(made, step % 1000)
            made.mark(step % 7, "action")
    first = 2 * BLOCK
    short.release(first + 1)
    assert kept.budget.bytes - short.budget.bytes == sum(block.sealed_bytes for block in kept.blocks[:2])
    short.release(first)
    assert (short.steps, short.writes, short.end(first)) == (kept.steps, kept.writes, kept.end(first))
    wanted, found = kept.written(first, kept.steps), short.written(first, short.steps)
    assert all(np.array_equal(wanted[part], found[part]) for part in (0, 1, 2))
    assert np.array_equal(kept.ends(steps(first, kept.steps)), short.ends(steps(first, kept.steps)))
    assert short.ceiling > kept.ceiling
