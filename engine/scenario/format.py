"""The scenario file: every key with its type and range.

The loader compiles the contents of the strings: scripts, expressions and schedules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from engine.constants import OBJECT_TYPES, PAGE_SIZE
from engine.errors import BadInput, Line
from engine.inputs.file_roles import SCENARIO
from engine.inputs.wrong_file import asking_for
from engine.machine.rules import RULE_SETS, Rules
from engine.machine.topology import Hardware
from engine.run.interrupt import BIODONE
from engine.run.opening import BOOT
from engine.scenario.counters import THE_PAGES
from engine.scenario.file_text import read_text
from engine.scenario.lesson_forms import (
    ExpectForm,
    PageForm,
    QuestionForm,
    read_expect,
    read_page,
    read_question,
    whole_lesson,
)
from engine.scenario.library import LEVELS
from engine.scenario.machine_form import MachineForm, read_machine_form
from engine.scenario.numbered_threads import numbered
from engine.scenario.parameters import Parameters, fill_in, read_parameters
from engine.scenario.settings import PARAMETERS, Settings, apply, set_machine
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import REQUIRED, Asked, Section, either, parse_toml, read_all
from engine.scenario.trace_form import TraceForm, read_trace_form
from engine.script.source import RESERVED, THE_OBJECT, Script

FORMAT: Final = 1
RUN_TABLES: Final = (
    *("rules", PARAMETERS, "machine", "setup", "limits"),
    *("object", "process", "thread", "schedule"),
)
"""The keys of the file on which a run depends; the others describe it, teach, ask or check."""
CENTRES: Final = ("stage", "map")
"""What the centre of the screen can show."""

HardwareOf = Callable[[MachineForm], Hardware]
"""Returns the hardware of a run, which may be another one than the file's."""


@dataclass(frozen=True)
class ObjectForm:
    """[[object]]: its type, size in pages, and colour (None: computed by the kernel)."""

    name: str
    type: str
    size: int
    pg_color: int | None
    line: Line


@dataclass(frozen=True)
class MapForm:
    """An entry of a process's maps: `pages` pages of `object` at address `start`."""

    object: str
    start: int
    pages: int
    prot: str


@dataclass(frozen=True)
class ProcessForm:
    """[[process]]."""

    name: str
    pid: int
    nice: int
    maps: tuple[MapForm, ...]


@dataclass(frozen=True)
class ThreadForm:
    """[[thread]], or one of the threads that it makes: a script, or the reference string that it takes."""

    name: str
    cpu: int
    process: ProcessForm | None
    script: Script
    line: Line
    trace: TraceForm | None = None


@dataclass(frozen=True)
class ScreenForm:
    """[screen]: what the screen shows first.

    centre: `stage` or `map`.
    """

    centre: str


@dataclass(frozen=True)
class ScenarioForm:
    """A whole scenario file.

    parameters:    with the values of this run.
    lesson, pages: the key `lesson`, and the pages.
    asked:         the keys that its tables may have, as its readers asked for them.
    """

    path: Path
    title: str
    level: str
    teaches: str
    covers: tuple[str, ...]
    rules: str
    parameters: Parameters
    lesson: str
    pages: tuple[PageForm, ...]
    machine: MachineForm
    setup: Script | None
    steps: int
    objects: tuple[ObjectForm, ...]
    processes: tuple[ProcessForm, ...]
    threads: tuple[ThreadForm, ...]
    schedule: Script | None
    questions: tuple[QuestionForm, ...]
    expects: tuple[ExpectForm, ...]
    screen: ScreenForm
    source: str
    asked: Asked = field(compare=False, repr=False)

    @property
    def whole_lesson(self) -> str:
        """The text of the lesson, Markdown: the key `lesson`, then what the pages say."""
        return whole_lesson(self.lesson, self.pages)


def read_scenario(
    path: Path,
    settings: Settings = (),
    machine: str | None = None,
    seed: int | None = None,
    hardware: HardwareOf | None = None,
) -> ScenarioForm:
    """Read a scenario file.

    settings, machine, seed, hardware: as in parse_scenario.

    Errors: BadInput with file and line.
    """
    with asking_for(SCENARIO, path):
        return parse_scenario(read_text(path), path, settings, machine, seed, hardware)


