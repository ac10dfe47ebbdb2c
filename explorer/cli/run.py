"""`pageq run`: a scenario without a screen, one line or one JSON object a step."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.debug.call_stack import stacks_of
from engine.debug.moments import find_step
from engine.errors import BadInput, Finding, KernelPanic
from engine.kernel.sleep import describe_channel
from engine.language.expressions import Expression, compile_expression
from engine.language.naming import name_of, shown_value
from engine.language.symbols import Names
from engine.reports.lock_stats import LockUse, lock_uses
from engine.run.history import History
from engine.run.suspended import Frame, Live, kernel_calls, kernel_function
from engine.scenario.checks import Answered, Checked, check_expectation, outcome_of
from engine.scenario.loader import Scenario, load

if TYPE_CHECKING:
    from explorer.cli.tui import Place
    from explorer.session.first_stop import Hit

STOPPED = "stopped"


@dataclass(frozen=True)
class Step:
    """One step as it is printed; thread, cpu, function and line are None for an event."""

    step: int
    thread: str | None
    cpu: int | None
    function: str | None
    line: int | None
    action: str
    changes: list[tuple[str, int | None, int | None]]
    wakeups: list[list[Any]]


@dataclass(frozen=True)
class End:
    """How a run ended, and what became of the expectations and questions that it reached.

    asked, hit: whether it had stops, and at which of them it stopped.
    """

    outcome: str
    step: int
    digest: str
    finding: Finding | None
    stacks: dict[str, tuple[Frame, ...]]
    expected: bool
    checked: list[Checked]
    answered: list[Answered]
    asked: bool = False
    hit: Hit | None = None


class Watcher:
    """Takes a history's steps one by one and says of each what it did."""

    def __init__(self, history: History, names: Names) -> None:
        self.history = history
        self.names = names
        self.stack: tuple[Frame, ...] = ()
        self.line = 0
        history.runner.before = self._look

    def _look(self, live: Live) -> None:
        program = self.history.programs[live.thread]
        self.stack = live.stack()
        self.line = program.line_at(self.history.vm.thread.pc[live.thread])

    def step(self) -> Step | None:
        """Take one step; None when there is none to take.

        Errors: those of Runner.take.
        """
        self.stack, self.line = (), 0
        if not self.history.extend(1):
            return None
        record = self.history.record(self.history.total)
        thread = None if record.thread is None else self.history.programs[record.thread].name
        function = kernel_function(self.stack) or None
        line = None if thread is None else self.line
        changes, wakeups = self._changes(record.step), self._wakeups()
        return Step(record.step, thread, record.cpu, function, line, record.action, changes, wakeups)

    def _changes(self, step: int) -> list[tuple[str, int | None, int | None]]:
        vm, names = self.history.vm, self.names
        return [
            (
                name_of(vm, address, names),
                shown_value(vm, address, old, names),
                shown_value(vm, address, new, names),
            )
            for address, old, new in self.history.journal.writes_of(step)
        ]

    def _wakeups(self) -> list[list[Any]]:
        """Each wakeup as [channel, threads], the channel as [name] or [name, number]."""
        found: list[list[Any]] = []
        for kind, *rest in self.history.vm.effects:
            if kind == "wakeup":
                name, number = describe_channel(self.history.vm, rest[0])  # type: ignore[arg-type]  # a channel
                threads = [self.history.programs[t].name for t in rest[1]]  # type: ignore[attr-defined]  # threads
                found.append([[name] if number is None else [name, number], threads, *rest[2:]])
        return found


class Goal:
    """What `--until` waits for; while it cannot be computed (a variable is still NULL), it does not hold."""

    def __init__(self, until: Expression | None) -> None:
        self.until = until
        self.refused: BadInput | None = None

    def holds(self, history: History) -> bool:
        """Whether the expression holds now."""
        if self.until is None:
            return False
        try:
            holds = self.until.holds(history.vm)
        except BadInput as error:
            self.refused = error
            return False
        self.refused = None
        return holds

    def missed(self) -> None:
        """The run ended without it.

        Errors: BadInput when the expression could not even be computed at the end.
        """
        if self.refused is not None:
            raise self.refused


