"""What a scenario may take at most on a computer that others use too.

The machine is checked before it boots, and a reference string before it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.memory.journal import HISTORY_LIMIT
from engine.references.made import PREFIX, made
from engine.words import byte_size

if TYPE_CHECKING:
    from engine.machine.topology import Hardware
    from engine.scenario.format import ScenarioForm


@dataclass(frozen=True)
class Bounds:
    """The bounds of every run; None: what the engine allows.

    history: of all branches of a run, in bytes.
    memory:  of a machine, from its first frame to its last, in bytes; as much for its swap space.
    steps:   of each branch, of the setup, and of the references that a thread takes.
    """

    history: int = HISTORY_LIMIT
    memory: int | None = None
    steps: int | None = None

    def of(self, form: ScenarioForm) -> ScenarioForm:
        """Return a scenario's form with at most so many steps.

        Errors: BadInput for too much swap space, and for a made reference string that is too long.
        """
        if self.memory is not None and form.machine.swap * PAGE_SIZE > self.memory:
            most = self.memory // PAGE_SIZE
            raise form.machine.error(
                f"swap = {form.machine.swap:,} is too much on this server; use at most {most:,} blocks"
            )
        if self.steps is None:
            return form
        for trace in filter(None, (thread.trace for thread in form.threads)):
            try:
                self.check_string(trace.name)
            except BadInput as error:
                raise trace.error(error.message) from None
        return replace(form, steps=min(form.steps, self.steps))

    def check_string(self, name: str) -> None:
        """Check a reference string, if it is a made one: the others are as long as their files.

        Errors: BadInput if it is too long, or if there is no such made string.
        """
        if self.steps is not None and name.startswith(PREFIX) and len(made(name)) > self.steps:
            words = f"{len(made(name)):,} references are too many on this server"
            raise BadInput(f"{words}; use a length of at most {self.steps:,}")

    def check(self, hardware: Hardware) -> None:
        """Check the machine of a run.

        Errors: BadInput if it is too large.
        """
        spans = hardware.phys_avail
        size = spans[-1][1] - spans[0][0] if spans else 0
        if self.memory is not None and size > self.memory:
            raise BadInput(
                f"a machine with {byte_size(size)} of memory is too large on this server; "
                f"use at most {byte_size(self.memory)}, such as {self.memory >> 20}MiB:1x2x1"
            )

    @property
    def more_history(self) -> str:
        """What to do for a run that has no room in its history, as the end of a message."""
        if self.memory is None:
            return "give more with --history SIZE"
        return "this server allows no more; pageq tui --open on your own computer does"


UNBOUNDED: Final = Bounds()
"""The bounds on the user's own computer."""
