"""The output of `pageq run`: one line or one JSON object per step, and the end of the run."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.errors import Finding, KernelPanic
from engine.kernel.remarks import KPRINTF
from engine.reports.lock_stats import LockUse
from engine.run.livelock import blocked_text
from engine.run.remarks import Effect
from engine.run.runner import STOPPED
from engine.run.suspended import Frame, kernel_calls
from engine.run.threads import BLOCKED
from engine.scenario.checks import Checked
from engine.scenario.loader import Scenario
from engine.scenario.parameters import value_words
from engine.scenario.question import Answered
from explorer.text.cells import Cells
from explorer.views.changes import RawWrite, net_writes
from explorer.views.panics import panic_page_number, panic_string
from explorer.views.remarks import console_lines, limits, remark_words, zeroed

if TYPE_CHECKING:
    from explorer.session.first_stop import Hit

MOST: Final = 12
"""Maximum number of changes in a line of text; the rest is counted."""


@dataclass(frozen=True)
class Step:
    """One step; an event has None for thread, cpu, function and line.

    writes:  address, old and new value of each write, as the journal has them.
    wakeups: each as [channel, threads, "wakeup" or "timeout"].
    effects: what the kernel printed, zeroed and compared.
    """

    step: int
    thread: str | None
    cpu: int | None
    function: str | None
    line: int | None
    action: str
    writes: list[RawWrite]
    wakeups: list[list[Any]]
    effects: list[Effect]


@dataclass(frozen=True)
class End:
    """The end of a run, and the results of the expectations and questions that it reached.

    asked, hit: whether breakpoints or watchpoints were set, and the one that stopped the run.
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


def _rules(scenario: Scenario) -> str:
    """Return the name of the rules of a run, with each demonstration switch that is off."""
    off = [f"{name}=off" for name in scenario.config.switches.off()]
    if not off:
        return scenario.rules
    return scenario.rules + ("," if "+" in scenario.rules else "+") + ",".join(off)


class JsonPrinter:
    """Prints one JSON object per line; with `quiet`, none for steps."""

    def __init__(self, scenario: Scenario, cells: Cells, *, quiet: bool = False) -> None:
        self.scenario = scenario
        self.cells = cells
        self.quiet = quiet

    def _print(self, **entry: Any) -> None:
        sys.stdout.write(json.dumps(entry, separators=(",", ":")) + "\n")

    def start(self, digest: str, step: int) -> None:
        """Print the first line; of a run that was opened at a later step, with that step."""
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
            machine=self.cells.history.vm.config.hardware.name,
            **_console(self.cells.history.branch.remarks.of(step)),
            **({"parameters": scenario.parameters} if scenario.parameters else {}),
        )

    def step(self, step: Step) -> None:
        """Print a step."""
        if self.quiet:
            return
        cells, vm = self.cells, self.cells.history.vm
        keys = ("step", "thread", "cpu", "function", "line", "action")
        found = {"zeroed": zeroed(vm, step.effects), "limits": limits(step.effects)}
        self._print(
            type="step",
            **{key: getattr(step, key) for key in keys},
            changes=[
                [cells.name(at), cells.value(at, old), cells.value(at, new)] for at, old, new in step.writes
            ],
            wakeups=step.wakeups,
            **_console(step.effects),
            **{key: rows for key, rows in found.items() if rows},
        )

    def end(self, end: End) -> None:
        """Print the end of the run."""
        checked = [{"at": check.at, "that": check.that, "ok": check.ok} for check in end.checked]
        answered = [
            {"ok": answer.ok, "answer": answer.answer, "id": form.id, "asked": form.asked}
            for answer, form in zip(end.answered, self.scenario.form.questions, strict=False)
        ]
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
        """Print the state string of the last step, after the end."""
        self._print(type="token", token=text)

    def locks(self, uses: list[LockUse]) -> None:
        """Print the contention of each lock, after the end."""
        keys = ("name", "acquisitions", "contended", "waited")
        self._print(type="locks", locks=[{key: getattr(use, key) for key in keys} for use in uses])

    def _panic(self, end: End) -> dict[str, Any] | None:
        if end.finding is None:
            return None
        if not isinstance(end.finding, KernelPanic):
            kind = getattr(end.finding, "kind", type(end.finding).__name__.lower())
            return {"kind": kind, "condition": str(end.finding)}
        panic = end.finding
        stacks = {name: list(kernel_calls(stack)) for name, stack in end.stacks.items()}
        return {
            "kind": panic.kind,
            "function": panic.function,
            "condition": panic.condition,
            "message": panic.message or panic_string(panic),
            "stacks": stacks,
            "page": panic_page_number(self.cells.history.vm, panic),
        }


