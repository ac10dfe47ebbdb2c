"""`pageq run`: run a scenario without a screen, with one line or one JSON object per step."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.debug.call_stack import stacks_of
from engine.debug.moments import find_step
from engine.errors import BadInput, KernelPanic
from engine.kernel.sleep import describe_channel
from engine.language.expressions import Expression, compile_expression
from engine.language.symbols import Names
from engine.reports.lock_stats import lock_uses
from engine.run.history import History
from engine.run.schedule import GRAMMAR
from engine.run.suspended import Frame, Live, kernel_function
from engine.scenario.checks import Checked, check_expectation, outcome_of
from engine.scenario.loader import Scenario
from explorer.cli.arguments import SCENARIO, STATE, add_settings, count_of
from explorer.cli.trace_arguments import add_trace, check_one, chosen_scenario
from explorer.session.command_line import Place, open_place
from explorer.session.whole_file import replace_file
from explorer.text.cells import Cells
from explorer.text.run_output import End, JsonPrinter, Step, TextPrinter

if TYPE_CHECKING:
    from explorer.session.first_stop import Hit

PLACE: Final = 40
HELP: Final = "Run a scenario without a screen; print one line or one JSON object per step."

STOPPED: Final = "stopped"
BREAK: Final = (
    "stop at a kernel FUNCTION [return], THREAD:LINE, panic, invariant, block [THREAD] or wake [THREAD], "
    "optionally followed by `if EXPR` and `hits N`; may be repeated"
)
WATCH: Final = "stop when a CELL changes, or at `page N leaves QUEUE[COLOR]`; may be repeated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq run`."""
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument(
        "--all", action="store_true", help="run every scenario of the library; print one line each"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.add_argument("--schedule", metavar="S", help=f"the order of the threads' steps: {GRAMMAR}")
    parser.add_argument("--until", metavar="EXPR", help="stop at the first step after which EXPR holds")
    parser.add_argument("--steps", metavar="N", type=count_of("steps", 200, 12), help="stop after N steps")
    parser.add_argument("--break", metavar="WHAT", dest="breaks", action="append", default=[], help=BREAK)
    parser.add_argument("--watch", metavar="WHAT", dest="watches", action="append", default=[], help=WATCH)
    parser.add_argument("--quiet", action="store_true", help="print no steps, only the findings and the end")
    parser.add_argument(
        "--answers", action="store_true", help="print the answers to the questions at the end"
    )
    parser.add_argument("--locks", action="store_true", help="print lock contention at the end")
    parser.add_argument("--open", metavar="STATE", dest="token", help=f"continue from STATE: {STATE}")
    parser.add_argument(
        "--state",
        metavar="FILE",
        dest="token_file",
        help="write the state string of the last step to FILE; - prints it",
    )
    # The name of --state in 0.1, kept for one release.
    parser.add_argument("--token", dest="token_file", help=argparse.SUPPRESS)
    add_settings(parser)
    add_trace(parser)


class Watcher:
    """Takes the steps of a history one by one and reports what each did."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.stack: tuple[Frame, ...] = ()
        self.line = 0
        history.runner.before = self._look

    def _look(self, live: Live) -> None:
        program = self.history.programs[live.thread]
        self.stack = live.stack()
        self.line = program.line_at(self.history.vm.thread.pc[live.thread])

    def step(self) -> Step | None:
        """Take one step; return None if no step can be taken.

        Errors: those of Runner.take.
        """
        self.stack, self.line = (), 0
        history = self.history
        if not history.extend(1):
            return None
        record = history.record(history.total)
        thread = None if record.thread is None else history.programs[record.thread].name
        function = kernel_function(self.stack) or None
        line = None if thread is None else self.line
        writes = list(history.journal.writes_of(record.step))
        said = history.branch.remarks.of(record.step)
        return Step(
            record.step, thread, record.cpu, function, line, record.action, writes, self._wakeups(), said
        )

    def _wakeups(self) -> list[list[Any]]:
        """Return each wakeup as [channel, threads, what]; the channel is [name] or [name, number]."""
        found: list[list[Any]] = []
        for kind, *rest in self.history.vm.effects:
            if kind == "wakeup":
                name, number = describe_channel(self.history.vm, rest[0])  # type: ignore[arg-type]  # a channel
                threads = [self.history.programs[t].name for t in rest[1]]  # type: ignore[attr-defined]  # threads
                what = rest[2] if len(rest) > 2 else "wakeup"
                found.append([[name] if number is None else [name, number], threads, what])
        return found


class Goal:
    """The condition of `--until`; it does not hold while it cannot be evaluated (a variable is NULL)."""

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
        """Report that the run ended before the expression held.

        Errors: BadInput if the expression could not be evaluated at the end.
        """
        if self.refused is not None:
            raise self.refused


def run(arguments: argparse.Namespace) -> int:
    """Run a scenario to its end or a stop, or run the library; return 0 if all is as expected, else 1."""
    if arguments.all:
        from explorer.text.library_run import run_all

        return run_all(arguments)
    scenario, history, names = _begin(arguments)
    goal = Goal(None if arguments.until is None else _read_until(names, arguments.until))
    steps = None if arguments.steps is None else history.total + arguments.steps
    asked = bool(arguments.breaks or arguments.watches)
    hit = _first_hit(arguments, history, names, _least(scenario.steps, steps)) if asked else None
    printer = _printer(arguments, scenario, Cells(history, names))
    printer.start(history.vm.memory.digest(), history.step)
    watcher = Watcher(history)
    until_step = steps if hit is None else _least(hit.step, steps)
    stopped = _take_steps(watcher, printer, goal, until_step, scenario.steps)
    end = _finish(scenario, history, stopped)
    at_stop = hit is not None and stopped and history.total == hit.step
    printer.end(replace(end, asked=asked, hit=hit if at_stop else None))
    if arguments.locks:
        printer.locks(lock_uses(history))
    if arguments.token_file is not None:
        _write_token(scenario, history, printer, arguments.token_file)
    return 0 if end.expected and all(checked.ok is not False for checked in end.checked) else 1


def _printer(arguments: argparse.Namespace, scenario: Scenario, cells: Cells) -> JsonPrinter | TextPrinter:
    if arguments.json:
        return JsonPrinter(scenario, cells, quiet=arguments.quiet)
    return TextPrinter(scenario, cells, quiet=arguments.quiet, answers=arguments.answers)


def _begin(arguments: argparse.Namespace, *, quiet: bool = False) -> Place:
    """Return the scenario, its history and names, at step 0 or at the step of a state string.

    Errors: BadInput for neither a scenario nor a state string, or for both.
    """
    if arguments.token is None:
        if arguments.scenario is None and arguments.trace is None:
            raise BadInput("nothing to run; give a SCENARIO, --all, --open STATE or --trace TRACE")
        check_one(arguments)
        scenario = chosen_scenario(arguments, quiet=quiet)
        return scenario, scenario.start(), scenario.names
    given = ("scenario", "machine", "rules", "schedule", "sets", "seed", "trace")
    if any(getattr(arguments, name) not in (None, "", []) for name in given):
        words = "a state string has its own scenario, machine, rules, schedule, seed and settings"
        raise BadInput(f"{words}; use --open alone")
    from engine.saved.reopen import read_token

    place = open_place(read_token(arguments.token), library=arguments.course)
    if place[1].step < place[1].total:
        place[1].fork()
    return place


def _first_hit(arguments: argparse.Namespace, history: History, names: Names, limit: int) -> Hit | None:
    """Find the first hit of a breakpoint or watchpoint, in a separate run."""
    from explorer.session.first_stop import first_hit, stops_asked_for

    return first_hit(_begin(arguments, quiet=True)[1], stops_asked_for(arguments, history, names), limit)


def _least(one: int, other: int | None) -> int:
    return one if other is None else min(one, other)


def _write_token(scenario: Scenario, history: History, printer: JsonPrinter | TextPrinter, file: str) -> None:
    from engine.saved.reopen import check_shared
    from engine.saved.state_string import LONGEST, encode, token_of

    token = token_of(scenario, history)
    check_shared(token)
    text = encode(token)
    if file != "-":
        replace_file(Path(file), f"{text}\n".encode("ascii"))
    elif len(text) > LONGEST:
        raise BadInput(
            f"the state string has {len(text)} characters, too many to print; use --state with a file"
        )
    else:
        printer.token(text)


def _read_until(names: Names, text: str) -> Expression:
    try:
        return compile_expression(text, names)
    except BadInput as error:
        right = "use one like 'queue_of(app.m) == PQ_ACTIVE'"
        raise BadInput(f"--until {text[:60]!r}: {error.message}; {right}") from error


def _take_steps(
    watcher: Watcher, printer: JsonPrinter | TextPrinter, goal: Goal, steps: int | None, limit: int
) -> bool:
    """Print steps until the run ends (return False) or reaches its stop (return True)."""
    history = watcher.history
    if printer.quiet and goal.until is None:
        # Without a look at each step, the run is several times faster.
        history.runner.before = None
        history.extend(_least(limit, steps) - history.total)
        return history.total == steps
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
        reached, answered = _reached(scenario, history), list(scenario.answers(history, step))
        return End(outcome, step, digest, finding, stacks, True, reached, answered)
    checked = [check for check in scenario.check_expectations(history) if not check.of_outcome]
    expected, answered = scenario.expects(outcome), list(scenario.answers(history))
    return End(outcome, step, digest, finding, stacks, expected, checked, answered)


def _reached(scenario: Scenario, history: History) -> list[Checked]:
    """Check the expectations whose moment is before the stop."""
    found = []
    for expectation in scenario.expectations:
        if expectation.expression is None or expectation.over or expectation.at == "end":
            continue
        try:
            find_step(history, expectation.at, history.total)
        except BadInput:
            continue
        found.append(check_expectation(expectation, history, history.total))
    return found
