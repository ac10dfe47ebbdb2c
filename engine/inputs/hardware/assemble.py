"""One machine out of a survey: every choice that the description leaves open is made here, and said."""

from __future__ import annotations

from engine.inputs.hardware.cpu_places import place_cpus
from engine.inputs.hardware.node_memory import lay_out
from engine.inputs.hardware.survey import Survey, listed
from engine.machine.topology import Hardware, Node, Topology


def assemble(survey: Survey) -> Hardware:
    """Turn a survey into the hardware that boot is given.

    Errors: BadInput when the model cannot hold the machine.
    """
    warnings = list(survey.warnings)
    topology, sockets = place_cpus(survey, warnings)
    memory = lay_out(survey, topology.phys_ids, sockets, warnings)
    _warn_bare_sockets(topology, memory.nodes, warnings)
    return Hardware(
        name=survey.name,
        topology=topology,
        phys_avail=memory.phys_avail,
        numa=memory.numa,
        finalize=bool(memory.numa) and topology.phys_ids > 1,
        nodes=memory.nodes,
        warnings=tuple(warnings),
        scaled=memory.scaled,
    )


def _warn_bare_sockets(topology: Topology, nodes: tuple[Node, ...], warnings: list[str]) -> None:
    """Say which sockets have cpus but no memory, where colours go by socket and other sockets have some."""
    owned = {node.phys_id for node in nodes if node.ranges}
    bare = {place.phys_id for place in topology.cpus} - owned
    if topology.known and bare and owned != {None}:
        warnings.append(
            f"no memory belongs to the cpus of socket {listed(bare)} alone: its colours hold only what the "
            "kernel evens out from the others"
        )
