"""Leaving out schedules that differ only in the order of steps that do not affect each other.

At a state where some thread's next step touches nothing that another thread may ever touch from here on, only
that step is taken: a persistent set of one thread. What a thread may touch is what its local states were seen
to touch. A search is repeated with what the one before it saw, until it sees nothing new. The last one finds
every outcome, but not every state, so nothing is counted.

Besides cells, steps touch a sleep channel, when they sleep on it or wake it; a cpu that threads share, if any
of them wants spinlocks; an address book, when they list it; an order of places. A step that ends the run is
never taken alone, and where a step closes a cycle, the others are taken too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from engine.explore.model.keys import LINKS, PROGRESS
from engine.explore.model.transitions import Leaf, Model
from engine.kernel.tokens import token_of_lock
from engine.memory.access_log import Stretch

Touched = int | tuple[str, int]
"""A cell, or something else that steps touch."""

_WIDE: Final = 2048
"""Cells of a stretch from which on a step that reads it is taken to depend on everything."""

_CHANNEL, _CPU, _BOOK, _PLACE = "channel", "cpu", "book", "place"


@dataclass(frozen=True)
class Access:
    """What a step, or a thread from a local state on, reads and writes.

    everything: it may be anything.
    """

    reads: frozenset[Touched] = frozenset()
    writes: frozenset[Touched] = frozenset()
    everything: bool = False

    def __or__(self, other: Access) -> Access:
        return Access(
            self.reads | other.reads, self.writes | other.writes, self.everything or other.everything
        )

    def affects(self, other: Access) -> bool:
        """Whether the order of the two can matter."""
        if self.everything or other.everything:
            return True
        both = self.writes.isdisjoint(other.reads) and self.writes.isdisjoint(other.writes)
        return not (both and self.reads.isdisjoint(other.writes))

    @property
    def size(self) -> tuple[int, int, bool]:
        """How much it is: it grows with whatever is added."""
        return len(self.reads), len(self.writes), self.everything


class Reduction:
    """Chooses the threads whose steps are enough, by what was seen in the searches before."""

    def __init__(self, model: Model) -> None:
        self.model = model
        at, places = model.vm.memory.address, model.vm.memory.places
        apart = (places[name].stretch for name in (*LINKS, *PROGRESS))
        self._apart = [stretch for stretch in apart if stretch in model.keys.aside]
        self._chan, self._state = places["thread.chan"].stretch, at("thread.state", 0)
        self._tokens = [
            at(f"object.{name}", 0) for name in ("locked_elsewhere", "token_owner", "token_shared")
        ]
        self._books = [places[column].stretch for _, column in model.vm.memory.books]
        self._accesses: dict[int, Access] = {}
        self._future: list[list[Access]] = [[] for _ in model.names]
        self._free: dict[tuple[int, int, int], bool] = {}

    def enough(self, threads: list[int]) -> list[int]:
        """Those of the threads that can take a step at the present state whose steps are enough."""
        if len(threads) > 1:
            for t in threads:
                leaf = self.model.leaf(t)
                if leaf.finding is None and self._is_alone(leaf):
                    return [t]
        return threads

    def _is_alone(self, leaf: Leaf) -> bool:
        """Whether no other thread may ever touch what a step touches, at the present state."""
        for u, local in enumerate(self.model.local):
            if u != leaf.thread:
                key = id(leaf), u, local
                known = self._free.get(key)
                if known is None:
                    future = self._future[u][local] if local < len(self._future[u]) else Access()
                    known = self._free[key] = not self._access(leaf).affects(future)
                if not known:
                    return False
        return True

    # --- between two searches -------------------------------------------------------------------------------

    def learn(self) -> bool:
        """Take in what the search has seen; return whether any of it is new."""
        before = [[access.size for access in own] for own in self._future]
        self._future = [self._futures(t) for t in range(len(self.model.names))]
        self._free.clear()
        return before != [[access.size for access in own] for own in self._future]

    def _futures(self, t: int) -> list[Access]:
        """For each local state of a thread, what it may touch from there on."""
        locals_ = range(len(self.model.trees[t]))
        leaves: list[list[Leaf]] = [list(_leaves(self.model.trees[t][local])) for local in locals_]
        awake = Access(frozenset({self._state + t}))
        found = [awake | self._own(t, local) for local in locals_]
        for local in locals_:
            for leaf in leaves[local]:
                found[local] |= self._access(leaf)
        changed = True
        while changed:
            changed = False
            for local in reversed(locals_):
                whole = found[local]
                for after in {leaf.after for leaf in leaves[local]}:
                    whole |= found[after]
                changed = changed or whole.size != found[local].size
                found[local] = whole
        return found

    # --- one step -------------------------------------------------------------------------------------------

    def _access(self, leaf: Leaf) -> Access:
        known = self._accesses.get(id(leaf))
        if known is None:
            known = self._accesses[id(leaf)] = self._of_leaf(leaf) | self._own(leaf.thread, leaf.before)
        return known

    def _own(self, t: int, local: int) -> Access:
        """What decides whether a thread that is awake can take its next step at a local state.

        No other thread can put it to sleep.
        """
        reads: set[Touched] = set()
        lock = self.model.states[t].locks[local]
        if lock is not None:
            reads |= {lock} if lock >= 0 else {at + token_of_lock(lock)[0] for at in self._tokens}
        cpu = self.model.choices.cpu_of[t]
        if self.model.choices.spins and cpu in self.model.choices.shared:
            return Access(frozenset(reads), frozenset({(_CPU, cpu)}))
        return Access(frozenset(reads))

    def _of_leaf(self, leaf: Leaf) -> Access:
        reads, writes, everything = set[Touched](), set[Touched](), False
        own_channel = self._chan[0] + leaf.thread
        for read in leaf.reads:
            if isinstance(read, int):
                if self._is_kept(read) and (not self._is_channel(read) or read == own_channel):
                    reads.add(read)
            elif isinstance(read, Stretch):
                everything = everything or read.beyond - read.first > _WIDE
                reads |= set() if everything else set(range(read.first, read.beyond))
            else:
                reads.add((_BOOK, read.book))
        writes |= {address for address in leaf.writes if self._is_kept(address)}
        writes |= {(_BOOK, book) for book in self._books_of(leaf.writes)}
        writes |= {(_CHANNEL, channel) for channel in self._channels(leaf)}
        if leaf.marks is not None:
            writes |= {(_PLACE, number // 2) for number in leaf.marks.reached}
        return Access(frozenset(reads), frozenset(writes), everything)

    def _is_kept(self, address: int) -> bool:
        return not any(first <= address < beyond for first, beyond in self._apart)

    def _is_channel(self, address: int) -> bool:
        return self._chan[0] <= address < self._chan[1]

    def _books_of(self, addresses: Iterable[int]) -> set[int]:
        return {
            number
            for number, (first, beyond) in enumerate(self._books)
            for address in addresses
            if first <= address < beyond
        }

    def _channels(self, leaf: Leaf) -> set[int]:
        """The sleep channels that a step wakes, sleeps on, or joins or leaves the queue of."""
        found = {int(effect[1]) for effect in leaf.effects if effect[0] in ("wakeup", "sleep")}  # type: ignore[call-overload]
        for address, value in (*leaf.changes, *leaf.undo):
            if self._is_channel(address) and value:
                found.add(value)
        return found


def _leaves(tree: Any) -> Iterable[Leaf]:
    """All leaves of a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Leaf):
            yield node
        elif node is not None:
            waiting.extend(node[1].values())
