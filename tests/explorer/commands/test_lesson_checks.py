"""What is wrong with a lesson whose file loads: commands and links to nothing, moments that never come."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadInput
from engine.scenario.loader import Scenario, load
from explorer.commands.lesson_checks import carry_out_alone, follow, lesson_faults
from explorer.session.session import Session
from tests.engine.scenario.small_scenarios import THREAD, scenario_of

SCRIPT = "m = vm_page_alloc(NULL, 0, VM_ALLOC_NORMAL)\nvm_page_hold(m)\nvm_page_unhold(m)"


def with_pages(pages: str, **options: Any) -> Scenario:
    return scenario_of(rest=THREAD.format(SCRIPT) + pages, **options)


def faults(pages: str, **options: Any) -> list[str]:
    return [str(fault) for fault in lesson_faults(with_pages(pages, **options))]


@pytest.mark.parametrize(
    ("page", "line", "words"),
    [
        ('say = "x"\ndo = "nocommand"', 15, "cannot be carried out: unknown command 'nocommand'; "),
        ('say = "x"\ndo = "s"', 15, "'s' cannot be carried out: 's' is ambiguous; use step, stop"),
        ('say = "x"\ndo = "over 5"', 15, "cannot be carried out: over takes no argument; remove '5'"),
        ('say = "x"\ndo = ":view nolens"', 15, "cannot be carried out: there is no lens called 'nolens'; "),
        ('say = "x"\ndo = "goto app:9"', 15, "cannot be carried out: line 9 of app has no code"),
        ('say = "x"\ndo = "thread pager"', 15, "'thread pager' cannot be carried out: "),
        ('say = "x"\ndo = "open nowhere"', 15, "cannot be carried out: there is no scenario 'nowhere'"),
        ('say = "x"\ndo = "rules strict"', 15, "'rules strict' cannot be carried out: "),
        ('say = "[x](lens:nolens)"', 14, "(lens:nolens): there is no lens called 'nolens'; there are log"),
        ('say = "[x](field:nofield)"', 14, "(field:nofield): 'nofield' has no explanation; use a field"),
        ('say = "[x](term:noterm)"', 14, "(term:noterm): 'noterm' has no explanation; use "),
        ('say = "[x](code:nofunction)"', 14, "(code:nofunction): 'nofunction' has no explanation; use "),
        ('say = "[x](panel:nopanel)"', 14, "(panel:nopanel): there is no panel 'nopanel'; the panels are: "),
        ('say = "[x](scenario:nowhere)"', 14, "(scenario:nowhere): there is no scenario 'nowhere'; give"),
        ('say = "[x](step:5000)"', 14, "(step:5000): there is no step 5000; the run has steps 0 to "),
        ('say = "x"\nat = 5000', 15, "the run does not come to this moment: there is no step 5000; the"),
        ('say = "x"\nat = "when app.m == 3"', 15, "does not come to this moment: 'app.m == 3' never holds; "),
        ('say = "x"\nlook = ["code",\n"app.m.queue"]', 16,
         "'app.m.queue' cannot be read at this moment, step 0: app.m is NULL here"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_a_fault_at_its_line(page: str, line: int, words: str) -> None:
    (fault,) = faults(f"[[page]]\n{page}\n")
    assert fault.startswith(f"scenario:{line}: ")
    assert words in fault


GOOD = """
[[page]]
say = "[a](lens:waits) [b](field:queue) [c](term:wired) [d](code:vm_page_hold) [e](panel:stage)"
do = "step 2"
[[page]]
at = "app:2"
say = "[a](scenario:tour) [b](step:app:3) [c](step:end)"
look = ["app.m.hold_count", "threads"]
do = ":whynot"
[[page]]
say = "The same moment."
look = ["app.m.queue"]
do = "save never-written"
[[page]]
at = "end"
say = "Choose."
do = "open tour"
"""


def test_a_lesson_that_leads_somewhere_has_no_fault() -> None:
    assert faults(GOOD) == []


def test_every_fault_is_found_in_order() -> None:
    pages = '[[page]]\nsay = "[a](lens:x) [b](term:x)"\ndo = "x"\n[[page]]\nat = 9999\nsay = "y"\ndo = "y"\n'
    assert [fault.split(":")[1] for fault in faults(pages)] == ["14", "14", "15", "17", "19"]


def test_under_other_settings_moments_are_not_tried_but_words_are() -> None:
    pages = '[[page]]\nat = 5000\nsay = "[a](step:6000)"\nlook = ["app.m.pc"]\ndo = "goto 7000"\n'
    assert faults(pages, rules="source") == []
    assert len(faults(pages.replace("goto", "gato") + "", rules="source")) == 1


def test_the_sections_of_the_key_lesson_are_checked_too() -> None:
    (fault,) = faults("", top='lesson = """\n# One\n\nSee [x](lens:nolens).\n"""')
    assert fault.startswith("scenario:3: (lens:nolens): there is no lens called 'nolens'")


def test_a_link_and_a_line_act_on_the_session_alone() -> None:
    scenario = load("life-of-a-page")
    session = Session(scenario.start(), scenario)
    carry_out_alone(session, ":step 3")
    assert session.history.step == 3
    follow(session, "lens", "waits")
    assert session.lens == "waits"
    with pytest.raises(BadInput, match="there is no lens called"):
        follow(session, "lens", "nolens")
