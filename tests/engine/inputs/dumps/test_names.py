"""The names that a dump can give."""

from __future__ import annotations

import pytest

from engine.constants import VMSTATS_FIELDS
from engine.inputs.dumps.names import (
    EVENT_NAMES,
    PAGE,
    PRINTED,
    SYSCTL,
    VMSTAT_WORDS,
    kind_and_field,
    struct_name,
)

NAMES = [
    ("vmstats.v_free_count", None, (PAGE, "v_free_count")),
    ("vm.v_free_min", None, (SYSCTL, "v_free_min")),
    ("vm.stats.vm.v_pdwakeups", "vm.cpu0.vmmeter", (SYSCTL, "v_pdwakeups")),
    ("hw.physmem", None, (SYSCTL, "hw.physmem")),
    ("v_free_count", None, (PRINTED, "v_free_count")),
    ("v_free_count", "vm.vmstats", (SYSCTL, "v_free_count")),
    ("v_tfree", "vm.cpu0.vmmeter", None),
    ("vm.v_laundry_count", None, None),
    ("vm.loadavg", None, None),
]


@pytest.mark.parametrize(("name", "struct", "found"), NAMES)
def test_a_name_has_a_kind_and_the_kernels_name(
    name: str, struct: str | None, found: tuple[str, str] | None
) -> None:
    assert kind_and_field(name, struct) == found


def test_a_structure_is_a_name_without_a_value() -> None:
    assert struct_name("vm.cpu12.vmmeter:") == "vm.cpu12.vmmeter"
    assert struct_name("vm.vmstats: 3") is struct_name("vm.loadavg:") is None


def test_the_words_of_vmstat_are_fields_of_the_kernel() -> None:
    assert set(VMSTAT_WORDS.values()) - EVENT_NAMES - set(VMSTATS_FIELDS) == {"v_page_size"}
    assert not EVENT_NAMES & set(VMSTATS_FIELDS)
