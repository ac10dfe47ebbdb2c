"""Loading of a scenario: compile the file, boot the machine, run the setup, start the threads."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from engine.constants import Thread
from engine.debug.moments import Moment, find_step
from engine.errors import BadInput, CapacityError
from engine.kernel.boot.sequence import boot, power_on
from engine.kernel.boot.startup import boot_layout, page_count
from engine.language.expressions import Expression, compile_expression, same_value
from engine.language.symbols import Names
from engine.machine.machine import Machine, MachineConfig
from engine.memory.journal import HISTORY_LIMIT
from engine.run.history import History
from engine.run.opening import Opening
from engine.run.program import Program
from engine.run.remarks import Effect
from engine.run.runner import STOPPED, Runner
from engine.run.schedule import Scheduler
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.checks import (
    Checked,
    Expectation,
    accepts,
    check_expectation,
    check_outcome,
    compile_expectation,
    outcome_of,
    written_outcome,
)
from engine.scenario.counters import Moments, content, dump_warnings
from engine.scenario.format import (
    RUN_TABLES,
    ScenarioForm,
    form_of,
    parse_scenario,
    read_scenario,
)
from engine.scenario.lesson import LessonPage, compile_pages
from engine.scenario.library import OWN, Library
from engine.scenario.overrides import Given, RunHardware, not_own, own_schedule, schedule_of
from engine.scenario.parameters import Values, are_allowed, are_default, variants
from engine.scenario.programs import compile_programs
from engine.scenario.question import Answered, Question, answer_question, compile_answer, compile_question
from engine.scenario.settings import COUNTERS_KEY, Settings, of_the_run
from engine.scenario.setup import begin_with, make_objects, make_processes, run_setup, set_variables
from engine.scenario.toml_positions import Places
from engine.scenario.trace_file import Strings
from engine.scenario.trace_file import content as string_content
from engine.script.anchors import without_anchors

_BOOT_STEPS: Final = 256
"""Steps of a stepped boot between two looks for its end."""


@dataclass(frozen=True)
class Scenario:
    """A compiled scenario; each call of `start` returns a new, identical run.

    name:        its name in the library, or the path from which it was read.
    machine:     the text that replaced the file's machine, or None.
    given_rules: the text that replaced the file's rules, or None.
    settings:    other keys that override the file's.
    seed:        the number that chose the values of the file's parameters, or None.
    library:     where the scenarios are that it names.
    moments:     what the dump of the key `counters` says; () without one.
    strings:     the reference strings that it was given in memory, by their names in the file.
    """

    name: str
    form: ScenarioForm
    config: MachineConfig
    programs: tuple[Program, ...]
    setup: Program | None
    names: Names
    schedule: Scheduler
    expectations: tuple[Expectation, ...]
    questions: tuple[Question, ...]
    pages: tuple[LessonPage, ...]
    machine: str | None = None
    given_rules: str | None = None
    settings: Settings = ()
    seed: int | None = None
    library: Library = OWN
    moments: Moments = ()
    strings: Strings = field(default_factory=dict, compare=False, repr=False)

    @property
    def title(self) -> str:
        """The title, one line."""
        return self.form.title

    @cached_property
    def sha256(self) -> str:
        """The sha256 of everything on which a run depends; lessons and questions are not included."""
        file = {"rules": "document", **tomllib.loads(self.form.source)}
        depends: dict[str, Any] = {key: file[key] for key in RUN_TABLES if key in file}
        settings = {setting.key: setting.value for setting in of_the_run(self.settings)}
        if self.moments:
            # In the file, in a file that it names or in a setting: the same counters are the same run.
            depends["counters"] = content(self.moments)
            settings.pop(COUNTERS_KEY, None)
            depends.get("machine", {}).pop("counters", None)
        if settings := {**settings, **self.changed_parameters}:
            depends["settings"] = settings
        if strings := [string_content(one.string) for one in self.programs if one.string is not None]:
            depends["strings"] = strings
        for table in (depends.get("setup", {}), *depends.get("thread", ())):
            table.pop("trace", None)  # a file may move
            if "script" in table:
                table["script"] = "\n".join(without_anchors(table["script"].split("\n")))
        text = json.dumps(depends, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def steps(self) -> int:
        """The limit of steps."""
        return self.form.steps

    @property
    def rules(self) -> str:
        """The rules of its machine: `document`, `source`, or the nearer one with its changed options."""
        return self.config.rules.name()

    @cached_property
    def is_own(self) -> bool:
        """Whether machine, rules and settings are those of the file, and parameters have their defaults."""
        return self.is_variant and not self.changed_parameters

    @cached_property
    def is_variant(self) -> bool:
        """Whether machine, rules and settings are those of the file, and its parameters allow the values."""
        return not self.other_than_schedule and are_allowed(self.form.parameters)

    @cached_property
    def parameters(self) -> Values:
        """The values of the file's parameters in its runs."""
        return {parameter.name: parameter.value for parameter in self.form.parameters}

    @cached_property
    def changed_parameters(self) -> Values:
        """The values that are not the file's defaults."""
        return {part.name: part.value for part in self.form.parameters if not part.is_default}

    @property
    def variants(self) -> tuple[Values, ...]:
        """The values of each variant of the file, the default ones first; one variant without parameters."""
        return variants(self.form.parameters)

    @cached_property
    def other(self) -> tuple[str, ...]:
        """What of the run is not the file's, of `rules`, `machine`, `settings` and `schedule`."""
        schedule = ("schedule",) if self.schedule != own_schedule(self.form) else ()
        return (*self.other_than_schedule, *schedule)

    @cached_property
    def other_than_schedule(self) -> tuple[str, ...]:
        """What of the run is not the file's, of `rules`, `machine` and `settings`."""
        return not_own(self.form, self.config, self.machine, self.settings)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What may surprise a user who chose the machine or its counters, one sentence each."""
        return self.warnings_for(sets=True)

    def warnings_for(self, *, sets: bool) -> tuple[str, ...]:
        """Return the warnings for a user who can use the option `--set`, or who cannot."""
        kept = self._kept_limits()
        hint = "; set a limit with --set machine.thresholds.NAME=PAGES" if sets else ""
        return (*((f"{kept}{hint}",) if kept else ()), *self._counters_that_differ())

    def _counters_that_differ(self) -> tuple[str, ...]:
        counters = self.config.counters
        return () if counters is None else dump_warnings(self.moments, counters, page_count(self.config))

    def _kept_limits(self) -> str:
        by_hand = [one.path[-1] for one in self.settings if one.path[:-1] == ("machine", "thresholds")]
        kept = [f"{name} = {pages}" for name, pages in self.form.machine.thresholds if name not in by_hand]
        stays = self.machine is not None and kept
        return f"the file's [machine.thresholds] stay: {', '.join(kept)}" if stays else ""

    def within(self, bounds: Bounds) -> Scenario:
        """Return this scenario with at most so many steps.

        Errors: BadInput if something else is out of bounds.
        """
        bounds.check(self.config.hardware)
        return replace(self, form=bounds.of(self.form))

    def start(self, limit: int = HISTORY_LIMIT) -> History:
        """Boot the machine, make the objects, run the setup, and start the threads: step 0.

        If boot is stepped, step 0 is the machine at power-on; all of this are the first steps of the run.

        limit: as for History.
        Errors: BadInput if the machine cannot be built or the setup does not complete.
        """
        vm, opening = self._boot(), self._opening()
        printed = list(vm.effects)
        if opening is None:
            printed += self._set_up(vm)
        else:
            set_variables(vm, self.names)  # no variable holds a page, not even page 0
        vm.effects.clear()
        programs = list(self.programs)
        history = History(vm, programs, self.schedule, limit, max_steps=self.form.steps, opening=opening)
        history.branch.remarks.keep(0, printed)
        return history

    def start_unrecorded(self) -> Runner:
        """Start a run whose steps are never viewed; the machine boots before step 0, also if boot is stepped.

        Errors: as start.
        """
        vm = self._boot()
        self._set_up(vm)
        vm.effects.clear()
        runner = Runner(vm, [program for program in self.programs if not program.boot], self.schedule)
        runner.start()
        return runner

    def try_setup(self) -> None:
        """Boot the machine and run the setup, also if boot is stepped.

        Errors: as start.
        """
        history = self.start()
        while history.booted is None and history.extend(_BOOT_STEPS):
            pass

    def _opening(self) -> Opening | None:
        booting = next((t for t, program in enumerate(self.programs) if program.boot), None)
        return None if booting is None else Opening(Thread(booting), self._set_up)

    def _set_up(self, vm: Machine) -> list[Effect]:
        """Make what the scenario has before its threads run; return what the setup printed."""
        vm.processes = 0
        make_objects(vm, self.form.objects)
        self._begin_with_counters(vm)
        self._make_processes(vm)
        set_variables(vm, self.names)
        if self.setup is None or self.form.setup is None:
            return []
        return run_setup(vm, self.setup, self.form.setup, self.form.steps)

    def _begin_with_counters(self, vm: Machine) -> None:
        if self.config.counters is None:
            return
        try:
            begin_with(vm, self.config.counters)
        except (BadInput, CapacityError) as error:
            if self.machine is not None:
                raise BadInput(f"the machine {self.machine[:60]} is too small: {error}") from None
            raise self.form.machine.size_error(str(error)) from None

    def _make_processes(self, vm: Machine) -> None:
        try:
            make_processes(vm, self.form.processes)
        except (BadInput, CapacityError) as error:
            raise BadInput(str(error), file=str(self.form.path)) from None

    def _boot(self) -> Machine:
        try:
            if not self.config.stepped_boot:
                return boot(self.config)
            vm = power_on(self.config)
            boot_layout(vm)  # refuses what cannot boot
            return vm
        except BadInput as error:
            if self.machine is not None or error.file is not None:
                raise
            raise self.form.machine.error(error.message) from None

    # --- in a run -----------------------------------------------------------------------------------------

    def run(self, history: History, steps: int | None = None) -> str:
        """Go to the end of a run or to the scenario's step limit; return its outcome.

        steps: a lower limit on the total steps; a run that has not ended by then is `stopped`.

        Errors: as Runner.take.
        """
        history.seek(find_step(history, "end", self.steps if steps is None else min(steps, self.steps)))
        return STOPPED if steps is not None and history.branch.outcome is None else outcome_of(history)

    def find_step(self, history: History, at: Moment) -> int:
        """Return the step of an `--at`, any moment; extends the run as far as needed.

        Errors: BadInput if it is not a moment, or the run never reaches it.
        """
        return find_step(history, at, self.steps, self.names)

    def check_expectations(self, history: History) -> tuple[Checked, ...]:
        """Check every [[expect]]; if none has an outcome of the run, `completed` is expected.

        One about all schedules is not checked; `ok` is then None.
        """
        checked = [check_expectation(expectation, history, self.steps) for expectation in self.expectations]
        if not written_outcome(self.expectations):
            checked.append(check_outcome("completed", history, self.steps))
        return tuple(checked)

    @property
    def outcome(self) -> str:
        """The expected outcome, by default `completed`."""
        return written_outcome(self.expectations) or "completed"

    def expects(self, outcome: str) -> bool:
        """Whether a run may end with this outcome: the expected one, or a leak if `completed` is written."""
        return accepts(self.outcome, outcome, written=bool(written_outcome(self.expectations)))

    def answers(self, history: History, limit: int | None = None) -> tuple[Answered, ...]:
        """Answer every [[question]] at its moment.

        limit: the total number of steps of a run that is cut short; by default the scenario's limit.
        """
        branch = history.branch
        own = limit is None and branch.schedule == own_schedule(self.form) and not branch.chosen
        most = self.steps if limit is None else min(limit, self.steps)
        return tuple(answer_question(question, history, most, own=own) for question in self.questions)

    def right(self, question: Question, given: str, history: History) -> bool:
        """Whether a user's answer has the value of the file's: `PQ_NONE`, `0` and `0x0` are equal.

        Errors: BadInput if the answer is not an EXPR.
        """
        expression = compile_answer(given, self.names)
        return same_value(expression.show(history.vm), question.expected.show(history.vm))

    def expression(self, text: str) -> Expression:
        """Compile an EXPR with this scenario's names in scope.

        Errors: BadInput if the text is not an EXPR.
        """
        return compile_expression(text, self.names)


def load(
    name_or_path: str,
    *,
    machine: str | None = None,
    rules: str | None = None,
    schedule: str | None = None,
    settings: Settings = (),
    seed: int | None = None,
    library: Library = OWN,
    bounds: Bounds = UNBOUNDED,
) -> Scenario:
    """Load a scenario from the library or a file, optionally with another machine, rules or schedule.

    machine:  replaces the file's memory and processors: a preset, `SIZE:SxCxT`, `host`, an hwloc file.
    rules:    replaces the file's rule set and its rule options: `document`, `source`, or
              `document+find2_full=off,...`.
    schedule: replaces the file's [schedule]: a SCHEDULE, `rr`, `random:SEED` or `@FILE`.
    seed:     chooses a value for each parameter of the file; a number from 0 to 2**64 - 1.
    settings: single keys, applied after all of these.
    library:  where a name is looked up.
    bounds:   what it may take at most.
    Errors: BadInput, with file and line if known.
    """
    path = library.find(name_or_path)
    given = Given.of(machine, rules, schedule, settings, seed)
    hardware = RunHardware(given, path)
    form = read_scenario(path, given.settings, given.before, seed, hardware.of)
    name = library.name_of(path) or name_or_path
    return _compile(form, name, given, library, hardware, bounds=bounds)


def load_text(
    text: str,
    name: str = "scenario",
    *,
    machine: str | None = None,
    rules: str | None = None,
    schedule: str | None = None,
    settings: Settings = (),
    seed: int | None = None,
    library: Library = OWN,
    strings: Strings | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Scenario:
    """Load a scenario from its text; messages show `name` as its file.

    strings: reference strings in memory, by the names that the key `trace` gives them.
    Errors: as load.
    """
    given = Given.of(machine, rules, schedule, settings, seed)
    hardware = RunHardware(given, Path(name))
    form = parse_scenario(text, Path(name), given.settings, given.before, seed, hardware.of)
    return _compile(form, name, given, library, hardware, strings, bounds)


def compile_document(
    document: dict[str, Any], places: Places, text: str, path: Path, name: str, given: Given
) -> Scenario:
    """Compile the tables of a scenario file, which are changed.

    text, places: the file, and the places of its keys and of those that are given.
    Errors: as load.
    """
    hardware = RunHardware(given, path)
    form = form_of(document, places, text, path, given.settings, given.before, given.seed, hardware.of)
    return _compile(form, name, given, OWN, hardware)


def _compile(
    form: ScenarioForm,
    name: str,
    given: Given,
    library: Library,
    hardware: RunHardware,
    strings: Strings | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Scenario:
    form = bounds.of(form)
    bounds.check(hardware.of(form.machine))
    made = compile_programs(form, given, hardware, {} if strings is None else strings)
    config, programs, names = made.config, made.programs, made.names
    default = are_default(form.parameters)
    own = default and not not_own(form, config, given.machine, given.settings)
    return Scenario(
        name=name,
        form=form,
        config=config,
        programs=programs,
        setup=made.setup,
        names=names,
        schedule=schedule_of(form, given.schedule),
        expectations=tuple(compile_expectation(part, names, programs) for part in form.expects),
        questions=tuple(
            compile_question(part, number, names, programs, own=own, default=default)
            for number, part in enumerate(form.questions, 1)
        ),
        pages=compile_pages(form.lesson, form.pages, programs, names),
        machine=given.machine,
        given_rules=given.rules,
        settings=given.settings,
        seed=given.seed,
        library=library,
        moments=made.moments,
        strings={} if strings is None else strings,
    )
