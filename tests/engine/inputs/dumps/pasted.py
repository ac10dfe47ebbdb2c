"""One known machine as text, and what terminals, mail programs and logs make of a text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from engine.constants import VMSTATS_FIELDS
from engine.inputs.dumps.moment import QUEUES, DumpMoment
from engine.inputs.dumps.names import VMSTAT_WORDS

COUNTS = {
    "v_free_count": 188436,
    "v_cache_count": 7012,
    "v_inactive_count": 51,
    "v_active_count": -3,
    "v_wire_count": 65395,
    "v_free_reserved": 712,
    "v_free_min": 1411,
    "v_free_target": 6356,
    "v_cache_min": 6356,
    "v_inactive_target": 47109,
}
"""What `show page` prints, in its order."""

EVENTS = {"v_pdwakeups": 1981, "v_pdpages": 7716562, "v_tfree": 54588867, "v_dfree": 0}


def lengths(colors: int = 1024, scale: int = 1) -> dict[str, list[int]]:
    """The queue lengths of the known machine."""
    return {
        name: [(color * (7 + 4 * number) + color // 3) % (1, 9, 130, 12, 4000)[number] * scale % 99_991
               for color in range(colors)]
        for number, name in enumerate(("HOLD", "CACHE", "FREE", "ACTIVE", "INACTIVE"))
    }  # fmt: skip


def pageq(queues: dict[str, list[int]]) -> str:
    """What `show pageq` prints."""
    shown = ("FREE", "CACHE", "ACTIVE", "INACTIVE")
    return "".join(
        f"PQ_{name}:{''.join(f' {n}' for n in queues[name])}\n" for name in shown if name in queues
    )


def page(form: str = "vmstats.{}: {}") -> str:
    """What `show page` prints, or the same as sysctls."""
    return "".join(form.format(name, value) + "\n" for name, value in COUNTS.items())


def events(form: str = "vm.stats.vm.{}: {}") -> str:
    """The counters of events as sysctls."""
    return "".join(form.format(name, value) + "\n" for name, value in EVENTS.items())


def vmstat() -> str:
    """What `vmstat -s` prints of the known machine, with lines that are not read."""
    known = COUNTS | EVENTS
    lines = [f"{known[name]:9} {words}\n" for words, name in VMSTAT_WORDS.items() if name in known]
    return "139502112 cpu context switches\n" + "".join(lines) + "     4096 bytes per page\n"


def text() -> str:
    """All of the known machine, as it is printed."""
    return pageq(lengths()) + page() + events()


def wrapped(lines: str, width: int = 80) -> str:
    """Lines as a terminal shows them: continued in the next row after the last column."""
    return "".join(
        f"{line[at : at + width]}\n"
        for line in lines.splitlines()
        for at in range(0, max(len(line), 1), width)
    )


def folded(lines: str, width: int = 72) -> str:
    """Lines as a mail program wraps them: at blanks."""
    return "".join(f"{part}\n" for line in lines.splitlines() for part in textwrap.wrap(line, width) or [""])


def before(mark: str, lines: str) -> str:
    """Lines with `mark` before each of them."""
    return "".join(f"{mark}{line}\n" for line in lines.splitlines())


def console(prompt: str = "db> ", width: int = 80) -> str:
    """A serial console: prompts, commands, and the wraps of its terminal."""
    commands = {"show pageq": pageq(lengths()), "show page": page(), "sysctl vm": events()}
    return wrapped("".join(f"{prompt}{name}\n{out}" for name, out in commands.items()) + prompt, width)


def paged(lines: str, height: int = 24) -> str:
    """Lines as `script` records them from a pager: its prompts, what erases them, and colours."""
    out = ""
    for number, line in enumerate(lines.splitlines(), 1):
        out += f"\x1b[1m{line}\x1b[m\r\n"
        if number % height == 0:
            out += "--More--\r        \r"
    return "\x1b]0;title\x07\x1b[?2004h" + out


FORMS: dict[str, Callable[[], str]] = {
    "a serial console with prompts and wraps": console,
    "another cpu's prompt, no echo": lambda: wrapped(f"db{{1}}> {text()}db{{1}}> ", 132),
    "a mail that quotes a terminal": lambda: "On Tuesday I wrote:\n" + before("> > ", wrapped(text())),
    "a mail that a terminal wraps": lambda: wrapped(before("> ", text()), 100),
    "a mail program's own wraps": lambda: before("| ", folded(text())),
    "CRLF": lambda: console().replace("\n", "\r\n"),
    "lone CR": lambda: text().replace("\n", "\r"),
    "a syslog, wrapped by a terminal": lambda: wrapped(before("Nov 30 12:00:00 dfly kernel: ", text())),
    "a console that stamps each row": lambda: before("[   12.345678] ", wrapped(text(), 100)),
    "priorities and ISO times": lambda: before("<6>2026-11-30T12:00:00.5Z dfly kernel: ", text()),
    "script with a pager": lambda: paged(wrapped(text())),
    "Markdown": lambda: f"The dump:\n\n```text\n{wrapped(text())}```\n",
    "indented Markdown, tabs, BOM": lambda: "\ufeff" + before("    ", wrapped(text())),
    "non-breaking spaces": lambda: text().replace(" ", "\u00a0"),
    "sysctl with =": lambda: pageq(lengths()) + page("vm.stats.vm.{}={}") + events("vm.stats.vm.{} = {}"),
    "a shell's sysctl with :": lambda: (
        f"root@dfly:~ # sysctl vm\n{page('vm.{} : {}')}{events()}vm.loadavg: {{ 0.1 0.2 0.3 }}\n$ cat pageq\n"
        + pageq(lengths())
    ),
    "a debugger's structures": lambda: (
        pageq(lengths())
        + "(kgdb) p vmstats\n$1 = {"
        + folded(page("{}={},").replace("\n", " ")).replace("=", " = ").rstrip(",\n")
        + "}\n"
        + events()
    ),
    "vm.vmstats": lambda: (
        f"vm.vmstats:\n{page('    {}: {}')}vm.vmmeter:\n{events('    {}: {}')}"
        f"vm.cpu0.vmmeter:\n{events('    {}: 9{}')}" + pageq(lengths())
    ),
    "vmstat -s": lambda: pageq(lengths()) + page() + f"# vmstat -s\n{vmstat()}",
    "a narrow terminal": lambda: wrapped(text(), 33),
    "no end of line, a prompt": lambda: f"{page()}{events()}{pageq(lengths())}db>",
}
"""The known machine in forms in which people paste it."""


def known(moment: DumpMoment) -> dict[str, object]:
    """What a moment says, for comparison."""
    return {
        "queues": {name: None if row is None else row.tolist() for name, row in moment.queues.items()},
        "vmstats": dict(moment.vmstats),
        "events": dict(moment.events),
        "grid": moment.grid and (moment.grid.sockets, moment.grid.cores, moment.grid.threads),
        "physmem": moment.physmem,
        "notes": moment.notes,
    }


def expected() -> dict[str, object]:
    """The known machine, as a moment says it."""
    queues = lengths()
    return {
        "queues": {name: queues[name] if name != "HOLD" else None for name in QUEUES},
        "vmstats": dict.fromkeys(VMSTATS_FIELDS) | COUNTS,
        "events": EVENTS,
        "grid": None,
        "physmem": None,
        "notes": (),
    }
