"""The output of `pageq run`: one line or one JSON object per step, and the end of the run."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import Finding, KernelPanic
from engine.reports.lock_stats import LockUse
from engine.run.suspended import Frame, kernel_calls
from engine.scenario.checks import Answered, Checked
from engine.scenario.loader import Scenario

if TYPE_CHECKING:
    from explorer.session.first_stop import Hit


@dataclass(frozen=True)
class Step:
    """One step as printed; an event has None for thread, cpu, function and line."""

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
    """Prints one JSON object per line."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

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
        )

    def step(self, step: Step) -> None:
        """Print a step."""
        self._print(type="step", **vars(step))

    def end(self, end: End) -> None:
        """Print the end of the run."""
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
    """Prints one line of text per step."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def start(self, digest: str, step: int) -> None:
        """Print the scenario, the rules, the schedule and the first digest."""
        scenario = self.scenario
        schedule = scenario.schedule.text
        print(f"{scenario.name}: {scenario.title}; rules {_rules(scenario)}, schedule {schedule}")
        print(f"step {step}, digest {digest}", flush=True)

    def step(self, step: Step) -> None:
        """Print a step: the thread, the function, the action, and each cell that changed."""
        who = "(event)" if step.thread is None else f"{step.thread}:{step.line}"
        changes = "; ".join(f"{cell} {_shown(old)}→{_shown(new)}" for cell, old, new in step.changes)
        woken = "; ".join(f"woke {', '.join(names)}" for _, names, *_ in step.wakeups if names)
        effects = "; ".join(part for part in (changes, woken) if part)
        what = f"{step.action}  | {effects}" if effects else step.action
        print(f"{step.step:>6} {who:<12} {step.function or '-':<28} {what}")

    def end(self, end: End) -> None:
        """Print the end of the run, and the results of the expectations and questions."""
        print(f"{end.outcome} after step {end.step}, digest {end.digest}")
        if end.asked:
            print("no breakpoint was hit" if end.hit is None else f"at step {end.hit.step}: {end.hit.text}")
        if end.finding is not None:
            print(end.finding)
        for name, stack in end.stacks.items():
            title = "calls that took the held lock" if name == "held" else "current calls"
            print(f"{title}: {' > '.join(kernel_calls(stack))}")
        if not end.expected:
            print(f"expected outcome: {self.scenario.outcome}")
        for check in end.checked:
            print(f"{'holds' if check.ok else 'FAILS'} at {check.at}: {check.that}{_because(check)}")
        for number, answer in enumerate(end.answered, 1):
            print(f"question {number}: {_answer(answer)}")

    def token(self, text: str) -> None:
        """Print the state string of the last step."""
        print(text)

    def locks(self, uses: list[LockUse]) -> None:
        """Print a table of the locks: how often each was taken, how often after a wait, and steps waited."""
        print(f"{'lock':<24} {'taken':>8} {'contended':>10} {'steps waited':>13}")
        for use in uses:
            print(f"{use.name:<24} {use.acquisitions:>8} {use.contended:>10} {use.waited:>13}")


def _answer(answer: Answered) -> str:
    if answer.ok is None:
        return f"not asked under these settings: {answer.found}"
    if answer.ok:
        return str(answer.answer)
    return f"{answer.answer}, but {answer.found or f'it is {_shown(answer.value)}'}"


def _because(check: Checked) -> str:
    return "" if check.ok else f" ({check.found})"


def _shown(value: int | None) -> str:
    return "NULL" if value is None else str(value)
