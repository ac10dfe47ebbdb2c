"""Questions on the screen: a run stops, and the question takes the place of the lesson, then the reason."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from engine.scenario.loader import load, load_text
from explorer.commands.config import Settings
from explorer.session.questions import asked_here, question_state
from explorer.tui.app import PageqApp, make_app
from explorer.tui.layouts import LENS
from explorer.tui.screens.main import MainScreen
from explorer.tui.widgets.lens import LensPanel
from explorer.tui.widgets.question_panel import QuestionPanel
from explorer.tui.widgets.threads_panel import Threads
from tests.explorer.asked_in_advance import TEXT
from tests.tiers import only_fast

SIZES = ((40, 15), (80, 24), (120, 40), (200, 60))

each_size = pytest.mark.parametrize(
    "size", only_fast(SIZES, (80, 24)), ids=lambda size: f"{size[0]}x{size[1]}"
)


def learner(text: str = TEXT, settings: Settings | None = None) -> PageqApp:
    scenario = load_text(text, "asked.toml")
    app = make_app(scenario, scenario.start(), settings=settings or Settings())
    app.animation_level = "none"
    return app


async def press(pilot: Pilot[None], *keys: str) -> str:
    """Press keys, and return what the screen shows."""
    await pilot.press(*keys)
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def right(app: PageqApp) -> str:
    """The key of the right choice."""
    screen = app.screen
    assert isinstance(screen, MainScreen)
    asked = asked_here(screen.session)
    assert asked is not None
    return str(asked.right + 1)


@each_size
async def test_a_question_is_offered_at_the_start_and_asked_before_the_first_step(
    size: tuple[int, int],
) -> None:
    app = learner()
    async with app.run_test(size=size) as pilot:
        shown = await press(pilot)
        assert "question 1 of 4" in shown
        assert "p answer" in shown
        assert "Which queue?" not in shown
        shown = await press(pilot, "n")
        assert app.session.history.step == 0
        assert "Which queue?" in shown
        assert all(choice in shown for choice in ("PQ_FREE", "PQ_NONE", "PQ_ACTIVE"))


@each_size
async def test_digits_answer_and_the_reason_is_beside_the_screen(size: tuple[int, int]) -> None:
    app = learner()
    async with app.run_test(size=size) as pilot:
        await press(pilot, "p")
        shown = await press(pilot, right(app))
        assert "Which busy_count?" in shown
        shown = await press(pilot, right(app))
        assert "Which queue then?" in shown
        assert "FREE" in shown, "the stage is still there"
        shown = await press(pilot, right(app))
        assert "questions 1 and 2 of 4" in shown
        assert "No function puts it on another queue." in shown.replace("\n", " ")
        shown = await press(pilot, "c")
        assert "Right" in shown or "right" in shown
        assert app.session.score.short == "3/3"


@each_size
@pytest.mark.parametrize("lessons", ["on", "off"])
async def test_a_question_takes_the_place_of_the_lesson_open_or_closed_which_then_comes_back(
    size: tuple[int, int], lessons: str
) -> None:
    app = learner(settings=Settings(lessons=lessons))
    async with app.run_test(size=size) as pilot:
        before = await press(pilot)
        assert ("── lesson" in before) is (lessons == "on")
        shown = await press(pilot, "p")
        assert "question 1 of 4 ━" in shown.replace("─", "━")
        assert "━━ lesson" not in shown.replace("─", "━")
        assert "FREE" in shown, "the stage is still there"
        panels = slice(1, -3)  # without the status, the timeline, the message and the footer
        after = (await press(pilot, "escape")).replace(" r your score ", "─" * 14)
        assert after.splitlines()[panels] == before.splitlines()[panels]


async def test_escape_leaves_the_question_and_p_asks_it_again() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Which queue?" in await press(pilot, "p")
        shown = await press(pilot, "escape")
        assert "Which queue?" not in shown
        assert "── lesson" in shown
        assert "question 1 is still due" in shown
        assert "Which queue?" in await press(pilot, "p")
        await press(pilot, "escape")
        assert app.screen.focused is not None
        assert app.screen.focused.id == "stage"


async def test_a_click_on_a_choice_answers() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "p")
        number = int(right(app))
        await pilot.click(QuestionPanel, offset=(4, 1 + number))
        await press(pilot)
        assert app.session.learning.replies["queue"].right


async def test_what_comes_next_is_hidden_while_a_question_is_open() -> None:
    app = learner()
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot)
        threads = app.screen.query_one(Threads)
        assert any(row.next and row.action for row in threads.rows)
        shown = await press(pilot, "p")
        assert not any(row.next or row.action for row in threads.rows)
        assert "What comes next is hidden" in shown
        shown = await press(pilot, "escape")
        assert any(row.next and row.action for row in threads.rows)
        assert "What comes next is hidden" not in shown


async def test_the_other_keys_work_while_a_question_is_open() -> None:
    app = learner()
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "p", "tab", "M", "v")
        assert app.session.centre == "map"
        assert "Which queue?" in await press(pilot)
        shown = await press(pilot, "escape")
        assert "Which queue?" not in shown
        assert app.session.lens != "log", "Esc closes the question first"


async def test_playback_stops_at_a_question_and_continues_past_it() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *":speed full", "enter")
        screen = app.screen
        assert isinstance(screen, MainScreen)
        await press(pilot, "space")
        assert (screen.plays, app.session.history.step) == (False, 0)
        app.session.learning.met |= {"queue", "busy"}
        await press(pilot, "escape", "space")
        await pilot.pause(0.3)
        asked = asked_here(app.session)
        assert asked is not None
        assert asked.id == "active"
        assert app.session.history.total == app.session.history.step
        await press(pilot, "!")
        await pilot.pause(0.3)
        assert app.session.history.outcome == "completed"
        assert app.session.score.asked == 0


async def test_continuing_past_goes_to_where_the_key_would_have_gone() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "c", "!")
        assert app.session.history.outcome == "completed"


async def test_learn_off_in_the_settings_stops_nothing() -> None:
    app = learner(settings=Settings(learn="off"))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "c")
        assert app.session.history.outcome == "completed"
        assert question_state(app.session) == ""


async def test_a_question_is_shown_below_a_zoomed_panel() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await press(pilot, "z", "p")
        assert "Which queue?" in shown
        assert "1-3 answers" in shown
        assert "Which queue?" not in await press(pilot, "escape")


async def test_a_small_screen_scrolls_the_question() -> None:
    app = learner(TEXT.replace("Which queue?", "Which queue? " + "And it has more. " * 12))
    async with app.run_test(size=(40, 15)) as pilot:
        shown = await press(pilot, "p")
        assert "PQ_ACTIVE" not in shown
        shown = await press(pilot, "end")
        assert "PQ_ACTIVE" in shown
        await press(pilot, "escape")
        assert app.screen.focused is not None
        assert app.screen.focused.id == "stage"


@each_size
async def test_the_card_says_what_was_wrong_and_what_comes_next(size: tuple[int, int]) -> None:
    app = learner()
    async with app.run_test(size=size) as pilot:
        await press(pilot, *":question released", "enter")
        wrong = "1" if right(app) == "2" else "2"
        shown = await press(pilot, wrong)
        assert "✗ PBUSY_LOCKED" in shown
        assert app.session.history.outcome == "completed"
        assert "the end:" not in await press(pilot, "escape"), "the last page comes first"
        shown = await press(pilot, "r")
        assert "the end:" in shown
        assert "0 of 4 right" in shown
        shown += await press(pilot, "end")
        assert ":open hard-and-soft-busy" in " ".join(shown.split())
        shown = await press(pilot, "escape")
        assert "the end:" not in shown
        shown = await press(pilot, "S", "s")
        assert "the end:" not in shown, "it comes once"


async def test_a_panic_keeps_its_explanation_beside_the_card() -> None:
    panic = TEXT.replace(
        'vm_page_wakeup(m)  #@release\n"""', 'vm_page_wakeup(m)  #@release\nvm_page_wakeup(m)\n"""'
    )
    app = learner(panic + '[[expect]]\noutcome = "panic:vm_page_wakeup"\n')
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "p", "escape", "L")
        app.session.learning.met |= {"queue", "busy", "active", "released"}
        shown = await press(pilot, "c")
        assert app.session.history.outcome == "panic"
        assert app.session.lens == "why"
        assert "PANIC in vm_page_wakeup()" in shown
        assert "the end: 0 of 4 right" in shown
        assert not app.screen.query_one(QuestionPanel).overflows
        assert "why is" in shown
        assert app.screen.query_one(LensPanel).size.height >= LENS


