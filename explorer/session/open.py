"""Opening a scenario, or the moment that a token names, as a session. Needs no screen."""

from __future__ import annotations

from dataclasses import replace

from engine.saved.reopen import open_token
from engine.saved.state_string import PREFIX, decode
from engine.scenario.loader import Scenario, load
from explorer.session.session import Scene, Session


def scene_of(scenario: Scenario | Scene | None, rules: str | None = None) -> Scene:
    """What the screen wants to know about a scenario; `rules` replaced its own."""
    if scenario is None or isinstance(scenario, Scene):
        return scenario or Scene()
    form = scenario.form
    return Scene(
        scenario.name,
        scenario.title,
        form.lesson,
        scenario.names,
        str(form.path),
        scenario.machine,
        rules,
        scenario.questions,
    )


def open_session(name: str, machine: str | None, rules: str | None) -> Session:
    """A session at step 0 of a scenario.

    Errors: BadInput for whatever is wrong with it, CapacityError.
    """
    if name.startswith(PREFIX):
        opened = open_token(decode(name))
        scene = replace(scene_of(opened.scenario), names=opened.replayed.current_names)
        session = Session(opened.replayed.history, scene, opened.scenario)
        session.say(f"opened {opened.scenario.name} at step {session.history.step:,}", "hint")
        return session
    scenario = load(name, machine=machine, rules=rules)
    session = Session(scenario.start(), scene_of(scenario, rules), scenario)
    session.say(f"opened {scenario.name}: {scenario.title}; L tells what it teaches", "hint")
    return session
