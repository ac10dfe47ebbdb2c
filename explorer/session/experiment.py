"""The experiment of a program: its sweep, and the sessions in which single runs of it are opened.

An experiment has its own scenario: it is about neither the session's scenario nor its cursor. All sessions of
a program share it, so that its table stays while its runs are opened one after another.
"""

from __future__ import annotations

import shlex
from typing import Final

from engine.errors import BadInput
from engine.words import plural
from explorer.session.background import TIME
from explorer.session.session import Session
from explorer.session.typed_number import number_of

LENS: Final = "experiment"

OPEN: Final = "open"
BACK: Final = "back"
ROWS: Final = "rows"
LIST: Final = "list"

VARY: Final = "--vary"
"""The option of `pageq experiment` before a setting; here it may be left out."""

WORDS: Final = (OPEN, BACK, ROWS, LIST)
"""The words that `experiment` takes beside the name of an experiment."""

TIME_IS_OVER: Final = "this server measures for 5 min at a time, and the same command measures the rest"

# --- the sweep --------------------------------------------------------------------------------------------


def begin(session: Session, text: str) -> None:
    """Start an experiment; without a text, show the last one, or the list.

    text: its name or file, and settings that vary, KEY=VALUES each, with `--vary` before it or not.
    Errors: BadInput for an invalid experiment or setting, or while another one runs.
    """
    # Imported here, as below: few sessions have an experiment.
    from engine.experiments.experiment import load_experiment  # noqa: PLC0415
    from explorer.session.experiment_sweep import sweep_of  # noqa: PLC0415

    shared = session.experiments
    if not text:
        session.look_through(LENS)
        return
    name, *words = _words(text)
    vary = [word.removeprefix(f"{VARY}=") for word in words if word != VARY]
    wrong = next((word for word in vary if "=" not in word), None)
    if wrong is not None:
        raise BadInput(
            f"experiment: {wrong[:40]!r} does not vary a setting; use KEY=VALUES, such as cpus=1,4"
        )
    if shared.sweep is not None:
        raise BadInput(f"{shared.sweep.experiment.name} is being measured; Esc ends that, then start another")
    session.computer.check_experiment(name, vary)
    experiment = load_experiment(name, vary)
    shared.sweep = sweep_of(experiment, session.computer)
    session.look_through(LENS)
    points = plural(len(experiment.points), "point")
    session.say(f"measuring {experiment.name}: {points}; Esc ends it and keeps what is finished")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(f"experiment: {str(error).lower()} in {text[:60]!r}; end the quoted text") from None


def stop(session: Session) -> bool:
    """Let the running experiment end; return whether there is one."""
    sweep = session.experiments.sweep
    if sweep is None:
        return False
    sweep.stop()
    session.say("the experiment ends; its finished points are kept")
    return True


def take(session: Session) -> bool:
    """Take the result of an experiment that has ended; return whether there was one.

    Errors: those of the sweep: BadInput, CapacityError, InvariantViolation.
    """
    from explorer.views.experiment_words import far_words, short_name  # noqa: PLC0415

    shared = session.experiments
    if shared.sweep is None or not shared.sweep.done:
        return False
    sweep, shared.sweep = shared.sweep, None
    shared.measured = sweep.result()
    ended = f"; {TIME_IS_OVER}" if sweep.stopped == TIME else ""
    session.say(f"{short_name(shared.measured.experiment)}: {far_words(shared.measured)}{ended}")
    return True


def result(session: Session) -> str:
    """What the last experiment found, without the number of its points: `reuse: the claim holds`."""
    from explorer.views.experiment_words import result_words, short_name  # noqa: PLC0415

    found = session.experiments.measured
    return "" if found is None else f"{short_name(found.experiment)}: {result_words(found)}"


def show_list(session: Session) -> None:
    """Show the list of experiments instead of what was measured.

    Errors: BadInput while an experiment runs.
    """
    if session.experiments.sweep is not None:
        raise BadInput("an experiment is being measured; Esc ends it, then experiment list")
    session.experiments.measured = None
    session.look_through(LENS)


def turn_rows(session: Session) -> None:
    """Show a line for each run, or one for each group of repetitions again."""
    shared = session.experiments
    shared.each = not shared.each
    session.look_through(LENS)
    session.say(
        "a line for each run" if shared.each else "a line for the runs that differ only in their seed"
    )


# --- a run of it ------------------------------------------------------------------------------------------


def open_run(session: Session, text: str) -> Session:
    """Open a run of the experiment as a session at step 0; the session that it came from is its origin.

    text: the number of a row.
    Errors: BadInput for another text, or settings with which nothing can be opened.
    """
    from explorer.views.experiment import number_of_run, settings_words  # noqa: PLC0415

    shown = session.experiments.shown
    if shown is None:
        raise BadInput("no experiment is measured yet; experiment lists them, experiment NAME starts one")
    experiment, number = shown.experiment, number_of(text, "a row")
    if not 1 <= number <= shown.total:
        raise BadInput(f"{shown.experiment.name} has no row {number:,}; use 1 to {shown.total:,}")
    point = experiment.points[number - 1]
    scenario = experiment.scenario_of(point).within(session.computer.bounds)
    opened = Session(scenario.start(session.history.limit), scenario, computer=session.computer)
    opened.experiments = session.experiments
    opened.origin = session.origin or session
    opened.point = number
    opened.lens = LENS
    done = any(number_of_run(row) == number for row in shown.rows)
    measured = "" if done else "; it is not measured yet"
    words = settings_words(point.settings)
    opened.say(f"row {number:,}: {words}{measured}; c runs it, :experiment back returns", "hint")
    return opened


def back(session: Session) -> Session:
    """The session from which the runs of the experiment were opened.

    Errors: BadInput if this session is not such a run.
    """
    if session.origin is None:
        raise BadInput("this is not a run that was opened from an experiment; experiment open ROW opens one")
    session.origin.look_through(LENS)
    session.origin.say(f"back in {session.origin.name or 'the run before'}")
    return session.origin
