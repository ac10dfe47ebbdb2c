"""The kernel's names and values: the queue indices, and the names of queues."""

from __future__ import annotations

import pytest

from engine import constants
from engine.constants import (
    BASE_NAMES,
    PBUSY_NAMES,
    PG_NAMES,
    PQ_ACTIVE,
    PQ_COUNT,
    PQ_FREE,
    PQ_HOLD,
    PQ_NONE,
    QUEUE_BASES,
    ROLLED_UP,
    V_FREE_COUNT,
    VMSTATS_FIELDS,
    base_and_color,
    queue_name,
    type_and_color,
)


@pytest.mark.parametrize(
    ("queue", "base", "color", "name"),
    [
        (0, PQ_NONE, 0, "NONE"),
        (1, PQ_FREE, 0, "FREE[0]"),
        (1024, PQ_FREE, 1023, "FREE[1023]"),
        (1025, 1025, 0, "INACTIVE[0]"),
        (2049 + 5, PQ_ACTIVE, 5, "ACTIVE[5]"),
        (4096, 3073, 1023, "CACHE[1023]"),
        (5120, PQ_HOLD, 1023, "HOLD[1023]"),
    ],
)
def test_a_queue_is_a_type_and_a_colour(queue: int, base: int, color: int, name: str) -> None:
    """The indices are those of golden/FORMAT.md, section 2."""
    assert base_and_color(queue) == (base, color)
    assert type_and_color(queue) == (name.partition("[")[0], color)
    assert queue_name(queue) == name


def test_every_queue_has_a_unique_name() -> None:
    assert PQ_COUNT == 5 * 1024 + 1
    assert len({queue_name(q) for q in range(PQ_COUNT)}) == PQ_COUNT
    assert {BASE_NAMES[base]: base for base in BASE_NAMES} == QUEUE_BASES


@pytest.mark.parametrize(("names", "prefix"), [(PG_NAMES, "PG_"), (PBUSY_NAMES, "PBUSY_")])
def test_each_bit_has_one_name(names: dict[str, int], prefix: str) -> None:
    known = {name: value for name, value in vars(constants).items() if name.startswith(prefix)}
    bits = {name: value for name, value in known.items() if type(value) is int and value.bit_count() == 1}
    assert names == bits
    assert len(set(names.values())) == len(names)


def test_each_field_of_vmstats_is_a_constant_of_its_place() -> None:
    for place, name in enumerate(VMSTATS_FIELDS):
        assert getattr(constants, name.upper()) == place
    assert [VMSTATS_FIELDS[field] for field in ROLLED_UP] == [
        *("v_free_count", "v_cache_count", "v_inactive_count", "v_active_count", "v_wire_count"),
    ]
    assert VMSTATS_FIELDS[V_FREE_COUNT] == "v_free_count"
