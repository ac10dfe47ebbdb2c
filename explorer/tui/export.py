"""Export of a moment of a run: the screen as text or as a picture, or the facts as JSON.

Each format imports only the modules that it needs: the facts do not import the screen.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import Any, Final, Protocol

from engine.constants import NULL, QUEUE_BASES, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.language.naming import name_of, shown_value
from explorer.session.session import Session
from explorer.views.rows import PAGE_FIELDS
from explorer.views.safe_text import safe, without_controls
from explorer.views.spans import plain
from explorer.views.threads import script_lines, thread_rows

FORMATS: Final = ("svg", "png", "text", "json")
SCENARIO: Final = "scenario"

SUFFIXES: Final = {".svg": "svg", ".png": "png", ".txt": "text", ".json": "json", ".toml": SCENARIO}
"""Suffix of a file -> its format: one of the FORMATS, or SCENARIO for the run itself."""

TAIL: Final = 20
"""Number of log steps in the facts of a moment."""

Size = tuple[int, int]
"""Columns and lines of a screen."""


class Shown(Protocol):
    """An application that can export what it shows."""

    def export_screenshot(self, *, title: str | None = None) -> str:
        """Return what it shows as SVG."""
        ...


class Pictured(Shown, Protocol):
    """An application over a session."""

    session: Session


Picture = Callable[[Session, Size], str]
"""A function that makes the picture of a session on a screen of a size."""


def export_moment(session: Session, form: str, size: Size, picture: Picture) -> str | bytes:
    """Export the moment at the cursor in one of the FORMATS; `size` is that of the screen in all but JSON.

    Returns: text, or bytes for a PNG picture.
    Errors:  those of to_png.
    """
    if form == "json":
        return export_json(session)
    if form == "png":
        from explorer.tui.png import to_png  # noqa: PLC0415

        return to_png(picture(session, size))
    return export_text(session, size) if form == "text" else picture(session, size)


def write_moment(session: Session, name: str, size: Size, picture: Picture) -> Path:
    """Write the moment to a new file in the format of its suffix, and report the path.

    name: the file; "" for a picture SCENARIO-STEP.svg in the working directory.

    Errors: BadInput for an unknown suffix, an existing file, or a file that cannot be written; those of
    export_run.
    """
    computer = session.computer
    path = computer.path(name) if name else _unused(session)
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        known = (
            ".svg or .png for a picture, .txt for text, .json for facts or .toml for the run as a scenario"
        )
        raise BadInput(f"{path.name[:60] or path}: unknown suffix; use {known}")
    if form == "png":
        computer.check_program("a PNG picture", "use .svg, which your browser shows")
    text = export_run(session) if form == SCENARIO else export_moment(session, form, size, picture)
    try:
        done = computer.create(path, as_bytes(text))
    except FileExistsError:
        raise BadInput(f"{path} already exists; use another name") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}; nothing is left of it") from None
    session.say(f"{done} {path if session.guest else path.resolve()}")
    return path


def as_bytes(exported: str | bytes) -> bytes:
    """Return what a file gets for an exported moment: text as UTF-8."""
    return exported.encode() if isinstance(exported, str) else exported


def export_run(session: Session) -> str:
    """Convert the current branch to a scenario: typed calls become threads, the steps become the schedule.

    Errors: those of export_scenario; BadInput for a run without a scenario.
    """
    # Imported here because few runs are exported as a scenario.
    from engine.saved.as_scenario import export_scenario  # noqa: PLC0415

    if session.scenario is None:
        raise BadInput("this run has no scenario to export; open a scenario first")
    return export_scenario(session.scenario, session.history)


def _unused(session: Session) -> Path:
    stem = f"{session.name or 'pageq'}-{session.history.step}"
    for more in chain([""], (f"-{n}" for n in count(2))):
        path = session.computer.path(f"{stem}{more}.svg")
        if not session.computer.has(path):
            break
    return path


def export_text(session: Session, size: Size) -> str:
    """Return all panels as text, as a screen of that size shows them, without colours."""
    # Imported here because the functions that make the panels' lines are in modules that import Textual.
    from explorer.tui.screen_text import screen_lines  # noqa: PLC0415

    return "".join(f"{without_controls(text)}\n" for text in plain(screen_lines(session, *size)).split("\n"))


def export_svg(app: Pictured) -> str:
    """Return what an application over a session shows as SVG."""
    return svg_of(app, f"pageq {app.session.name}".strip())


def svg_of(app: Shown, title: str) -> str:
    """Return what an application shows as SVG."""
    svg = safe(app.export_screenshot(title=title))
    # An SVG renderer that is not a browser would drop the spaces at both ends of a text.
    return svg.replace("&#160;", " ").replace("<svg ", '<svg xml:space="preserve" ', 1)


# --- the facts --------------------------------------------------------------------------------------------


def export_json(session: Session, *, full: bool = False) -> str:
    """Return the moment as one JSON object; pages are physical page numbers, and NULL is null."""
    return json.dumps(moment_facts(session, full=full)) + "\n"


def moment_facts(session: Session, *, full: bool = False) -> dict[str, Any]:
    """Return the facts of a moment, ready for JSON.

    full: give the length of every queue in an array; else of each queue that has pages, by colour.
    """
    history, vm = session.history, session.vm
    lengths = vm.memory.vector("queue.lcnt")
    queues = {name: lengths[base : base + vm.colors].tolist() for name, base in QUEUE_BASES.items() if base}
    return {
        "format": 1,
        "scenario": session.name,
        "rules": vm.rules.name(),
        "branch": history.branch.name,
        "step": history.step,
        "total": history.total,
        "digest": vm.memory.digest(),
        "page": _page_facts(session),
        "threads": _thread_facts(session),
        "queues": queues if full else {name: _filled(every) for name, every in queues.items()},
        "vmstats": dict(zip(VMSTATS_FIELDS, vm.memory.vector("vmstats.count").tolist(), strict=True)),
        "log": [_step_facts(session, n) for n in range(max(history.step - TAIL, 0) + 1, history.step + 1)],
        "colors": vm.colors,
    }


def _filled(lengths: list[int]) -> dict[str, int]:
    return {str(color): length for color, length in enumerate(lengths) if length}


def _page_facts(session: Session) -> dict[str, Any] | None:
    """Return the current page: its number, its address, and its fields under the kernel's names."""
    m, vm = session.page, session.vm
    if m == NULL:
        return None
    fields = {}
    for name in PAGE_FIELDS:
        address = vm.memory.address(f"page.{name}", m)
        fields[name] = shown_value(vm, address, int(vm.memory.cells[address]), session.names)
    return {"number": vm.page_number(m), "address": vm.phys_addr(m), **fields}


def _thread_facts(session: Session) -> list[dict[str, Any]]:
    rows = thread_rows(session.history, session.labels, session.chosen)
    lines = script_lines(session.history, rows)
    return [
        {
            "name": row.name,
            "cpu": row.cpu,
            "state": row.state,
            "line": lines.get(row.number) or None,
            "calls": list(row.calls),
            "action": row.action or None,
            "holds": list(row.holds),
            "waits": row.waits or None,
        }
        for row in rows
    ]


def _step_facts(session: Session, step: int) -> dict[str, Any]:
    """Return one step: thread, cpu, function, action, and each write as [CELL, old, new]."""
    history, vm, names = session.history, session.vm, session.names
    record = history.record(step)
    return {
        "step": step,
        "thread": None if record.thread is None else history.programs[record.thread].name,
        "cpu": record.cpu,
        "function": session.calls.innermost(history, step) or None,
        "action": record.action,
        "changes": [
            [name_of(vm, at, names), *(shown_value(vm, at, raw, names) for raw in (old, new))]
            for at, old, new in history.journal.writes_of(step)
        ],
    }
