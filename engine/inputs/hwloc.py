"""A machine from an hwloc XML file of version 2 or 3; the common subset of version 1 is also supported.

`xml_objects` parses the file, `xml_places` finds the cpus and nodes, and `assemble` builds the machine. This
module joins them and warns about everything in the file that the kernel's model cannot express.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.inputs.file_roles import HWLOC
from engine.inputs.hardware.assemble import assemble
from engine.inputs.hardware.bitmap import members
from engine.inputs.hardware.survey import FoundNode, Survey, listed
from engine.inputs.hardware.xml_objects import ADVICE, MAX_BYTES, Document, XmlObject, parse_document, shown
from engine.inputs.hardware.xml_places import Places, bitmap_of, kind_of, number_of
from engine.inputs.regular_file import check_no_pipe
from engine.inputs.wrong_file import asking_for
from engine.machine.topology import Hardware
from engine.words import plural

_VERSIONS: Final = ("2.0", "3.0")

_LEVELS_BEYOND: Final = ("Die", "Group", "MemCache")
_KNOWN_KIND = re.compile(
    r"Machine|Package|Core|PU|NUMANode|(L\di?)?Cache|Misc|Bridge|PCIDev|OSDev|Die|Group|MemCache"
)


def read_hwloc(path: str | Path) -> Hardware:
    """Read the machine in an hwloc XML file; its name is that of the file.

    Errors: BadInput, with file and line if known, if the file cannot be read or the machine not be built.
    """
    content = _content(path)
    with asking_for(HWLOC, path, content):
        return parse_hwloc(content, Path(path).name, str(path))


def parse_hwloc(content: bytes, name: str, file: str) -> Hardware:
    """Read the machine from a file's content; `file` is its name in messages.

    Errors: BadInput with file and line.
    """
    return assemble(survey_document(parse_document(content, file), name, file))


def _content(path: str | Path) -> bytes:
    """Read a file, up to one byte more than the size limit.

    A pipe is refused: it may wait for its bytes for ever, and a saved session reads its machine again.
    """
    check_no_pipe(path, ADVICE)
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise BadInput(f"this is a directory; {ADVICE}", file=str(path)) from None
    except (OSError, ValueError) as error:
        # ValueError: a path with a NUL byte.
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(f"cannot read the file ({reason}); {ADVICE}", file=str(path)) from None


def survey_document(document: Document, name: str, file: str) -> Survey:
    """Find the cpus, packages and nodes of a parsed file.

    Errors: BadInput with file and line for an invalid object.
    """
    root = document.root
    if kind_of(root) != "Machine":
        raise root.refuse(f"the root object is {shown(root.type)}, not 'Machine'; {ADVICE}")
    online = bitmap_of(root, "cpuset")
    if online is None:
        raise root.refuse('the Machine has no cpuset; add the set of its cpus, such as cpuset="0x0000000f"')
    places = Places(root, online & _online_in_version_1(root))
    if not places.cpus:
        raise root.refuse("the Machine's cpuset contains no PU; a machine has at least one cpu")
    warnings = [
        *_about_version(document),
        *_about_cpus(root, places),
        *_about_packages(places),
        *_about_nodes(root, places),
        *_about_the_rest(document, places),
    ]
    nodes = tuple(places.found_nodes()) or (_only_node(root, places),)
    return Survey(name, tuple(places.cpus), places.packages, nodes, tuple(warnings), file, root.line)


def _online_in_version_1(root: XmlObject) -> int:
    """Return the set of online cpus in hwloc 1; later versions exclude offline cpus from the cpuset."""
    online = bitmap_of(root, "online_cpuset")
    return -1 if online is None else online


def _only_node(root: XmlObject, places: Places) -> FoundNode:
    """Return a single node with all memory; hwloc 1 gives its size in the Machine object."""
    cpus = frozenset(cpu.os_index for cpu in places.cpus)
    return FoundNode(0, number_of(root, "local_memory", 64) or 0, cpus)


def _about_version(document: Document) -> Iterator[str]:
    """Warn about a file without a version, or with an unsupported one."""
    if document.version is None:
        yield "the file has no version: it is read as hwloc 1, in which NUMA nodes contain their cpus"
    elif document.version not in _VERSIONS:
        yield f"the file's version {shown(document.version)} is unknown: it is read as {_VERSIONS[-1]}"


def _about_cpus(root: XmlObject, places: Places) -> Iterator[str]:
    """Warn about ignored cpus, and about cpus that are kept despite an inconsistency."""
    numbers = {cpu.os_index for cpu in places.cpus}
    complete = bitmap_of(root, "complete_cpuset") or 0
    offline = {*places.withheld, *members(complete & ~places.online)}
    if offline:
        yield f"{plural(len(offline), 'cpu')} offline or withheld, os_index {listed(offline)}: ignored"
    missing = set(members(places.online)) - numbers
    if missing:
        yield f"os_index {listed(missing)} of the cpuset has no PU: ignored"
    allowed = bitmap_of(root, "allowed_cpuset")
    forbidden = [number for number in numbers if allowed is not None and not allowed >> number & 1]
    if forbidden:
        yield f"os_index {listed(forbidden)} is not in the allowed cpuset: kept nevertheless"
    if places.coreless:
        yield f"{plural(places.coreless, 'PU')} outside any core: each is treated as a core of its own"


def _about_packages(places: Places) -> Iterator[str]:
    """Warn about cpus without a package and packages without a cpu."""
    if places.homeless == len(places.cpus):
        yield f"the file has no package: {plural(len(places.cpus), 'cpu')} treated as one package"
    elif places.homeless:
        yield f"{plural(places.homeless, 'cpu')} outside any package: treated as one more package"
    unused = set(places.packages) - {cpu.package for cpu in places.cpus}
    if unused:
        yield f"{plural(len(unused), 'package')} without a cpu: ignored"


def _about_nodes(root: XmlObject, places: Places) -> Iterator[str]:
    """Warn about ignored nodes, and about nodes that are kept despite an inconsistency."""
    if not places.nodes:
        yield "the file has no NUMA node: all memory is treated as node 0"
        return
    numbers = {node.number for node in places.nodes}
    nodeset = bitmap_of(root, "nodeset")
    complete = bitmap_of(root, "complete_nodeset") or 0
    offline = set(members(complete)) - numbers
    if offline:
        yield f"{plural(len(offline), 'node')} offline or withheld, os_index {listed(offline)}: ignored"
    strangers = [number for number in numbers if nodeset is not None and not nodeset >> number & 1]
    if strangers:
        yield f"node {listed(strangers)} is not in the Machine's nodeset: kept nevertheless"


def _about_the_rest(document: Document, places: Places) -> Iterator[str]:
    """Warn about everything else in the file that the kernel's page layer does not support."""
    levels = [f"{places.kinds[kind]} {kind}" for kind in _LEVELS_BEYOND if places.kinds[kind]]
    if levels:
        yield f"the kernel knows only sockets, cores and threads: {', '.join(levels)} ignored"
    subtypes = sorted({node.source.attributes.get("subtype", "") for node in places.nodes} - {""})
    if len(subtypes) > 1:
        kinds = ", ".join(shown(subtype) for subtype in subtypes[:8])
        yield f"the kernel treats all memory alike: the memory kinds {kinds} are ignored"
    if document.other_tags.get("cpukind", 0) > 1:
        yield f"the kernel treats all cpus alike: {document.other_tags['cpukind']} cpu kinds are ignored"
    if document.other_tags.get("distances2", 0) or document.other_tags.get("distances", 0):
        yield "the kernel does not use distances between nodes: they are ignored"
    unknown = sorted(kind for kind in places.kinds if not _KNOWN_KIND.fullmatch(kind))
    if unknown:
        names = ", ".join(map(shown, unknown[:8]))
        yield f"objects of unknown type {names} are ignored, but not the objects inside them"
