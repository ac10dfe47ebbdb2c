"""A reference string through the kernel model: how many references miss with N frames.

The kernel's own counters, which are cells, say how it went:

- a miss is a reference that had to wait for a frame to be filled: with zeros at the first touch (v_zfod), or
  from swap (majflt);
- a hit is any other reference. It may fault nevertheless, when the page was still in memory, on any queue,
  but not mapped as the reference needs it (a soft fault: minflt less v_zfod). The figure `run.hits` leaves
  those out;
- an eviction is the loss of a frame: each fill adds a page, so those that are gone were evicted;
- a write-back is the eviction of a page that was written since its fill. The daemon writes a page before it
  can evict it, together with its dirty neighbours, and some pages more than once: the page-outs
  (v_swappgsout) may be more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from engine.errors import BadInput
from engine.machine.machine import Machine
from engine.policies.policy import Counts
from engine.references.references import References
from engine.replay.frames import frames_of
from engine.replay.rescues import Rescues
from engine.replay.scenario import replay_scenario
from engine.replay.write_backs import WriteBacks
from engine.run.program import Program
from engine.run.reference_string import REFERENCES_PER_TICK, AdvanceClock, TakeReference
from engine.run.runner import Runner
from engine.run.threads import COMPLETED
from engine.scenario.loader import Scenario, load_text

_AT_ONCE: Final = 1_000_000
_MOST_IN_VAIN: Final = 50
"""How often so many steps may pass without a reference before the replay gives up."""

_NAME: Final = "trace"


@dataclass(frozen=True)
class KernelCounts(Counts):
    """What the kernel did with a reference string.

    reactivations: cached pages that were activated or deactivated (v_reactivated).
    rescues:       those, and the cached pages that a fault took.
    soft_faults:   page faults that found the page in memory.
    pageins, pageouts: pages read from swap, and written to it.
    passes:        passes of the pageout daemon.
    ticks:         ticks of the clock, those that passed while all threads waited included.
    steps:         atomic steps, of all threads.
    sized:         how the machine was sized for the frames, as a sentence.
    """

    reactivations: int
    rescues: int
    soft_faults: int
    pageins: int
    pageouts: int
    passes: int
    ticks: int
    steps: int
    sized: str


def replay_kernel(
    references: References,
    frames: int,
    *,
    tick: int = REFERENCES_PER_TICK,
    rules: str = "document",
    skip: bool = True,
    progress: Callable[[int], bool] = lambda taken: True,  # noqa: ARG005
) -> KernelCounts:
    """Replay a string through the kernel model, on a machine where `frames` pages can hold it.

    tick: references a tick. rules: the rule set. skip: whether a run of hits is one step; without,
    only `steps` differs.
    progress: called at times with the references taken; False stops the replay.
    Errors: BadInput for a number of frames that no machine has, for a string without references, and when the
            kernel makes no progress; Stopped when `progress` says so.
    """
    text = replay_scenario(_NAME, references, frames, tick, rules)
    scenario = load_text(text, references.name, strings={_NAME: references})
    runner = runner_of(scenario, skip=skip)
    rescues, write_backs = Rescues(runner.vm), WriteBacks(runner.vm)
    run_to_the_end(runner, frames, progress)
    return _counts(runner, rescues.count, write_backs.count, references, str(frames_of(frames)))


class Stopped(Exception):  # not an error
    """The caller of a replay has stopped it."""


def runner_of(scenario: Scenario, *, skip: bool = True) -> Runner:
    """Start the run of a scenario without recording it; skip: as for replay_kernel."""
    if not skip:
        scenario = replace(scenario, programs=tuple(map(_one_by_one, scenario.programs)))
    return scenario.start_unrecorded()


def _one_by_one(program: Program) -> Program:
    """Return the program with a string that takes each hit in a step of its own."""
    if program.string is None:
        return program
    string = replace(program.string, skips=False)
    ours = (one for one in program.instructions if isinstance(one, (TakeReference, AdvanceClock)))
    instructions = tuple(replace(one, string=string) for one in ours)
    return replace(program, string=string, instructions=instructions)


def run_to_the_end(runner: Runner, frames: int, progress: Callable[[int], bool]) -> None:
    """Run until the string has been taken."""
    in_vain, before = 0, -1
    while runner.outcome is None:
        runner.run(_AT_ONCE)
        taken = sum(one.string.position(runner.vm) for one in runner.programs if one.string is not None)
        if not progress(taken):
            raise Stopped
        in_vain, before = (in_vain + 1 if taken == before else 0), taken
        if in_vain == _MOST_IN_VAIN:
            raise BadInput(
                f"the kernel comes no further than reference {taken:,} with {frames:,} frames; use more"
            )
    if runner.outcome != COMPLETED:
        raise BadInput(f"the replay with {frames:,} frames ended as {runner.outcome}: {runner.finding}")


def _counts(
    runner: Runner, rescues: int, write_backs: int, references: References, sized: str
) -> KernelCounts:
    vm = runner.vm
    filled, read = _total(vm, "v_zfod"), _total(vm, "v_swappgsin")
    major, minor = vm.process.majflt[0], vm.process.minflt[0]
    return KernelCounts(
        references=len(references),
        pages=len(references.pages),
        hits=len(references) - filled - major,
        misses=filled + major,
        evictions=filled + read - vm.object.resident_page_count[0],
        writebacks=write_backs,
        reactivations=_total(vm, "v_reactivated"),
        rescues=rescues,
        soft_faults=minor - filled,
        pageins=read,
        pageouts=_total(vm, "v_swappgsout"),
        passes=_total(vm, "v_pdwakeups"),
        ticks=vm.glob.ticks[0],
        steps=runner.step,
        sized=sized,
    )


def _total(vm: Machine, counter: str) -> int:
    """The sum of an event counter over all cpus."""
    column = getattr(vm.cpu, counter)
    return sum(column[cpu] for cpu in vm.cpus)
