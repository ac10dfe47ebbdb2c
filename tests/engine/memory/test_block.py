"""A block of history: packed steps, growing, sealing with the net change, copying its beginning."""

from __future__ import annotations

import random

import numpy as np
import pytest

from engine.memory.block import BLOCK, EVENT, Block, key
from engine.memory.journal import Journal


def block_of(writes: list[tuple[int, int, int]]) -> Block:
    """A full block; the first steps have one write each, the others none."""
    journal = Journal()
    block = journal.blocks[0]
    for step in range(BLOCK):
        if step < len(writes):
            if journal.fill == len(journal.tail_new):
                journal.grow()
            n = journal.fill
            journal.tail_address[n], journal.tail_old[n], journal.tail_new[n] = writes[step]
            journal.fill += 1
        journal.mark(0, "step")
    return block


def test_a_key_is_a_step_without_writes_and_with_the_first_label() -> None:
    made = Journal()
    for thread in (0, 1, EVENT):
        made.mark(thread, "the first label")
    assert list(made.blocks[0].packed[:3]) == [key(0), key(1), key(EVENT)]


def test_a_full_block_has_no_more_memory_than_it_needs() -> None:
    block = block_of([(n % 5, 0, 1) for n in range(3000)])
    assert [len(part) for part in (block.address, block.old, block.new)] == [3000] * 3
    assert block.net is not None
    assert block.sealed_bytes == 20 * 3000 + 8 * BLOCK + sum(part.nbytes for part in block.net)


def test_the_net_change_has_each_cell_once_with_its_first_old_and_its_last_new_value() -> None:
    chance = random.Random(3)
    writes = [(chance.choice([0, 7, 8, 1 << 31, (1 << 32) - 1]), n, n + 1) for n in range(5000)]
    net = block_of(writes).net
    assert net is not None
    first, last = dict[int, int](), dict[int, int]()
    for address, old, new in writes:
        first.setdefault(address, old)
        last[address] = new
    assert [part.tolist() for part in net] == [
        sorted(first), [first[cell] for cell in sorted(first)], [last[cell] for cell in sorted(first)]
    ]  # fmt: skip


@pytest.mark.parametrize("writes", [[], [(9, 0, 1)]], ids=["none", "one"])
def test_a_block_with_few_writes_is_sealed_too(writes: list[tuple[int, int, int]]) -> None:
    block = block_of(writes)
    assert block.net is not None
    assert [part.tolist() for part in block.net] == [[value] for value in writes[0]] if writes else [[]] * 3
    assert [block.may_have_written(cell) for cell in (8, 9, 10)] == [False, bool(writes), False]


def test_an_open_block_may_have_written_any_cell() -> None:
    assert Block().may_have_written(0)
    assert Block().sealed_bytes == 0


def test_a_copy_has_the_first_steps_and_can_grow_on_its_own() -> None:
    block = block_of([(n, n, n + 1) for n in range(2000)])
    copy = block.copy(1500)
    assert (copy.end(1500), copy.net) == (1500, None)
    assert np.asarray(copy.new)[:1500].tolist() == list(range(1, 1501))
    assert copy.span(10, 12) == block.span(10, 12) == (10, 12)
    room = len(copy.new)
    copy.new[0] = -1
    copy.grow()
    assert len(copy.new) == 2 * room
    assert (copy.new[0], block.new[0]) == (-1, 1)
