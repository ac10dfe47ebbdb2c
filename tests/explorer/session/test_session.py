"""A session: what is shown while moments are compared, the first hint, and the digest."""

from __future__ import annotations

import pytest

from engine.scenario.loader import load
from explorer.session.session import Session


def test_colours_that_differ_are_shown_while_they_are_compared(life: Session) -> None:
    life.differing = {"FREE": frozenset({3})}
    assert life.differences_shown == {}
    life.look_through("compare")
    assert life.differences_shown == {"FREE": frozenset({3})}


@pytest.mark.parametrize(
    ("name", "hint"), [("tour", "r reads on"), ("life-of-a-page", ":open tour for a tour")]
)
def test_the_first_hint_does_not_open_what_is_open(name: str, hint: str) -> None:
    scenario = load(name)
    assert (
        Session(scenario.start(), scenario).note.text == f"press s to take the first step, ? for help, {hint}"
    )


def test_the_digest_is_reported_with_its_step(life: Session) -> None:
    life.history.extend(3)
    life.tell_digest()
    assert life.note.text == f"step 3: digest {life.vm.memory.digest()}"
    assert life.next_stop == 1
