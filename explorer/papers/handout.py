"""A handout: a scenario's lesson on paper, with a picture of each moment and the questions in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.errors import BadInput
from engine.run.history import History
from engine.scenario.loader import Scenario
from engine.words import plural
from explorer.commands.keys import Keys
from explorer.commands.lesson import do_words
from explorer.papers.exercise import Exercise, exercises_of
from explorer.papers.moment_pictures import Moment, MomentCamera
from explorer.papers.paper_head import settings_words
from explorer.papers.screen_picture import ScreenPicture


@dataclass(frozen=True)
class Page:
    """A page of the lesson: its number from 1, its text as Markdown, and what to do on the screen, or ""."""

    number: int
    say: str
    do: str


@dataclass
class Stop:
    """A moment of the run: the pages that belong to it, and the questions that are asked there."""

    step: int
    pages: list[Page] = field(default_factory=list)
    exercises: list[Exercise] = field(default_factory=list)


@dataclass(frozen=True)
class PicturedStop:
    """A stop with what the screen shows there, as a picture and as text."""

    stop: Stop
    picture: ScreenPicture
    text: str


@dataclass(frozen=True)
class Handout:
    """What a handout says.

    total:    the steps of the run.
    facts:    the machine, the objects and so on, each with a heading.
    scripts:  the setup and the threads, each with its script.
    left_out: why a page or a question is not in it.
    """

    scenario: Scenario
    total: int
    stops: tuple[PicturedStop, ...]
    facts: tuple[tuple[str, str], ...]
    scripts: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]

    def caption(self, stop: Stop) -> str:
        """Say where in the run a stop is: `step 41 of 143`."""
        return f"step {stop.step:,} of {self.total:,}"


def make_handout(scenario: Scenario, camera: MomentCamera) -> Handout:
    """Run a scenario, and take the pictures of its handout.

    Errors: BadInput if the machine cannot be built; those of Runner.take.
    """
    paper = exercises_of(scenario, run=True)
    history = paper.history or scenario.start()
    scenario.run(history)
    left_out = list(paper.left_out)
    stops = _stops_of_lesson(scenario, history, left_out)
    _place(stops, paper.asked)
    facts, total = tuple(_facts(scenario, history)), history.total
    pictured = tuple(_pictured(scenario, stop, camera) for stop in stops)
    return Handout(scenario, total, pictured, facts, tuple(_scripts(scenario)), tuple(left_out))


def _stops_of_lesson(scenario: Scenario, history: History, left_out: list[str]) -> list[Stop]:
    """Return the moments of the lesson in its order; those of a run without a lesson are its start and end.

    A page without a moment belongs to that of the page before; one that the run does not reach is left out.
    """
    if not scenario.pages:
        return [Stop(0), Stop(history.total)]
    stops = [Stop(0)]
    for number, page in enumerate(scenario.pages, 1):
        try:
            step = page.step(history, scenario.steps)
        except BadInput as error:
            left_out.append(f"{scenario.name}: page {number} is left out: {error.message}")
            continue
        if step is not None and step != stops[-1].step:
            stops.append(Stop(step))
        stops[-1].pages.append(Page(number, page.say, do_words(page.do, Keys()) if page.do else ""))
    return stops if stops[0].pages else stops[1:]


def _place(stops: list[Stop], exercises: Iterable[Exercise]) -> None:
    """Put each question at its moment, which becomes a stop of its own where the lesson has none."""
    for exercise in sorted(exercises, key=lambda one: (one.asked or 0, one.number)):
        step = exercise.asked or 0
        at = next((one for one in reversed(stops) if one.step == step), None)
        if at is None:
            at = Stop(step)
            later = (n for n, one in enumerate(stops) if one.step > step)
            stops.insert(next(later, len(stops)), at)
        at.exercises.append(exercise)


def _pictured(scenario: Scenario, stop: Stop, camera: MomentCamera) -> PicturedStop:
    page = stop.pages[0].number - 1 if stop.pages else None
    session = camera.session(scenario, Moment(stop.step, bool(stop.exercises), page))
    return PicturedStop(stop, camera.picture(session), camera.text(session))


# --- what the run is made of ------------------------------------------------------------------------------


def _facts(scenario: Scenario, history: History) -> Iterator[tuple[str, str]]:
    vm, form = history.vm, scenario.form
    yield "scenario", ", ".join([scenario.name, form.level, *settings_words(scenario)])
    hardware = vm.config.hardware
    yield "machine", f"{hardware.name}, {plural(vm.colors, 'colour')}, rules {scenario.rules}"
    for part in form.objects:
        yield f"object {part.name}", f"{part.type}, {plural(part.size, 'page')}"
    for process in form.processes:
        maps = ", ".join(f"{one.object} at {one.start:#x} ({one.prot})" for one in process.maps)
        yield f"process {process.name}", f"pid {process.pid}, nice {process.nice}{maps and f', maps {maps}'}"
    for thread in form.threads:
        member = "" if thread.process is None else f", process {thread.process.name}"
        yield f"thread {thread.name}", f"cpu {thread.cpu}{member}"
    yield "schedule", scenario.schedule.text.strip() or "round robin"


def _scripts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    form = scenario.form
    if form.setup is not None and form.setup.text.strip():
        yield "setup", form.setup.text
    for thread in form.threads:
        if thread.script.text.strip():
            yield thread.name, thread.script.text
