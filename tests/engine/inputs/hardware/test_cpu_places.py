"""Places of a survey's cpus as the kernel's three numbers, and warnings about deviations."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.inputs.hardware.cpu_places import colors_per_cpu, place_cpus
from engine.inputs.hardware.survey import Survey
from engine.machine.topology import MAX_CPUS, CpuPlace, Topology
from tests.engine.inputs.hardware.surveys import survey_of


def placed(survey: Survey) -> tuple[Topology, dict[int, int], list[str]]:
    """The topology, each os_index's socket, and the warnings."""
    warnings: list[str] = []
    topology, sockets = place_cpus(survey, warnings)
    return topology, sockets, warnings


def shape(topology: Topology) -> tuple[int, int, int, int]:
    return topology.ncpus, topology.phys_ids, topology.core_ids, topology.ht_ids


def test_a_regular_machine_is_a_grid_without_warnings() -> None:
    topology, sockets, warnings = placed(survey_of([2, 2], [2, 2]))
    assert topology == Topology.grid(2, 2, 2)
    assert sockets == {n: n // 4 for n in range(8)}
    assert warnings == []


def test_cpus_are_numbered_by_os_index_and_ranked_in_logical_order() -> None:
    # As Linux numbers them: the second threads after all first ones.
    topology, sockets, warnings = placed(survey_of([2], [2], order=[0, 2, 1, 3]))
    assert topology.cpus == (CpuPlace(0, 0, 0), CpuPlace(1, 0, 0), CpuPlace(0, 0, 1), CpuPlace(1, 0, 1))
    assert sockets == {0: 0, 1: 1, 2: 0, 3: 1}
    assert warnings == []


def test_cpus_whose_numbers_have_gaps_are_renumbered_with_a_warning() -> None:
    topology, sockets, warnings = placed(survey_of([1, 1, 1], order=[0, 2, 5]))
    assert topology.ncpus == 3
    assert sockets == {0: 0, 2: 0, 5: 0}
    assert warnings == ["cpus 0-2 are os_index 0,2,5, in that order"]


@pytest.mark.parametrize(
    ("numbers", "phys_ids", "chips", "words"),
    [
        ((0, 1), 2, (0, 1), None),
        ((5, 6), 2, (1, 0), "the kernel takes package numbers modulo 2: 5 is socket 1, 6 is socket 0"),
        (
            (0, 8),
            9,
            (0, 8),
            "of the 9 sockets that the kernel assumes, 1-7 have no cpu, and no cpu prefers their colours",
        ),
        ((None, 5), 2, (0, 1), "a package has no os_index: 2 packages numbered as sockets from 0"),
        ((3, 3), 2, (0, 1), "two packages have the same os_index: 2 packages numbered as sockets from 0"),
        # 2,065 sockets would leave none of the 1,024 colours to a cpu.
        (
            (0, 2064),
            2,
            (0, 1),
            "the os_index values of the packages are too far apart for the kernel's colours",
        ),
    ],
)
def test_packages_keep_their_numbers_if_the_kernel_can_reckon_with_them(
    numbers: tuple[int | None, int], phys_ids: int, chips: tuple[int, int], words: str | None
) -> None:
    topology, sockets, warnings = placed(survey_of([1, 1], [1, 1], numbers=numbers))
    assert topology.phys_ids == phys_ids
    assert [sockets[n] for n in range(4)] == [chips[0], chips[0], chips[1], chips[1]]
    assert len(warnings) == (words is not None)
    assert words is None or words in warnings[0]


def test_sockets_of_one_core_of_one_thread_have_no_core_level() -> None:
    topology, _, warnings = placed(survey_of([1], [1]))
    assert shape(topology) == (2, 2, 0, 0)
    assert len(warnings) == 1
    assert "the kernel detects no core level" in warnings[0]


@pytest.mark.parametrize(
    ("packages", "expected", "words"),
    [
        (([2, 1],), (3, 1, 2, 2), "cores differ in size, with 1-2 threads each: the kernel assumes 2"),
        (([1, 1, 1], [1]), (4, 2, 3, 1), "sockets differ in size, with 1,3 cores each: the kernel assumes 3"),
    ],
)
def test_uneven_sockets_and_cores_leave_slots_empty_with_a_warning(
    packages: tuple[list[int], ...], expected: tuple[int, int, int, int], words: str
) -> None:
    topology, _, warnings = placed(survey_of(*packages))
    assert shape(topology) == expected
    assert len(warnings) == 1
    assert words in warnings[0]


def test_the_maximum_number_of_cpus_is_placed_and_one_more_is_refused() -> None:
    topology, _, _ = placed(survey_of([1] * MAX_CPUS))
    assert (topology.ncpus, colors_per_cpu(topology)) == (1024, 1)
    with pytest.raises(BadInput, match="1025 cpus are too many; the limit is 1024") as caught:
        placed(survey_of([1] * (MAX_CPUS + 1)))
    assert (caught.value.file, caught.value.line) == ("made-up.xml", 7)


def test_more_slots_than_colours_are_refused() -> None:
    with pytest.raises(BadInput, match="1 sockets x 41 cores x 40 threads leave no colour for a cpu"):
        placed(survey_of([40] + [1] * 40))


@pytest.mark.parametrize(
    ("topology", "colors"),
    [
        (Topology.grid(2, 4, 2), 64),
        # The kernel divides three times: 341, 113, 56.
        (Topology.grid(3, 3, 2), 56),
        (Topology.grid(8, 1, 1), 128),
        (Topology((CpuPlace(0, 0, 0),) * 2, 1025, 0, 0), 0),
        (Topology((CpuPlace(0, 0, 0),) * 2, 2, 513, 1), 0),
    ],
)
def test_a_cpu_has_its_share_of_the_colours(topology: Topology, colors: int) -> None:
    assert colors_per_cpu(topology) == colors
