"""A moment of a run as something to keep: the screen as text or picture, or the facts as JSON.

Only what a format needs is loaded when it is asked for: the facts need no screen.
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
from explorer.views.spans import plain
from explorer.views.threads import script_lines, thread_rows

FORMATS: Final = ("svg", "text", "json")
SCENARIO: Final = "scenario"

SUFFIXES: Final = {".svg": "svg", ".txt": "text", ".json": "json", ".toml": SCENARIO}
"""What a file's name says of its format: one of the FORMATS, or SCENARIO for the run itself."""

TAIL: Final = 20
"""Steps of the log that a moment's facts hold."""

Size = tuple[int, int]
"""Columns and lines of a screen."""


class Pictured(Protocol):
    """An application that can be pictured."""

    session: Session

    def export_screenshot(self, *, title: str | None = None) -> str:
        """What it shows, as SVG."""
        ...


Picture = Callable[[Session, Size], str]
"""Makes the picture of a session on a screen of that size."""


def export_moment(session: Session, form: str, size: Size, picture: Picture) -> str:
    """The moment at the cursor in one of the FORMATS; size: of the screen that a text or picture shows."""
    if form == "json":
        return export_json(session)
    return export_text(session, size) if form == "text" else picture(session, size)


def write_moment(session: Session, name: str, size: Size, picture: Picture) -> Path:
    """Write the moment to a new file whose suffix says the format, and say where it is.

    name: the file; "" makes one up in the working directory, a picture: SCENARIO-STEP.svg.

    Errors: BadInput for another suffix, for a file that is there, or one that cannot be written; those of
    export_run.
    """
    path = Path(name).expanduser() if name else _unused(session)
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        known = ".svg for a picture, .txt for text, .json for facts, .toml for the run as a scenario"
        raise BadInput(f"{path.name[:60]}: a name ends in {known}")
    text = export_run(session) if form == SCENARIO else export_moment(session, form, size, picture)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise BadInput(f"{path} is there already and stays as it is; give another name") from None
    except OSError as error:
        raise BadInput(f"{path}: it cannot be written: {error.strerror}") from None
    session.say(f"wrote {path.resolve()}")
    return path


def export_run(session: Session) -> str:
    """The current branch as a scenario: the calls typed on the way are threads, its steps the schedule.

    Errors: those of export_scenario; BadInput for a run that was made from no scenario.
    """
    # Few runs are kept in this way.
    from engine.saved.as_scenario import export_scenario  # noqa: PLC0415

    if session.scenario is None:
        raise BadInput("this run was made from no scenario, so there is none to write")
    return export_scenario(session.scenario, session.history)


def _unused(session: Session) -> Path:
    stem = f"{session.name or 'pageq'}-{session.history.step}"
    for more in chain([""], (f"-{n}" for n in count(2))):
        path = Path(f"{stem}{more}.svg")
        if not path.exists():
            break
    return path


def export_text(session: Session, size: Size) -> str:
    """All panels as the screen of that size shows them, in lines without their colours."""
    # The panels' lines are made by functions that stand beside their widgets.
    from explorer.tui.screen_text import screen_lines  # noqa: PLC0415

    return plain(screen_lines(session, *size)) + "\n"


def export_svg(app: Pictured) -> str:
    """What an application shows, as a picture."""
    svg = app.export_screenshot(title=f"pageq {app.session.name}".strip())
    # A renderer that knows no web page would swallow the spaces at either end of a text.
    return svg.replace("&#160;", " ").replace("<svg ", '<svg xml:space="preserve" ', 1)


# --- the facts --------------------------------------------------------------------------------------------


def export_json(session: Session) -> str:
    """The moment as one JSON object; pages are physical page numbers, and NULL is null."""
    return json.dumps(moment_facts(session)) + "\n"


def moment_facts(session: Session) -> dict[str, Any]:
    """The JSON object of a moment."""
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
        "queues": queues,
        "vmstats": dict(zip(VMSTATS_FIELDS, vm.memory.vector("vmstats.count").tolist(), strict=True)),
        "log": [_step_facts(session, n) for n in range(max(history.step - TAIL, 0) + 1, history.step + 1)],
    }


def _page_facts(session: Session) -> dict[str, Any] | None:
    """The page that is shown: its number, its address, and its fields under the kernel's names."""
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
    """One step: who, where, what, and each write as [CELL, old, new]."""
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