def parse_scenario(
    text: str,
    path: Path,
    settings: Settings = (),
    machine: str | None = None,
    seed: int | None = None,
    hardware: HardwareOf | None = None,
) -> ScenarioForm:
    """Read the text of a scenario file.

    path:     its path, for messages and for the files to which it refers.
    settings: keys that override the file's.
    machine:  replaces the file's memory and processors, before the settings are applied.
    seed:     chooses the values of the file's parameters that no setting gives; None: the default ones.
    hardware: called where the file has a thread for each cpu. None: it is not known, and no other file is
              read; such a table is then one thread.
    Errors: BadInput with file and line.
    """
    document = parse_toml(text, str(path))
    return form_of(document, places_of(text, settings), text, path, settings, machine, seed, hardware)


def places_of(text: str, settings: Settings) -> Places:
    """Return the places of all keys, those of a file and those that settings give."""
    return Places(text, {setting.path: setting.place for setting in settings if not setting.is_parameter})


def form_of(
    document: dict[str, Any],
    places: Places,
    text: str,
    path: Path,
    settings: Settings,
    machine: str | None,
    seed: int | None,
    hardware: HardwareOf | None = None,
) -> ScenarioForm:
    """Read the tables of a scenario file; `document` is changed.

    places: those of the text and the settings. The others: as in parse_scenario.
    Errors: BadInput with file and line.
    """
    if machine is not None:
        set_machine(document, machine)
    apply(document, settings)
    top = Section("a scenario", document, (), places, str(path))
    top.describe("format", "integer", str(FORMAT), REQUIRED)
    number = top.take("format", (int,))
    if number != FORMAT:
        raise top.error(f"format = {number} is not supported; this version reads format = {FORMAT}", "format")
    parameters = read_parameters(top, settings, seed)
    fill_in(top, parameters)
    return _scenario(top, path, text, parameters, hardware)


def keys_read(texts: Iterable[str]) -> Asked:
    """Return every key that reading these scenario files asks for, by the title of its table.

    A key that is only asked for if the file has another one needs a text that has that.
    Errors: BadInput for a text that is not a scenario.
    """
    found: Asked = {}
    for text in texts:
        for title, keys in parse_scenario(text, Path("scenario")).asked.items():
            known = found.setdefault(title, {})
            for name, key in keys.items():
                if name not in known or not known[name].type:
                    known[name] = key
    return found


def _scenario(
    top: Section, path: Path, text: str, parameters: Parameters, hardware: HardwareOf | None
) -> ScenarioForm:
    machine = read_machine_form(top.sub("machine", "[machine]"))
    if machine.counters is not None:
        _keep_name_free(top, THE_PAGES, "the object with the pages of the key counters")
    objects = read_all(top.subs("object", 1000), _object)
    names = [*(part.name for part in objects), *([THE_PAGES] if machine.counters else [])]
    processes = read_all(top.subs("process", 1000), partial(_process, objects=frozenset(names)))
    taken = [*names, *(part.name for part in parameters)]
    form = ScenarioForm(
        path=path,
        title=top.one_line("title"),
        level=top.choice("level", LEVELS, "beginner"),
        teaches=top.text("teaches", ""),
        covers=top.texts("covers"),
        rules=_rules(top),
        parameters=parameters,
        lesson=top.text("lesson", ""),
        pages=read_all(top.subs("page", 1000), read_page),
        machine=machine,
        setup=_setup(top),
        steps=_limits(top),
        objects=objects,
        processes=processes,
        threads=read_all(
            numbered(top.subs("thread", 1000), lambda: hardware(machine).topology.ncpus if hardware else 1),
            lambda part, found: _thread(part, found, taken, processes),
        ),
        schedule=_schedule(top),
        questions=read_all(top.subs("question", 1000), read_question),
        expects=read_all(top.subs("expect", 1000), read_expect),
        screen=_screen(top),
        source=text,
        asked=top.asked,
    )
    top.finish()
    if form.machine.stepped_boot:
        _keep_name_free(top, BOOT, "the thread that boots the machine, step by step")
    return form


def _keep_name_free(top: Section, name: str, what: str) -> None:
    """Refuse the name of a thread or object of the model for anything else.

    Errors: BadInput at the name.
    """
    for part in (part for key in ("object", "process", "thread") for part in top.subs(key, 1000)):
        if part.table.get("name") == name:
            raise part.error(f"{name!r} is {what}; choose another name", "name")
    if name in top.table.get(PARAMETERS, {}):
        raise top.error(f"{name!r} is {what}; choose another name", PARAMETERS, name)


def _screen(top: Section) -> ScreenForm:
    section = top.sub("screen", "[screen]")
    form = ScreenForm(section.choice("centre", CENTRES, CENTRES[0]))
    section.finish()
    return form