def run_scenario(arguments: argparse.Namespace) -> int:
    """Run a scenario to its end, or as far as was asked; returns 0 when all went as expected, else 1."""
    scenario, history, names = _begin(arguments)
    goal = Goal(None if arguments.until is None else _read_until(names, arguments.until))
    steps = None if arguments.steps is None else history.total + arguments.steps
    asked = bool(arguments.breaks or arguments.watches)
    hit = _first_hit(arguments, history, names, _least(scenario.steps, steps)) if asked else None
    printer = JsonPrinter(scenario) if arguments.json else TextPrinter(scenario)
    printer.start(history.vm.memory.digest(), history.step)
    watcher = Watcher(history, names)
    until_step = steps if hit is None else _least(hit.step, steps)
    stopped = _take_steps(watcher, printer, goal, until_step, scenario.steps)
    end = _finish(scenario, history, stopped)
    at_stop = hit is not None and stopped and history.total == hit.step
    printer.end(replace(end, asked=asked, hit=hit if at_stop else None))
    if arguments.locks:
        printer.locks(lock_uses(history))
    if arguments.token_file is not None:
        _write_token(scenario, history, printer, arguments.token_file)
    return 0 if end.expected and all(checked.ok for checked in end.checked) else 1


def _begin(arguments: argparse.Namespace) -> Place:
    """The scenario, its history and names: at step 0, or where a token was made.

    Errors: BadInput when there is none of them, or both.
    """
    changed = {"machine": arguments.machine, "rules": arguments.rules, "schedule": arguments.schedule}
    if arguments.token is None:
        if arguments.scenario is None:
            raise BadInput("there is nothing to run; give a SCENARIO, --all, or --open TOKEN")
        scenario = load(arguments.scenario, **changed)
        return scenario, scenario.start(), scenario.names
    if arguments.scenario is not None or any(changed.values()):
        raise BadInput("a state string has its own scenario, machine, rules and schedule; give --open alone")
    from explorer.cli.tui import open_place

    place = open_place(arguments.token)
    if place[1].step < place[1].total:
        place[1].fork()
    return place


def _first_hit(arguments: argparse.Namespace, history: History, names: Names, limit: int) -> Hit | None:
    """Where a run of its own comes to the first stop."""
    from explorer.session.first_stop import first_hit, stops_asked_for

    return first_hit(_begin(arguments)[1], stops_asked_for(arguments, history, names), limit)


def _least(one: int, other: int | None) -> int:
    return one if other is None else min(one, other)


def _write_token(scenario: Scenario, history: History, printer: JsonPrinter | TextPrinter, file: str) -> None:
    from engine.saved.state_string import LONGEST, encode, token_of

    text = encode(token_of(scenario, history))
    if file != "-":
        with open(file, "w", encoding="ascii") as stream:
            stream.write(text + "\n")
    elif len(text) > LONGEST:
        raise BadInput(
            f"the state string has {len(text)} characters, too many for a message; give --state a file"
        )
    else:
        printer.token(text)


def _read_until(names: Names, text: str) -> Expression:
    try:
        return compile_expression(text, names)
    except BadInput as error:
        right = "write one like 'queue_of(app.m) == PQ_ACTIVE'"
        raise BadInput(f"--until {text[:60]!r}: {error.message}; {right}") from error


def _take_steps(
    watcher: Watcher, printer: JsonPrinter | TextPrinter, goal: Goal, steps: int | None, limit: int
) -> bool:
    """Print steps until the run ends (False), or until it was asked to stop (True)."""
    history = watcher.history
    while not (reached := history.total == steps or goal.holds(history)) and history.total < limit:
        step = watcher.step()
        if step is None:
            break
        printer.step(step)
    if not reached:
        goal.missed()
    return reached


def _finish(scenario: Scenario, history: History, stopped: bool) -> End:
    history.runner.before = None
    outcome = STOPPED if stopped else outcome_of(history)
    finding = history.branch.finding
    stacks = stacks_of(history, finding) if isinstance(finding, KernelPanic) else {}
    step, digest = history.total, history.vm.memory.digest()
    if stopped:
        return End(outcome, step, digest, finding, stacks, True, _reached(scenario, history), [])
    checked = [check for check in scenario.check_expectations(history) if "outcome ==" not in check.that]
    answered = list(scenario.answers(history)) if outcome == scenario.outcome else []
    return End(outcome, step, digest, finding, stacks, outcome == scenario.outcome, checked, answered)


def _reached(scenario: Scenario, history: History) -> list[Checked]:
    """The expectations whose moment lies in a run that was stopped."""
    found = []
    for expectation in scenario.expectations:
        if expectation.expression is None or expectation.at == "end":
            continue
        try:
            find_step(history, expectation.at, history.total)
        except BadInput:
            continue
        found.append(check_expectation(expectation, history, history.total))
    return found


def _rules(scenario: Scenario) -> str:
    """The rules of a run, with each demonstration switch that is off."""
    off = [f"{name}=off" for name in scenario.config.switches.off()]
    if not off:
        return scenario.rules
    return scenario.rules + ("," if "+" in scenario.rules else "+") + ",".join(off)