async def test_9_goes_to_an_open_question_whose_choices_the_arrows_choose() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "p")
        number = int(right(app))
        assert "━━ question 1 of 4 ━" in await press(pilot, "9")
        shown = await press(pilot, *["down"] * number)
        assert "Which queue?" in shown
        shown = await press(pilot, "enter")
        assert "━━ question 2 of 4 ━" in shown
        assert not app.session.learning.met - {"queue", "busy"}
        assert app.session.learning.replies["queue"].right


async def test_9_and_the_arrows_go_where_the_card_leads() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "p", "escape", "L")
        app.session.learning.met |= {"queue", "busy", "active", "released"}
        shown = await press(pilot, "c")
        assert "── the end: 0 of 4 right ─" in shown
        shown = await press(pilot, "9", "down", "down", "enter")
        assert "question 2 of 4 ─" in shown.replace("━", "─")
        assert "Which busy_count?" in shown


async def test_another_scenario_opens_in_learn_mode_too() -> None:
    app = learner()
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, *":open life-of-a-page", "enter")
        await press(pilot, *":open life-of-a-page", "enter")
        assert app.session.name == "life-of-a-page"
        assert app.session.learning.on


async def test_without_settings_learn_mode_is_off() -> None:
    scenario = load("life-of-a-page")
    assert not make_app(scenario, scenario.start()).session.learning.on
