"""Replaying recorded traces of the real kernel against the model, key by key.

A trace consists of segments; each boots its own machine and runs operations on it. An operation that the
model does not implement ends the replay of its segment: it and the rest of the segment count as not covered.
So does a panic of the model that is not in the trace, since nothing can follow a panic; the rest counts as
not covered under the name of the operation that panicked. After any other divergence the replay continues
with the model's own state, so one cause can produce many divergences: all are counted, but only the first
MAX_SHOWN of each segment are reported individually.

`replay_trace` is the only public function; `traces.limits` does the same for pageout_thresholds.json.
Source: golden/FORMAT.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.errors import BadInput, CapacityError, KernelPanic
from engine.inputs.traces.boot import boot_digest, run_boot_step
from engine.inputs.traces.check import (
    Difference,
    boot_part,
    comparable_panic,
    differences,
    expected_part,
    weigh,
)
from engine.inputs.traces.driver import NotCovered, TraceDriver, describe_panic
from engine.inputs.traces.file import Line, read_lines
from engine.inputs.traces.machine import Header, read_header
from engine.inputs.traces.report import ABSENT, Divergence, Tally
from engine.inputs.traces.values import Impossible, whole, word
from engine.kernel.boot.sequence import load_kernel
from engine.machine.machine import Machine

MAX_SHOWN: Final = 10
"""Maximum number of divergences of a segment that are reported; further ones are only counted."""


def replay_trace(path: str, tally: Tally) -> Iterator[Divergence]:
    """Replay a trace file, gzipped or plain, and yield each divergence when it is found.

    tally: is updated during the replay.
    Errors: BadInput `FILE:LINE: what is wrong; what would be right` if the file is not a trace.
    """
    tally.files += 1
    segment: Segment | None = None
    for number, line in read_lines(path):
        try:
            if "header" in line:
                segment = Segment(path, tally, read_header(line))
                found = segment.complain()
            elif segment is None:
                raise BadInput("not a header line; a trace starts with one")
            else:
                found = segment.replay(line)
            yield from segment.report(number, found)
        except BadInput as error:
            raise BadInput(error.message, file=path, line=number) from None
        except CapacityError as error:
            raise BadInput(f"{error}; use a shorter trace", file=path, line=number) from None


class Segment:
    """A segment of a trace: one machine, from its header to its last line.

    count: the number of operations replayed so far.
    ended: the operation or boot step at which the replay ended early.
    over:  whether the trace's segment has ended with a panic.
    """

    def __init__(self, path: str, tally: Tally, header: Header) -> None:
        tally.segments += 1
        self.path = path
        self.tally = tally
        self.header = header
        self.vm: Machine | None = None
        self.driver: TraceDriver | None = None
        self.steps = list(header.steps)
        self.index = 0
        self.count = 0
        self.name = "header"
        self.shown = 0
        self.ended: str | None = None
        self.over = False

    def report(self, number: int, found: list[Difference]) -> Iterator[Divergence]:
        """Count the differences found in line `number` and yield the first ones as divergences."""
        self.tally.divergences += len(found)
        for key, trace, model in found[: MAX_SHOWN - self.shown]:
            self.shown += 1
            yield Divergence(self.path, number, self.index, self.name, key, trace, model)

    def complain(self) -> list[Difference]:
        """Load the header's machine; return the errors in its numbers."""
        complaints = list(self.header.complaints)
        if self.header.config is not None:
            try:
                self.vm = load_kernel(self.header.config)
            except BadInput as error:
                spans = self.header.config.hardware.phys_avail
                complaints.append(("config", {"phys_avail": spans}, error.message))
        if self.vm is None:
            self.ended = "header"
        return complaints

    def replay(self, line: Line) -> list[Difference]:
        """Run a boot or op line and return the differences of the model."""
        if self.over:
            raise BadInput("this line follows a panic; a panic is the last line of its segment")
        if "boot" in line:
            return self._boot(line)
        self.name = word(line.get("op"), "op")
        self.index = whole(line.get("i"), "i")
        expected = expected_part(line)
        self.over = "panic" in line
        if self.ended is not None:
            self.tally.not_covered[self.ended] += 1
            return []
        return self._operate(line, expected)

    def _boot(self, line: Line) -> list[Difference]:
        if self.driver is not None:
            raise BadInput("this boot line follows an operation; all boot lines come first")
        self.name = word(line["boot"], "boot")
        trace = boot_part(line)
        self.over = "panic" in line
        if self.ended is not None:
            return []
        step, arguments = self.steps.pop(0) if self.steps else (ABSENT, {})
        if self.name != step:
            self.ended = self.name
            return [("boot", self.name, step)]
        return self._compare_boot(trace, self.name, arguments)

    def _compare_boot(self, trace: Line, step: str, arguments: dict[str, int]) -> list[Difference]:
        assert self.vm is not None
        model: dict[str, Any] = {"args": arguments}
        try:
            run_boot_step(self.vm, step, arguments)
            model |= boot_digest(self.vm, step)
        except KernelPanic as panic:
            model |= describe_panic(panic)
            self.ended = step
        except BadInput as error:
            self.ended = step
            return [("boot", step, error.message)]
        if self.header.brief and "lcnt" not in trace:
            model.pop("lcnt", None)
        return self._compare(trace, model)

    def _operate(self, line: Line, trace: Line) -> list[Difference]:
        driver = self._start()
        try:
            outcome = driver.perform(line, self.count + 1)
        except NotCovered as missing:
            self.ended = str(missing)
            self.tally.not_covered[self.ended] += 1
            return []
        except Impossible as refusal:
            outcome = None
            found = [(refusal.key, refusal.value, refusal.model)]
        self.tally.operations += 1
        self.count += 1
        delta = driver.state.collect()
        if outcome is None:
            return found
        if "blocked" in outcome and "blocked" in trace and driver.message_is_its_own(line["thread"]):
            outcome["blocked"]["wmesg"] = trace["blocked"].get("wmesg")
        if "panic" in outcome and "panic" not in trace:
            self.ended = self.name
        return self._compare(trace, {"i": self.count, **outcome, **delta, **driver.state.effects()})

    def _boot_unseen(self) -> None:
        """Run the boot of a segment without boot lines.

        Errors: BadInput if the machine panics during boot.
        """
        assert self.vm is not None
        try:
            for step, arguments in self.header.steps:
                run_boot_step(self.vm, step, arguments)
        except KernelPanic as panic:
            hint = "use a machine that boots"
            raise BadInput(f"the machine panics during boot: {panic}; {hint}") from None

    def _start(self) -> TraceDriver:
        """Return the driver, created at the first operation: changes are recorded from there on."""
        if self.driver is None:
            assert self.vm is not None
            if self.steps == list(self.header.steps):
                self._boot_unseen()
            self.driver = TraceDriver(self.vm, self.header.object_base)
        return self.driver

    def _compare(self, trace: Line, model: Line) -> list[Difference]:
        self.tally.comparisons += weigh(trace)
        for line in (trace, model):
            if "panic" in line:
                line["panic"] = comparable_panic(line["panic"])
        if trace == model:
            return []
        return list(differences(trace, model, self._restored))

    def _restored(self, row: list[Any]) -> bool:
        """Whether a row is of a queue that the operation changed and then restored; a boot line has none."""
        if self.driver is None:
            return False
        state = self.driver.state
        return any(state.queue_row(q) == row for q in state.touched_queues() if q)
