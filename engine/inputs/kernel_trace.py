"""Replaying recorded traces of the real kernel against the model, key by key.

A trace holds segments; each boots a machine of its own and runs operations on it. What the model does not
have yet ends a segment: that operation and the rest of the segment count as not covered. A panic of the model
that the trace does not have ends it too, since nothing follows a panic; what is left counts as not covered
under the name of the operation that panicked. After any other divergence the replay goes on with the model's
own state, so one cause may show many times: of each segment the first MAX_SHOWN divergences are reported one
by one, and all are counted.

`replay_trace` is the whole interface; `traces.limits` does the same for pageout_thresholds.json.
Source: golden/FORMAT.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.errors import BadInput, CapacityError, KernelPanic
from engine.inputs.traces.boot import boot_digest, run_boot_step
from engine.inputs.traces.check import (
    Difference,
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
"""Divergences of one segment that are reported one by one; further ones are only counted."""


def replay_trace(path: str, tally: Tally) -> Iterator[Divergence]:
    """Replay a trace file, gzip'ed or plain, and yield each divergence as it is found.

    tally: counts what is replayed, while it is.
    Errors: BadInput `FILE:LINE: what is wrong; what would be right` for what is not a trace.
    """
    tally.files += 1
    segment: Segment | None = None
    for number, line in read_lines(path):
        try:
            if "header" in line:
                segment = Segment(path, tally, read_header(line))
                found = segment.complain()
            elif segment is None:
                raise BadInput("not a header line; a trace begins with one")
            else:
                found = segment.replay(line)
            yield from segment.report(number, found)
        except BadInput as error:
            raise BadInput(error.message, file=path, line=number) from None
        except CapacityError as error:
            raise BadInput(f"{error}; a shorter trace", file=path, line=number) from None


class Segment:
    """One machine of a trace, from its header to its last line.

    count: operations replayed so far.
    ended: the operation or boot step at which the replay ended before the segment did.
    over:  whether the trace's segment has ended, with a panic.
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
        """Count the differences found in line `number` and yield the first ones."""
        self.tally.divergences += len(found)
        for key, trace, model in found[: MAX_SHOWN - self.shown]:
            self.shown += 1
            yield Divergence(self.path, number, self.index, self.name, key, trace, model)

    def complain(self) -> list[Difference]:
        """Load the header's machine; return what is wrong with its numbers."""
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
        """Run one boot or op line and return where the model differs."""
        if self.over:
            raise BadInput("a line after a panic; a panic is the last line of its segment")
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
            raise BadInput("a boot line after an operation; all boot lines come first")
        self.name = word(line["boot"], "boot")
        self.over = "panic" in line
        if self.ended is not None:
            return []
        step, arguments = self.steps.pop(0) if self.steps else (ABSENT, {})
        if self.name != step:
            self.ended = self.name
            return [("boot", self.name, step)]
        return self._compare_boot(line, self.name, arguments)

    def _compare_boot(self, line: Line, step: str, arguments: dict[str, int]) -> list[Difference]:
        assert self.vm is not None
        model: dict[str, Any] = {"args": arguments}
        trace = {key: value for key, value in line.items() if key != "boot"}
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
        """Run the boot of a segment that leaves its boot lines out.

        Errors: BadInput when there is no machine to run operations on after it.
        """
        assert self.vm is not None
        try:
            for step, arguments in self.header.steps:
                run_boot_step(self.vm, step, arguments)
        except KernelPanic as panic:
            raise BadInput(f"the machine panics while it boots: {panic}; a machine that boots") from None

    def _start(self) -> TraceDriver:
        """The driver, made at the first operation: the machine's changes count from there."""
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
        """Whether a queue's row shows a queue that the operation disturbed and left as it was."""
        assert self.driver is not None
        state = self.driver.state
        return any(state.queue_row(q) == row for q in state.touched_queues() if q)
