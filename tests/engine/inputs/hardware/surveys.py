"""Surveys of machines that are made up: packages of cores of threads, and nodes of memory."""

from __future__ import annotations

from collections.abc import Sequence

from engine.inputs.hardware.survey import FoundCpu, FoundNode, Survey

MIB = 1 << 20

ONE_NODE = (FoundNode(0, 16 * MIB, frozenset({0})),)


def survey_of(
    *packages: Sequence[int],
    numbers: Sequence[int | None] | None = None,
    nodes: Sequence[FoundNode] = ONE_NODE,
    order: Sequence[int] | None = None,
) -> Survey:
    """A machine whose packages are lists of cores, each given by how many threads it has.

    numbers: the packages' own numbers, from 0 on unless given.
    order:   the os_index of each cpu in logical order, from 0 on unless given.
    """
    places = [
        (package, f"{package}.{core}")
        for package, cores in enumerate(packages)
        for core, threads in enumerate(cores)
        for _ in range(threads)
    ]
    indices = range(len(places)) if order is None else order
    cpus = (FoundCpu(at, *place) for at, place in zip(indices, places, strict=True))
    keys = range(len(packages)) if numbers is None else numbers
    return Survey("made-up", tuple(cpus), dict(enumerate(keys)), tuple(nodes), (), "made-up.xml", 7)