def _rules(top: Section) -> str:
    top.describe("rules", "string", either(RULE_SETS), RULE_SETS[0])
    name = top.text("rules", RULE_SETS[0])
    try:
        Rules.named(name)
    except BadInput as error:
        raise top.error(error.message, "rules") from None
    return name


def _script(part: Section, key: str) -> Script:
    text = part.text(key)
    bad = next((char for char in text if ord(char) < 32 and char not in "\t\n"), None)
    script = Script(text, part.file, partial(part.text_lines, key))
    if bad is not None:
        line = script.line(text.count("\n", 0, text.index(bad)) + 1)
        raise BadInput(f"{key} has the control character {bad!r}; remove it", file=part.file, line=line)
    return script


def _setup(top: Section) -> Script | None:
    section = top.sub("setup", "[setup]")
    script = _script(section, "script") if section.has("script") else None
    section.finish()
    return script


def _schedule(top: Section) -> Script | None:
    section = top.sub("schedule", "[schedule]")
    items = _script(section, "items") if section.has("items") else None
    section.finish()
    return items


def _limits(top: Section) -> int:
    section = top.sub("limits", "[limits]")
    steps = section.number("steps", 1, 1_000_000_000, 1_000_000)
    section.finish()
    return steps


def _object(part: Section, found: list[ObjectForm]) -> ObjectForm:
    return ObjectForm(
        name=part.name(RESERVED - {THE_OBJECT}, [other.name for other in found]),
        type=part.choice("type", OBJECT_TYPES, "default"),
        size=_object_size(part),
        pg_color=part.number("pg_color", 0, 0xFFFF, None),
        line=part.line,
    )


def _object_size(part: Section) -> int:
    """Read the size in pages: an integer, or a size such as "4 MiB"."""
    part.describe("size", "integer or size", "1 to 2^44 pages", 1024)
    if isinstance(part.take("size", (int, str), 1024), str):
        return -(-part.size("size", 1, 1 << 56) // PAGE_SIZE)
    return part.number("size", 1, 1 << 44, 1024)


def _process(part: Section, found: list[ProcessForm], objects: frozenset[str]) -> ProcessForm:
    name = part.name(RESERVED, [other.name for other in found])
    pid = part.number("pid", 1, 99999, 100 + len(found))
    nice = part.number("nice", -20, 20, 0)
    maps = tuple(_map(entry, objects) for entry in part.subs("maps", 1000))
    return ProcessForm(name, pid, nice, maps)


def _map(part: Section, objects: frozenset[str]) -> MapForm:
    entry = MapForm(
        object=part.text("object"),
        start=part.number("start", 0, 1 << 47),
        pages=part.number("pages", 1, 1 << 35),
        prot=part.choice("prot", ("r", "rw", "rx", "rwx", "none"), "rw"),
    )
    if entry.object not in objects:
        there = f"use one of {', '.join(sorted(objects)[:20])}" if objects else "add an [[object]]"
        raise part.error(f"there is no object {entry.object[:40]!r}; {there}", "object")
    part.finish()
    return entry


def _thread(
    part: Section, found: list[ThreadForm], taken: list[str], processes: tuple[ProcessForm, ...]
) -> ThreadForm:
    name = part.name(RESERVED - {BIODONE}, [*taken, *(other.name for other in found)])
    trace = read_trace_form(part)
    form = ThreadForm(
        name=name,
        cpu=part.number("cpu", 0, 1023, 0),
        process=_process_of(part, processes),
        script=Script("", part.file, partial(part.text_lines, "name"))
        if name == BIODONE or trace is not None
        else _script(part, "script"),
        line=part.line,
        trace=trace,
    )
    if name == BIODONE and (form.process is not None or part.has("script") or trace is not None):
        raise part.error("biodone completes I/O for the kernel; remove its script and process")
    if trace is not None and (part.has("script") or form.process is None):
        wrong = "it has a script too; remove one" if part.has("script") else "it has no process; add process"
        raise trace.error(f"a thread takes a trace in the address space of its process, and {wrong}")
    return form


def _process_of(part: Section, processes: tuple[ProcessForm, ...]) -> ProcessForm | None:
    name = part.text("process", None)
    for process in processes:
        if process.name == name:
            return process
    if name is not None:
        there = ", ".join(process.name for process in processes)
        hint = f"use one of {there}" if processes else "add a [[process]]"
        raise part.error(f"there is no process {name[:40]!r}; {hint}", "process")
    return None
