"""The transition system of a scenario: at each state, who can take a step, and what each step does.

A thread between two steps is a suspended chain of kernel functions. What their frames hold is the thread's
local state (`engine.explore.model.local_states`). What its next step does depends only on the local state and
on the cells that the step reads. So for each local state a decision tree keeps what is known: read this cell,
and follow its value to the next read, down to a leaf that holds the writes and the next local state. The
kernel's function runs only where a leaf is missing; after that, a step is a few look-ups and stores.

A state is known again by its key (`engine.explore.model.keys`); a leaf has what a step changes it by. Where a
step can also change the part of a key about cpus, times or marks, the leaf is not `still`, and the search
computes that part again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from engine.errors import BadInput, CapacityError, Finding, KernelPanic
from engine.explore.graph.state_graph import EVENT
from engine.explore.model.choices import Choices
from engine.explore.model.decision_tree import Tree, planted
from engine.explore.model.keys import LINKS, TIMES, Keys, words_of, words_of_programs
from engine.explore.model.local_states import Content, LocalStates, Read, Value, Way
from engine.explore.model.marks import Change, Marking, Marks, Place, Write
from engine.machine.tables import PANICKED
from engine.memory.access_log import Whole
from engine.run.event_actions import perform_event
from engine.run.events import Event
from engine.run.history import History
from engine.run.threads import DEADLOCK
from engine.scenario.loader import Scenario

_TIMED: Final = ("thread.timo", "buf.kind")
"""The columns whose writes make times part of the keys; `buf.started` stays 0 for an I/O at tick 0."""

_TIMES: Final = (*_TIMED, *TIMES, "thread.state")
_CPUS: Final = ("thread.page_spin", "thread.queue_spin", "thread.contig_spin")

Ending = Finding | BadInput | CapacityError
"""What ends a run within a step: a panic, or an error of a script."""


@dataclass(slots=True, eq=False)
class Leaf:
    """What a step does.

    thread, before, after: the thread, and the numbers of its local states.
    changes: (address, new value) of each cell that changes; undo: (address, old value); both as stored.
    delta:   what the step changes the key by.
    finding: the panic or error that ends the run, or None; after an error nothing has changed.
    reads:   what the step reads before it writes it, in order. writes: the cells that it writes.
    effects: as `Machine.effects`.
    marks:   None for most steps.
    times:   whether it can change how long a wait has lasted.
    quiet:   whether `delta` is all that it can change of the key, where no thread of a cpu wants a spinlock;
             still: whether that is so also where one does.
    keeps:   whether it leaves alone who has the cpus, and who wants them.
    """

    thread: int
    before: int
    after: int
    changes: tuple[tuple[int, int], ...]
    undo: tuple[tuple[int, int], ...]
    delta: int
    finding: Ending | None
    reads: tuple[Read, ...]
    writes: tuple[int, ...]
    effects: tuple[tuple[object, ...], ...]
    marks: Change | None
    times: bool
    quiet: bool
    still: bool
    keeps: bool


Came = Leaf | tuple[Write, ...]
"""A step that was taken: a thread's, or the writes of an event."""

_SHORT_CUTS: Final = 3
"""Short cuts of one local state."""

Fast = tuple[Callable[[memoryview], object], Callable[[object], Leaf | None]]
"""A short cut of a tree: reads all cells that some leaf read, and finds a leaf by their values."""