class JsonPrinter:
    """One JSON object a line, as the contracts have it."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def _print(self, **entry: Any) -> None:
        sys.stdout.write(json.dumps(entry, separators=(",", ":")) + "\n")

    def start(self, digest: str, step: int) -> None:
        """The first line; a run that was opened at a later step names it."""
        scenario = self.scenario
        opened = {"step": step} if step else {}
        self._print(
            format=1,
            type="start",
            scenario=scenario.name,
            rules=_rules(scenario),
            schedule=scenario.schedule.text,
            digest=digest,
            **opened,
        )

    def step(self, step: Step) -> None:
        """A step's line."""
        self._print(type="step", **vars(step))

    def end(self, end: End) -> None:
        """The last line."""
        checked = [{"at": check.at, "that": check.that, "ok": check.ok} for check in end.checked]
        answered = [{"ok": answer.ok, "answer": answer.answer} for answer in end.answered]
        self._print(
            type="end",
            outcome=end.outcome.partition(":")[0],
            step=end.step,
            digest=end.digest,
            panic=self._panic(end),
            expect=checked,
            questions=answered,
            **({"stop": end.hit and vars(end.hit)} if end.asked else {}),
        )

    def token(self, text: str) -> None:
        """A line behind the last one: the state string of the last step."""
        self._print(type="token", token=text)

    def locks(self, uses: list[LockUse]) -> None:
        """A line behind the last one: how each lock fared."""
        keys = ("name", "acquisitions", "contended", "waited")
        self._print(type="locks", locks=[{key: getattr(use, key) for key in keys} for use in uses])

    def _panic(self, end: End) -> dict[str, Any] | None:
        if end.finding is None:
            return None
        if not isinstance(end.finding, KernelPanic):
            return {"kind": type(end.finding).__name__.lower(), "condition": str(end.finding)}
        panic = end.finding
        stacks = {name: list(kernel_calls(stack)) for name, stack in end.stacks.items()}
        return {
            "kind": panic.kind,
            "function": panic.function,
            "condition": panic.condition,
            "message": panic.message,
            "stacks": stacks,
        }


class TextPrinter:
    """One line a step, for people."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def start(self, digest: str, step: int) -> None:
        """The first line."""
        scenario = self.scenario
        schedule = scenario.schedule.text
        print(f"{scenario.name}: {scenario.title}; rules {_rules(scenario)}, schedule {schedule}")
        print(f"step {step}, digest {digest}", flush=True)

    def step(self, step: Step) -> None:
        """A step's line: who, where, what, and each cell that changed."""
        who = "(event)" if step.thread is None else f"{step.thread}:{step.line}"
        changes = "; ".join(f"{cell} {_shown(old)}→{_shown(new)}" for cell, old, new in step.changes)
        woken = "; ".join(f"woke {', '.join(names)}" for _, names, *_ in step.wakeups if names)
        told = "; ".join(part for part in (changes, woken) if part)
        print(
            f"{step.step:>6} {who:<12} {step.function or '-':<28} {step.action}{'  | ' if told else ''}{told}"
        )

    def end(self, end: End) -> None:
        """How it ended, and what did not come out as expected."""
        print(f"{end.outcome} after step {end.step}, digest {end.digest}")
        if end.asked:
            print("no stop was hit" if end.hit is None else f"at step {end.hit.step}: {end.hit.text}")
        if end.finding is not None:
            print(end.finding)
        for name, stack in end.stacks.items():
            title = "calls that took the held lock" if name == "held" else "calls under way"
            print(f"{title}: {' > '.join(kernel_calls(stack))}")
        if not end.expected:
            print(f"expected outcome: {self.scenario.outcome}")
        for check in end.checked:
            print(f"{'holds' if check.ok else 'FAILS'} at {check.at}: {check.that}{_because(check)}")
        for number, answer in enumerate(end.answered, 1):
            print(f"question {number}: {answer.answer}{_but(answer)}")

    def token(self, text: str) -> None:
        """The state string of the last step."""
        print(text)

    def locks(self, uses: list[LockUse]) -> None:
        """A table: each lock, how often it was taken, how often after waiting, and for how many steps."""
        print(f"{'lock':<24} {'taken':>8} {'contended':>10} {'steps waited':>13}")
        for use in uses:
            print(f"{use.name:<24} {use.acquisitions:>8} {use.contended:>10} {use.waited:>13}")


def _but(answer: Answered) -> str:
    if answer.ok:
        return ""
    return f", but {answer.found}" if answer.found else f", but it is {_shown(answer.value)}"


def _because(check: Checked) -> str:
    return "" if check.ok else f" ({check.found})"


def _shown(value: int | None) -> str:
    return "NULL" if value is None else str(value)
