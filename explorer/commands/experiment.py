"""What the command `experiment` does: measure an experiment, list them, open a run of one, go back."""

from __future__ import annotations

from collections.abc import Callable

from explorer.commands.actions import leaves
from explorer.commands.host import Desk
from explorer.session import experiment
from explorer.session.session import Session
from explorer.session.stepping import Motion


def measure_or_open(desk: Desk, argument: str) -> Motion | None:
    """Start an experiment, show the last one or the list, open the run of a row, or go back from it."""
    word, _, rest = argument.partition(" ")
    if word == experiment.OPEN:
        return _leaves(desk, lambda: experiment.open_run(desk.session, rest.strip()))
    if argument == experiment.BACK:
        return _leaves(desk, lambda: experiment.back(desk.session))
    if argument == experiment.LIST:
        experiment.show_list(desk.session)
    elif argument == experiment.ROWS:
        experiment.turn_rows(desk.session)
    else:
        experiment.begin(desk.session, argument)
    desk.follow_sweep()
    return None


def _leaves(desk: Desk, opened: Callable[[], Session]) -> Motion | None:
    """Show another session; only that of a run is lost, the one from which runs are opened stays."""
    if desk.session.origin is None:
        desk.show_session(opened())
        return None
    return leaves(lambda *_: desk.show_session(opened()))(desk, "")
