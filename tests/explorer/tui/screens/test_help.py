"""The help page and the lesson: the text at every width, and that a page opens, scrolls and closes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Markdown

from explorer.commands.glossary import FIELDS, PANELS, REFERENCE
from explorer.commands.keys import Keys
from explorer.commands.table import GROUPS
from explorer.session import stepping
from explorer.session.session import Session
from explorer.tui.app import PageqApp
from explorer.tui.screens.help import HelpScreen, help_text
from explorer.tui.screens.main import MainScreen
from tests.explorer.cursor_motions import drive
from tests.explorer.screen_at_rest import lines_shown


def test_the_help_begins_with_the_panel_in_focus_and_the_field_under_the_cursor() -> None:
    text = help_text(92, panel="page", field="busy_count").split("\n\n")
    assert " ".join(text[0].split()) == PANELS["page"]
    assert " ".join(text[1].split()) == f"busy_count: {FIELDS['busy_count']}"
    assert text[2].startswith("The stage: a lane is a queue type")


def test_the_help_on_a_field_has_the_colours_of_the_machine() -> None:
    text = " ".join(help_text(92, panel="page", field="queue", colors=8).split())
    assert "queue: The queue that the page is on, one of 5 x 8 on this machine;" in text


@pytest.mark.parametrize(
    ("panel", "field"), [("", ""), ("nowhere", ""), ("", "busy_count"), ("centre", "busy_count")]
)
def test_a_field_is_explained_on_the_page_panel_alone(panel: str, field: str) -> None:
    text = help_text(92, panel=panel, field=field)
    assert FIELDS["busy_count"].split(".")[0] not in text
    assert text.startswith("The stage: a lane")
    assert text.count("The stage:") == 1


def test_the_help_says_how_to_read_the_lesson_and_to_answer() -> None:
    assert (
        "The lesson: r reads on and R turns back, in time too; L closes it and opens it, 9 goes to it. A "
        "motion forwards stops where the scenario asks a question: a digit or a click answers, and the run "
        "goes to what decides it; Esc leaves it, p asks it again, ! continues past questions."
    ) in " ".join(help_text(92).split())
    own = Keys({"lesson-next": ("x",), "predict": ()})
    words = " ".join(help_text(92, own).split())
    assert "The lesson: x reads on" in words
    assert ":predict asks it again" in words


@pytest.mark.parametrize("width", [40, 69, 70, 92])
def test_a_command_takes_one_line_on_a_wide_page_and_two_on_a_narrow_one(width: int) -> None:
    lines = help_text(width).split("\n")
    at = next(n for n, line in enumerate(lines) if ":step " in f"{line} ")
    if width >= 70:
        assert lines[at].split(maxsplit=3)[-1] == "Take one atomic step."
    else:
        assert lines[at + 1] == "   Take one atomic step."


def test_the_groups_come_in_the_tables_order() -> None:
    lines = help_text(92).split("\n")
    assert [line for line in lines if line in GROUPS] == list(GROUPS)


@pytest.mark.parametrize("width", [40, 92])
def test_the_help_says_how_to_select_text(width: int) -> None:
    words = " ".join(help_text(width).split())
    assert "Shift+drag (macOS: Option+drag) selects text. pageq tui --no-mouse leaves" in words


def test_in_ascii_the_empty_cell_is_a_blank_in_quotes() -> None:
    assert "from · (no page)" in help_text(92)
    assert "from ' ' (no page)" in help_text(92, Keys(ascii=True))


async def test_help_opens_and_closes(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("?")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("j", "escape")
        assert isinstance(pilot.app.screen, MainScreen)


async def test_the_lesson_is_shown(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(":", *"lesson all", "enter")
        await pilot.pause()
        assert pilot.app.screen.query_one(Markdown)
        await pilot.press("q")
        assert isinstance(pilot.app.screen, MainScreen)


MARKUP = "[@click=app.bell]press[/] [b]here"
"""A text that Textual would read as markup, and with it as an action."""


async def test_the_title_of_a_strangers_lesson_is_only_text(session: Session) -> None:
    assert session.scenario is not None
    session.scenario = replace(session.scenario, form=replace(session.scenario.form, title=MARKUP))
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(":", *"lesson all", "enter")
        assert MARKUP in "\n".join(await lines_shown(pilot))


async def test_a_strangers_question_is_only_text_in_the_palette(life: Session) -> None:
    scenario = life.scenario
    assert scenario is not None
    first, *others = scenario.questions
    life.scenario = replace(scenario, questions=(replace(first, ask=MARKUP), *others))
    drive(stepping.go_to(life, None))
    async with PageqApp(life).run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"question press")
        await pilot.pause(0.3)
        assert MARKUP in "\n".join(await lines_shown(pilot))


async def test_help_describes_the_panel_in_focus_and_scrolls(session: Session) -> None:
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press("3", "?")
        shown = await lines_shown(pilot)
        assert PANELS["threads"][:40] in "\n".join(shown)
        page = pilot.app.screen.query_one(VerticalScroll)
        await pilot.press("j", "down", "k")
        assert page.scroll_offset.y == 1


async def test_a_scenario_without_a_lesson_says_so(session: Session) -> None:
    session.scenario = None
    async with PageqApp(session).run_test(size=(80, 24)) as pilot:
        await pilot.press(":", *"lesson all", "enter")
        assert "This scenario has no lesson." in "\n".join(await lines_shown(pilot))


def test_the_help_of_a_guest_offers_only_what_is_possible() -> None:
    own, guests = help_text(92), help_text(92, guest=True)
    assert "--no-mouse" in own
    assert ":save" in own
    assert "This screen runs on a server. No file is read there" in guests
    for refused in ("--no-mouse", ":save", ":edit", ":map"):
        assert refused not in guests


@pytest.mark.parametrize("width", [40, 92])
def test_the_help_ends_with_where_the_reference_is(width: int) -> None:
    last = help_text(width).rpartition("\n\n")[2]
    assert " ".join(last.split()) == REFERENCE