class Model:
    """A scenario's machine at one state, from which steps can be taken and taken back.

    local: the number of each thread's local state. trees: for each thread, a tree of leaves for each local
           state; the address of a cell is read, or, below 0, one of `wholes`.
    timed: whether times have become part of the keys. opening: the steps that come before the first choice.
    """

    def __init__(
        self,
        scenario: Scenario,
        texts: Sequence[str] = (),
        order: Sequence[tuple[Place, Place]] = (),
    ) -> None:
        """Start a run, and take the steps of its opening, if it has one.

        scenario: with `machine.steps_per_tick` = 0. texts: the expressions that will be evaluated.
        Errors: as Scenario.start.
        """
        self.scenario = scenario
        self.history = scenario.start()
        self.opening = _past_opening(self.history)
        self.vm, self.runner = self.history.vm, self.history.runner
        self.journal = self.history.journal
        self.runner.journal = None
        self.names = tuple(program.name for program in self.runner.programs)
        self._stack = ExitStack()
        self.log = self._stack.enter_context(self.vm.memory.observed_with_keys())
        self.cells = self.vm.memory.cells
        self.content = Content(self.vm)
        programs = self.runner.programs
        self.keys = Keys(self.vm, words_of(texts) | words_of_programs(programs))
        self.marking = Marking(self.vm, programs, order)
        self.states = [LocalStates(self.runner, self.journal, t, self._own(t)) for t in range(len(programs))]
        self.local = [0] * len(programs)
        self.choices = Choices(self.vm, programs, [states.locks for states in self.states], self.local)
        self.trees: list[list[Tree]] = [[] for _ in programs]
        self._fast: list[list[list[Fast]]] = [[] for _ in programs]
        self._tables: dict[tuple[int, int, tuple[int, ...]], dict[object, Leaf]] = {}
        self.wholes: list[Whole] = []
        self._whole_numbers: dict[Whole, int] = {}
        self.leaves = 0
        self.timed = bool(self.keys.stamps)
        places = self.vm.memory.places
        self._timed, self._times, self._cpus, self._links = (
            [places[name].stretch for name in names] for names in (_TIMED, _TIMES, _CPUS, LINKS)
        )
        self.runner.step = 0
        for t, states in enumerate(self.states):
            self._note(t, states.first())
        self._first_times = self.keys.times()
        self.start_ticks = self.ticks

    def _own(self, t: int) -> list[int]:
        """The cells that the beginning of an instruction of thread `t` reads."""
        at, used = self.vm.memory.address, self.scenario.names.variable_at
        return [at("thread.pc", t), at("thread.state", t), *(at("variable.value", n) for n in sorted(used))]

    def close(self) -> None:
        """Stop logging what the machine reads."""
        self._stack.close()

    def __enter__(self) -> Model:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def ticks(self) -> int:
        """The ticks on the machine's clock."""
        return self.cells[self.vm.memory.address("global.ticks", 0)]

    # --- where it can go ------------------------------------------------------------------------------------

    def runnable(self) -> list[int]:
        """The threads that can take the next step; [] if a circle of waits for locks has ended the run."""
        found = self.choices.runnable()
        return [] if self.choices.blocked and self.choices.circle() else found

    def idle(self) -> Event | str:
        """What happens if no thread can run: time passes, or the run ends with an outcome."""
        if self.choices.blocked and self.choices.circle():
            return DEADLOCK
        choice = self.runner.threads.nothing_runs()
        assert not isinstance(choice, int)
        return choice

    # --- what a step does -----------------------------------------------------------------------------------

    def leaf(self, t: int) -> Leaf:
        """What the next step of thread `t` does at the present state."""
        cells, local = self.cells, self.local[t]
        for read_all, known in self._fast[t][local]:
            leaf = known(read_all(cells))
            if leaf is not None:
                return leaf
        node = self.trees[t][local]
        while node.__class__ is tuple:
            read, children = node
            node = children.get(cells[read] if read >= 0 else self.content.get(self.wholes[-1 - read]))
        return self._learn(t) if node is None else node

    def apply(self, leaf: Leaf) -> None:
        """Take a step."""
        cells = self.cells
        for address, value in leaf.changes:
            cells[address] = value
        self.local[leaf.thread] = leaf.after

    def take_back(self, leaf: Leaf) -> None:
        """Take a step back, which must be the last one."""
        cells = self.cells
        for address, value in leaf.undo:
            cells[address] = value
        self.local[leaf.thread] = leaf.before

    def take(self, came: Came) -> int:
        """Take a step, or make an event's writes; return what it changes the sum of a key by."""
        if isinstance(came, Leaf):
            self.apply(came)
            return came.delta
        delta, of_cell = 0, self.keys.of_cell
        for address, old, new in came:
            self.cells[address] = new
            delta ^= of_cell(address, old) ^ of_cell(address, new)
        return delta

    def take_back_any(self, came: Came | None) -> None:
        """Take back what `take` did, which must be the last; nothing for None."""
        if isinstance(came, Leaf):
            self.take_back(came)
        elif came is not None:
            for address, old, _ in came:
                self.cells[address] = old

    def next_step(self, thread: int) -> Came:
        """The next step of a thread, or the writes of the event that is due, for EVENT."""
        if thread != EVENT:
            return self.leaf(thread)
        event = self.idle()
        assert isinstance(event, Event)
        return self.event(event)[0]

    def event(self, event: Event) -> tuple[tuple[Write, ...], tuple[tuple[object, ...], ...]]:
        """What an event writes at the present state, and its effects; the cells do not change."""
        self.timed = True
        self._clear()
        perform_event(self.vm, event, 1)
        return _net(self._taken_back()), tuple(self.vm.effects)

    def _clear(self) -> None:
        self.log.clear()
        self.vm.effects.clear()

    def _taken_back(self) -> list[Write]:
        """Undo and return the writes since the last step, in order."""
        raw, cells = self.journal.take_unmarked(), self.cells
        for address, old, _ in reversed(raw):
            cells[address] = old
        return raw

    def _learn(self, t: int) -> Leaf:
        """Let thread `t` take its step, and remember what it reads and does."""
        states, before, live = self.states[t], self.local[t], self.runner.live[t]
        states.go_to(before)
        self._clear()
        call = live.steps
        finding = self._perform(t)
        reads, writes = self.log.reads(), self.log.written()
        begun = states.begun()
        raw = self._taken_back()
        if isinstance(finding, BadInput | CapacityError):
            raw, writes = [], []
        known = set(reads)
        more = dict.fromkeys((*writes, *self.marking.looks_at(t)))
        path = tuple((at, self.content.get(at)) for at in (*reads, *(at for at in more if at not in known)))
        after = before
        if finding is None:
            goes_on = call is not None and live.steps is call
            after = states.number(states.way(before, path) if goes_on else Way(None, begun=begun))
            self._note(t, after)
        else:
            states.lose()
        leaf = self._leaf(t, before, after, raw, finding)
        leaf.reads, leaf.writes = tuple(reads), tuple(writes)
        self._insert(t, before, path, leaf)
        return leaf

    def _perform(self, t: int) -> Ending | None:
        """Take a step of the kernel; return the panic or error that ends it."""
        try:
            self.runner.perform(t)
        except KernelPanic as panic:
            self.vm.thread.state[t] = PANICKED
            return panic
        except (BadInput, CapacityError) as error:
            return error
        return None

    def _leaf(self, t: int, before: int, after: int, raw: list[Write], finding: Ending | None) -> Leaf:
        net = _net(raw)
        changed = {address for address, _, _ in net}
        self.timed = self.timed or any(_inside(address, self._timed) and new for address, _, new in net)
        locks = (self.states[t].locks[before], self.states[t].locks[after])
        delta, of_cell = self._delta_of_frames(t, before, after, finding), self.keys.of_cell
        for address, old, new in net:
            delta ^= of_cell(address, old) ^ of_cell(address, new)
        cpus = any(lock is not None and lock >= 0 for lock in locks) or _inside_any(changed, self._cpus)
        if locks[0] is None and cpus:
            # A spinlock that was only tried is not announced, and pins the cpu too.
            self.choices.note_lock(t, 0)
        times = _inside_any(changed, self._times)
        keeps = not cpus and not _inside_any(changed, self._links)
        marks = self.marking.change(t, self.cells.__getitem__, raw)
        return Leaf(
            thread=t,
            before=before,
            after=after,
            changes=tuple((address, new) for address, _, new in net),
            undo=tuple((address, old) for address, old, _ in net),
            delta=delta,
            finding=finding,
            reads=(),
            writes=(),
            effects=tuple(self.vm.effects),
            marks=marks,
            times=times,
            quiet=marks is None and not times and not cpus,
            still=marks is None and not times and keeps,
            keeps=keeps,
        )

    def _delta_of_frames(self, t: int, before: int, after: int, finding: Ending | None) -> int:
        states = self.states[t]
        new = (t, "finding", str(finding)) if finding is not None else (t, states.frames[after])
        return self.keys.of((t, states.frames[before])) ^ self.keys.of(new)

    def _note(self, t: int, number: int) -> None:
        """Note a local state that may be new."""
        if number == len(self.trees[t]):
            self.trees[t].append(None)
            self._fast[t].append([])
            self.choices.note_lock(t, self.states[t].locks[number])

    def _insert(self, t: int, local: int, path: tuple[tuple[Read, Value], ...], leaf: Leaf) -> None:
        """Put a leaf into the tree of a local state."""
        self.leaves += 1
        numbered = [(read if isinstance(read, int) else self._number(read), value) for read, value in path]
        self.trees[t][local] = planted(self.trees[t][local], numbered, leaf)
        addresses = tuple(read for read, _ in numbered)
        if addresses and min(addresses) >= 0:
            self._shorten(t, local, addresses, leaf)

    def _shorten(self, t: int, local: int, addresses: tuple[int, ...], leaf: Leaf) -> None:
        """Add a leaf to the short cut for the cells that it reads, if there is one or room for one."""
        read_all, table = itemgetter(*addresses), self._tables.get((t, local, addresses))
        if table is None:
            if len(self._fast[t][local]) == _SHORT_CUTS:
                return
            table = self._tables[t, local, addresses] = {}
            self._fast[t][local].append((read_all, table.get))
        table[read_all(self.cells)] = leaf

    def _number(self, whole: Whole) -> int:
        known = self._whole_numbers.get(whole)
        if known is None:
            self.wholes.append(whole)
            known = self._whole_numbers[whole] = -len(self.wholes)
        return known

    # --- keys -----------------------------------------------------------------------------------------------

    def cpu_part(self) -> int:
        """The part of the present state's key that says who has the cpus, as far as it matters."""
        found = 0
        if self.choices.spins or self.choices.ordered:
            for part in self.choices.cpu_keys():
                found ^= self.keys.of(("cpu", part))
        return found

    def marks_part(self, marks: Marks) -> int:
        """The part of a key that says what a schedule has done; 0 for what it starts with."""
        start = self.marking.start
        return 0 if marks == start else self.keys.of(marks) ^ self.keys.of(start)

    def times_part(self) -> int:
        """The part of the present state's key that says how long waits have lasted."""
        if not self.timed:
            return 0
        return self.keys.of(("times", self.keys.times())) ^ self.keys.of(("times", self._first_times))


Stretches = list[tuple[int, int]]


def _inside(address: int, stretches: Stretches) -> bool:
    return any(first <= address < beyond for first, beyond in stretches)


def _inside_any(addresses: Iterable[int], stretches: Stretches) -> bool:
    return any(_inside(address, stretches) for address in addresses)


def _net(raw: list[Write]) -> tuple[Write, ...]:
    """The cells that a list of writes changes, each once: the first old value and the last new one."""
    first, last = dict[int, int](), dict[int, int]()
    for address, old, new in raw:
        first.setdefault(address, old)
        last[address] = new
    return tuple((address, old, last[address]) for address, old in first.items() if old != last[address])


def _past_opening(history: History) -> int:
    """Take the steps in which there is no choice; return how many there are."""
    opening = history.opening
    while opening is not None and opening.lasts(history.step) and history.extend(1):
        pass
    return history.total