class TextPrinter:
    """Prints one line of text per step, and one for each message on the kernel's console.

    answers: whether to print the answers to the questions.
    quiet:   whether to print only the findings and the end.
    """

    def __init__(
        self, scenario: Scenario, cells: Cells, *, quiet: bool = False, answers: bool = False
    ) -> None:
        self.scenario = scenario
        self.cells = cells
        self.quiet = quiet
        self.answers = answers

    def start(self, digest: str, step: int) -> None:
        """Print the scenario, the machine, the rules, the schedule, the first digest, and the console."""
        if self.quiet:
            return
        scenario, history = self.scenario, self.cells.history
        values = f", {value_words(scenario.parameters)}" if scenario.parameters else ""
        print(
            f"{scenario.name}: {scenario.title}; machine {history.vm.config.hardware.name}, "
            f"rules {_rules(scenario)}, schedule {scenario.schedule.text}{values}"
        )
        print(f"step {step}, digest {digest}", flush=True)
        self._console(step, history.branch.remarks.of(step))

    def step(self, step: Step) -> None:
        """Print a step: the thread, the function, the action, the net change of each cell, and the rest."""
        if self.quiet:
            return
        who = "(event)" if step.thread is None else f"{step.thread}:{step.line}"
        woken = [f"woke {', '.join(names)}" for _, names, _ in step.wakeups if names]
        said = [effect for effect in step.effects if effect[0] != KPRINTF]
        effects = "; ".join([*self._changes(step), *woken, *remark_words(self.cells.history.vm, said)])
        what = f"{step.action}  | {effects}" if effects else step.action
        print(f"{step.step:>6} {who:<12} {step.function or '-':<28} {what}")
        self._console(step.step, step.effects)

    def _changes(self, step: Step) -> list[str]:
        net, cells = net_writes(step.writes), self.cells
        words = [
            f"{cells.name(at)} {cells.words(at, old)} -> {cells.words(at, new)}"
            for at, old, new in net[:MOST]
        ]
        return [*words, f"{len(net) - MOST:,} more cells"] if len(net) > MOST else words

    def _console(self, step: int, effects: Iterable[Effect]) -> None:
        for text in console_lines(effects):
            print(f"{step:>6} {'(console)':<12} {text}")

    def end(self, end: End) -> None:
        """Print the end of the run, and the results of the expectations and questions."""
        print(f"{end.outcome} after step {end.step}, digest {end.digest}")
        if end.asked:
            print("no breakpoint was hit" if end.hit is None else f"at step {end.hit.step}: {end.hit.text}")
        for text in self._finding(end):
            print(text)
        for name, stack in end.stacks.items():
            title = "calls that took the held lock" if name == "held" else "current calls"
            print(f"{title}: {' > '.join(kernel_calls(stack))}")
        if not end.expected:
            print(f"expected outcome: {self.scenario.outcome}")
        for check in end.checked:
            print(f"{_verdict(check)}: {check.that}{_because(check)}")
        # A run that was stopped has not come to the questions that it does not ask.
        fine = (True, None) if end.outcome == STOPPED else (True,)
        for number, answer in enumerate(end.answered, 1):
            if self.answers or answer.ok not in fine:
                print(f"question {number}: {_answered(answer, shown=self.answers)}")

    def _finding(self, end: End) -> list[str]:
        """What explains the outcome; of a panic, what the kernel prints, and the page."""
        panic, history = end.finding, self.cells.history
        if end.outcome == BLOCKED and panic is None:
            return [blocked_text(history.runner.threads, history.journal)]
        if not isinstance(panic, KernelPanic):
            return [] if panic is None else [str(panic)]
        text, page = panic_string(panic), panic_page_number(history.vm, panic)
        about = "" if page is None else f", page {page:#x}" if page >= 0 else f", fake page {-page}"
        return [*([f"panic: {text}"] if text else []), f"{panic.function}{about}: {panic.condition}"]

    def token(self, text: str) -> None:
        """Print the state string of the last step."""
        print(text)

    def locks(self, uses: list[LockUse]) -> None:
        """Print a table of the locks: how often each was taken, how often after a wait, and steps waited."""
        print(f"{'lock':<24} {'taken':>8} {'contended':>10} {'steps waited':>13}")
        for use in uses:
            print(f"{use.name:<24} {use.acquisitions:>8} {use.contended:>10} {use.waited:>13}")


def _console(effects: Iterable[Effect]) -> dict[str, list[str]]:
    lines = console_lines(effects)
    return {"console": lines} if lines else {}


def _answered(answer: Answered, *, shown: bool) -> str:
    if answer.ok is None:
        return f"not asked in this run: {answer.found}"
    if not shown:
        return "the answer is WRONG here"
    if answer.ok:
        return str(answer.answer)
    value = "NULL" if answer.value is None else str(answer.value)
    return f"{answer.answer}, but {answer.found or f'it is {value}'}"


def _verdict(check: Checked) -> str:
    if check.ok is None:
        return f"not checked, {check.at}"
    return f"{'holds' if check.ok else 'FAILS'} at {check.at}"


def _because(check: Checked) -> str:
    return "" if check.ok else f" ({check.found})"
