"""Assembly of a machine from a survey: makes every choice left open by the description and warns about it."""

from __future__ import annotations

from engine.inputs.hardware.cpu_places import place_cpus
from engine.inputs.hardware.node_memory import lay_out
from engine.inputs.hardware.survey import Survey, listed
from engine.machine.topology import Hardware, Node, Topology


def assemble(survey: Survey) -> Hardware:
    """Convert a survey to the hardware for boot.

    Errors: BadInput if the model cannot represent the machine.
    """
    warnings = list(survey.warnings)
    topology, sockets = place_cpus(survey, warnings)
    memory = lay_out(survey, sockets, warnings)
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
    """Warn about sockets with cpus but without memory, if colours are by socket and others have memory."""
    owned = {node.phys_id for node in nodes if node.ranges}
    bare = {place.phys_id for place in topology.cpus} - owned
    if topology.known and bare and owned != {None}:
        unplaced = " and pages of nodes without cpus" if None in owned else ""
        warnings.append(
            f"no memory is placed at socket {listed(bare)}: its colours contain only pages that the kernel "
            f"moves from other sockets{unplaced}"
        )
