"""A survey made into a machine: cpus and memory together, with every warning in its order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.inputs.hardware.assemble import assemble
from engine.inputs.hardware.survey import FoundNode, Survey
from engine.machine.topology import Topology
from tests.engine.inputs.hardware.surveys import MIB, survey_of


def two_sockets(*node_cpus: frozenset[int]) -> Survey:
    """Two sockets of two cores; each node has 4 MiB and the cpus given."""
    nodes = [FoundNode(number, 4 * MIB, cpus) for number, cpus in enumerate(node_cpus)]
    return survey_of([1, 1], [1, 1], nodes=nodes)


MOVED = "its colours contain only pages that the kernel moves from other sockets"

EACH = two_sockets(frozenset({0, 1}), frozenset({2, 3}))
"""Each socket has a node of its own."""


def test_a_machine_has_the_surveys_name_cpus_and_memory() -> None:
    hardware = assemble(EACH)
    assert (hardware.name, hardware.topology) == ("made-up", Topology.grid(2, 2, 1))
    assert hardware.phys_avail == ((0, 0x9F000), (0x100000, 8 * MIB))
    assert [(node.id, node.phys_id) for node in hardware.nodes] == [(0, 0), (1, 1)]
    assert hardware.finalize


def test_the_warnings_of_the_survey_come_first() -> None:
    hardware = assemble(replace(EACH, warnings=("1 cpu offline",)))
    assert hardware.warnings[0] == "1 cpu offline"
    assert hardware.warnings[1:] == assemble(EACH).warnings


@pytest.mark.parametrize(
    ("survey", "finalize"),
    [
        (EACH, True),
        (two_sockets(frozenset({0, 2})), True),
        # Memory without cpus is not organized.
        (two_sockets(frozenset()), False),
        (survey_of([1, 1]), False),
    ],
)
def test_memory_is_finalized_where_it_is_organized_for_more_than_one_socket(
    survey: Survey, finalize: bool
) -> None:
    assert assemble(survey).finalize is finalize


@pytest.mark.parametrize(
    ("survey", "words"),
    [
        (EACH, None),
        (two_sockets(frozenset({0, 1})), f"no memory is placed at socket 1: {MOVED}"),
        (two_sockets(frozenset({0, 2})), f"no memory is placed at socket 1: {MOVED}"),
        (two_sockets(frozenset({0, 1}), frozenset({1, 2})), None),
        (two_sockets(frozenset()), None),
        (
            two_sockets(frozenset({0, 1}), frozenset()),
            f"no memory is placed at socket 1: {MOVED} and pages of nodes without cpus",
        ),
    ],
)
def test_a_socket_without_memory_is_reported_if_another_has_some(survey: Survey, words: str | None) -> None:
    said = [warning for warning in assemble(survey).warnings if warning.startswith("no memory is placed")]
    assert said == ([] if words is None else [words])
