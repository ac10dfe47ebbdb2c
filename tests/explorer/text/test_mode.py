"""Text mode: the output of each line, its errors, and what never reaches the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import CapacityError, InvariantViolation
from engine.inputs.dumps.reader import dump_text
from engine.run.history import History
from engine.scenario.library import OWN, open_course
from engine.scenario.loader import load, load_text
from explorer.commands.table import COMMANDS
from explorer.lenses.kit.registry import LENSES, lens_named
from explorer.session.open import open_session
from explorer.session.session import Session
from explorer.text.mode import SCREEN, TextDesk
from explorer.text.sentences import joined
from explorer.tui.export import export_text
from tests.engine.run.slow_swap import SLOW_SWAP
from tests.engine.scenario.course_folder import write_course
from tests.explorer.dumps_by_hand import three_moments
from tests.tiers import only_fast


@pytest.fixture
def life() -> TextDesk:
    """Return text mode on life-of-a-page."""
    scenario = load("life-of-a-page")
    return TextDesk(Session(scenario.start(), scenario))


def transcript(desk: TextDesk, script: str) -> str:
    """Return the transcript of a session: each input line after `> `, its output below it."""
    lines = [line.strip() for line in script.strip().splitlines()]
    return "".join(f"> {line}\n{joined(desk.do_line(line))}" for line in lines)


def only(text: str) -> str:
    """Remove the indentation of a golden text."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"


# --- golden sessions ----------------------------------------------------------------------------------------

STEPPED = """
> s
Step 1, app on cpu 0: vm_object_hold: hold the object. Changed: heap hold_count 0 to 1.
> step 10
Advanced 10 steps.
Step 11, app on cpu 0: _vm_page_rem_queue_spinlocked: leave the queue. \
Changed: page 0xc03 queue FREE[0] to NONE, queue FREE[0] lcnt 3 to 2, cpu 0 view v_free_count 3711 to 3710, \
cpu 0 adj v_free_count 0 to -1.
> page
Page 0xc03, colour 0 of node 0 core 0; address 0xc03000 on node 0.
Queue NONE; busy_count LOCKED; flags none; valid 00, dirty 00.
In no object; wire_count 0, hold_count 0, act_count 0; spinlock held by app.
freed: yes - hard-busied since step 10 (app, vm_page_busy_try).
Step 11 changed its queue.
> threads
app on cpu 0 runs; at line 2; in vm_page_alloc > vm_page_select_free_or_cache > \
_vm_page_rem_queue_spinlocked > vm_page_queues_spin_unlock; \
takes the next step: release the queue's spinlock; holds page 0xc03, queue FREE[0], token of heap.
pager on cpu 1 runs; at line 2; in vm_object_hold; its next action: hold the object.
> where
Step 11 of 11, on main; the run can continue after step 11.
3,710 pages are free; v_free_min is 84, v_free_reserved 49.
Next, by the schedule: app, vm_page_queues_spin_unlock: release the queue's spinlock.
The current page is 0xc03; it follows the steps.
Machine 16 MiB, 1x2x1: 2 cpus, 1 node, 4,096 page frames, 1,024 colours. Rules document.
> machine
Machine 16 MiB, 1x2x1: 2 cpus, 1 node, 4,096 page frames, 1,024 colours. Rules document.
> console
Step 0: the kernel prints "DMA space used: 0k, remaining available: 1024k".
> over
app: vm_page_alloc(heap, 0, VM_ALLOC_NORMAL) took 13 steps.
Step 24, app on cpu 0: lwkt_reltoken: release the object token. \
Changed: heap token_owner app to free, app m none to 0xc03.
> break app:6
breakpoint 1: app:6; c runs to it, C back to it, :breakpoints lists them.
> c
breakpoint 1: app:6.
Step 33, app on cpu 0: vm_page_set_valid: zero the fragments and set valid. \
Changed: page 0xc03 valid 00 to ff.
> S
Back at step 32, pager on cpu 1: tsleep: go to sleep. \
Changed: heap token_owner pager to free, pager state ready to sleeping.
> c
breakpoint 1: app:6.
Step 33, app on cpu 0: vm_page_set_valid: zero the fragments and set valid. \
Changed: page 0xc03 valid 00 to ff.
> S
Back at step 32, pager on cpu 1: tsleep: go to sleep. \
Changed: heap token_owner pager to free, pager state ready to sleeping.
> goto end
the run ends at step 145: completed.
Step 145, app on cpu 0: vm_page_wakeup: compare-and-clear LOCKED and WANTED. \
Changed: page 0xc03 busy_count LOCKED to 0, app state ready to ended.
Completed: every thread has ended.
> first
Went back 145 steps.
Back at step 0, the machine after boot and setup.
"""

WANDERED = """
> 24
Advanced 24 steps.
Step 24, app on cpu 0: lwkt_reltoken: release the object token. \
Changed: heap token_owner app to free, app m none to 0xc03.
> color 0
NONE[0] of node 0 core 0: 1 page; Enter shows them.
Colour 0 node 0 core 0: FREE 2, NONE 1.
Pages on NONE[0], head first: 0xc03.
> up
HOLD[0] of node 0 core 0: no pages.
> page 0x802
page 0x802 is pinned; Esc follows the steps again.
Page 0x802, colour 0 of node 0 core 0; address 0x802000 on node 0.
Queue FREE[0]; busy_count 0; flags none; valid 00, dirty 00.
In no object; wire_count 0, hold_count 0, act_count 0; spinlock free.
freed: no - free already.
> pages
page 0x401, 2 of 2 on FREE[0]; Enter shows the next.
Page 0x401, colour 0 of node 0 core 0; address 0x401000 on node 0.
Queue FREE[0]; busy_count 0; flags none; valid 00, dirty 00.
In no object; wire_count 0, hold_count 0, act_count 0; spinlock free.
freed: no - free already.
> until queue_of(app.m) == PQ_CACHE
queue_of(app.m) == PQ_CACHE holds after 58 steps.
Step 82, pager on cpu 1: _vm_page_add_queue_spinlocked: join the queue. \
Changed: page 0xc03 queue NONE to CACHE[0], queue CACHE[0] lcnt 0 to 1, cpu 1 view v_cache_count 0 to 1, \
cpu 1 adj v_cache_count 0 to 1.
> queues
FREE: 3,710 pages; at most 4 on one colour, 0 colours without a page.
INACTIVE: 0 pages; at most 0 on one colour, 1,024 colours without a page.
ACTIVE: 0 pages; at most 0 on one colour, 1,024 colours without a page.
CACHE: 1 page, +1 by this step; at most 1 on one colour, 1,023 colours without a page.
HOLD: 0 pages; at most 0 on one colour, 1,024 colours without a page.
NONE: 0 pages, -1 by this step; at most 0 on one colour, 1,024 colours without a page.
DMA reserve: 256 of 256 pages free.
> undo
undone: until.
Back at step 24, app on cpu 0: lwkt_reltoken: release the object token. \
Changed: heap token_owner app to free, app m none to 0xc03.
> fork other
other starts at step 24; :branch 0 goes back.
At step 24, app on cpu 0: lwkt_reltoken: release the object token. \
Changed: heap token_owner app to free, app m none to 0xc03.
> thread app
s steps app; a returns to the schedule.
> step
Step 25, app on cpu 0: vm_page_set_valid: zero the fragments and set valid. \
Changed: page 0xc03 valid 00 to ff.
> compare 0
other:25 and main:25 differ in 2 cells, first page 0xc03 valid: ff vs 00; 3 of bookkeeping.
two moments: how two moments or branches differ.
Values of other at step 25, then of main at step 25.
page 0xc03 valid: ff and 00.
heap hold_count: 0 and 1.
> log 2
Step 24, app on cpu 0: lwkt_reltoken: release the object token. \
Changed: heap token_owner app to free, app m none to 0xc03.
Step 25, app on cpu 0: vm_page_set_valid: zero the fragments and set valid. \
Changed: page 0xc03 valid 00 to ff.
"""


@pytest.mark.parametrize("golden", [STEPPED, WANDERED], ids=["forwards and back", "pages, branches, moments"])
def test_the_transcript_of_a_session(life: TextDesk, golden: str) -> None:
    script = "\n".join(line[2:] for line in golden.splitlines() if line.startswith("> "))
    assert transcript(life, script) == only(golden)


def test_the_first_lines_name_the_scenario_and_the_position(life: TextDesk) -> None:
    assert joined(life.open()) == only("""
        The life of a page. Scenario life-of-a-page, machine 16 MiB, 1x2x1, rules document, 2 threads.
        Step 0 of 0, on main; the run can continue after step 0.
        3,711 pages are free; v_free_min is 84, v_free_reserved 49.
        Next, by the schedule: app, vm_object_hold: hold the object.
        Commands: help lists all commands, lesson prints the lesson's page, r reads on, quit ends.
    """)


def test_the_source_shows_each_threads_line_and_the_breakpoints(life: TextDesk) -> None:
    life.do_line("24")
    life.do_line("break app:6")
    lines = life.do_line("source")
    assert lines[0] == "app on cpu 0:"
    assert [line for line in lines if line.startswith("at ")] == [
        "at   4 vm_page_set_valid(m, 0, PAGE_SIZE)",
        "at   2 m = vm_page_lookup_busy_wait(heap, 0, 1)",
    ]
    stops = [line for line in lines if line.endswith("(breakpoint)")]
    assert stops == ["     6 vm_page_activate(m) (breakpoint)"]


def test_a_panic_is_reported_with_function_page_and_condition(panic_session: Session) -> None:
    desk = TextDesk(panic_session)
    lines = desk.do_line("continue")
    assert lines[0] == f"ran {panic_session.history.total} steps: panic."
    assert lines[2].startswith("PANIC in vm_page_wakeup(), page 0xc03: ")
    assert "page not busy!!!" in lines[2]
    assert lines[3].startswith("why: ")
    assert lines[4] == "why is page 0xc03 busy_count = 0, without LOCKED?"
    assert desk.do_line("where")[-3] == lines[2]


def test_a_deadlock_is_reported_as_which_thread_waits_for_which(deadlock_session: Session) -> None:
    lines = TextDesk(deadlock_session).do_line("continue")
    assert lines[2].startswith("Deadlock: ")
    assert "app waits for token of file, held by other" in lines[2]
    assert "other waits for token of heap, held by app" in lines[2]
    assert lines[4] == "why is file token_owner = other?"


# --- verbs --------------------------------------------------------------------------------------------------

ARGUMENTS = {
    "goto": "end", "mark": "a", "mark-goto": "a", "break": "app:4", "watch": "global.ticks",
    "until": "queue_of(app.m) == PQ_ACTIVE", "back-until": "queue_of(app.m) == PQ_FREE", "delete": "all",
    "enable": "1", "disable": "1", "fork": "more", "branch": "0", "rename": "mine", "reschedule": "rr",
    "compare": "0", "thread": "app", "page": "0xc03", "color": "5", "view": "log", "step": "2", "back": "2",
    "why": "page[0xc03].queue", "whynot": "free 0xc03", "export": "moment.txt",
}  # fmt: skip


@pytest.mark.parametrize("start", [0, 24, 145])
def test_every_verb_of_the_screen_prints_something_or_moves(
    life: TextDesk, start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    life.do_line(str(start))
    for command in COMMANDS.values():
        if command.id == "quit":
            continue
        line = f"{command.id} {ARGUMENTS.get(command.id, '')}"
        before = life.session.history.current, life.session.history.step
        output = life.do_line(line)
        after = life.session.history.current, life.session.history.step
        assert output or before == after, line
        assert all(words.isascii() and "\x1b" not in words for words in joined(output).splitlines()), line
    assert not life.over


def test_a_moment_is_exported_as_the_screen_shows_it(life: TextDesk, tmp_path: Path) -> None:
    life.do_line("12")
    path = tmp_path / "moment.txt"
    assert joined(life.do_line(f"export {path}")) == f"wrote {path}.\n"
    assert path.read_text(encoding="utf-8") == export_text(life.session, SCREEN)


def test_dumps_are_printed_and_the_session_stays(life: TextDesk, tmp_path: Path) -> None:
    path = tmp_path / "dump.txt"
    path.write_text(dump_text(three_moments()[0]), encoding="utf-8")
    life.do_line("12")
    printed = joined(life.do_line(f"map {path}"))
    assert printed.startswith(f"{path}:1\n")
    assert "FREE" in printed
    assert life.session.history.step == 12
    assert "cannot read the file" in joined(life.do_line("map no-such-file"))


SCREEN_ONLY = {
    "panel-1": "Text mode has no panels", "next-panel": "Text mode has no panels",
    "zoom": "Text mode has no panels", "play": "Text mode does not play", "faster": "Text mode does not play",
    "space": "Text mode does not play", "to-cursor": "Text mode has no cursor in the source",
}  # fmt: skip


@pytest.mark.parametrize(("line", "words"), SCREEN_ONLY.items(), ids=SCREEN_ONLY)
def test_a_command_of_the_screen_only_gives_one_sentence(life: TextDesk, line: str, words: str) -> None:
    (sentence,) = life.do_line(line)
    assert sentence.startswith(words)
    assert sentence.endswith(".")


REFUSED = [
    ("dance", "unknown command 'dance'; :help lists them"),
    ("back-", "'back-' is ambiguous; use back-over"),
    ("over 3", "over takes no argument; remove '3'"),
    ("where now", "where takes no argument; remove 'now'"),
    ("page five", "'five' does not name a page"),
    ("page 0x999999", "there is no page 0x999999; this machine has pages"),
    ("color 4096", "there is no colour 4096"),
    (
        "color",
        "color needs an argument; use color [TYPE] N; there are ACTIVE, CACHE, FREE, HOLD, INACTIVE, NONE.",
    ),
    ("until", "until needs an argument; use until EXPR [fence N]."),
    ("break", "break needs an argument; use break WHERE."),
    ("mark-goto", "mark-goto needs an argument; use mark-goto LETTER."),
    ("' z", "no step is marked 'z'"),
    ("thread ghost", "there is no thread 'ghost'; there are app, pager"),
    ("goto -1", "there is no step -1"),
    ("log 0", "log 0 prints no steps"),
    ("log all", "'all' is not a number of steps"),
    ("view nothing", "there is no lens called 'nothing'"),
    ("help dance", "unknown command 'dance'"),
    ("until 'global.ticks > 5'", "quotes are not needed around an expression: write global.ticks > 5"),
    (
        'back-until "global.ticks > 5" fence 9',
        "quotes are not needed around an expression: write global.ticks",
    ),
    ("why 'global.ticks'", "quotes are not needed around a cell; write global.ticks"),
    ("120 5", "a number alone goes to that step; remove '5'"),
    ("rename a:b", "'a:b' is not a valid branch name; use one without a colon: BRANCH:STEP is a moment"),
    ("until 1 +", "cannot read this: invalid syntax"),
]


@pytest.mark.parametrize(("line", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_an_error_is_one_line_and_changes_nothing(life: TextDesk, line: str, message: str) -> None:
    life.do_line("7")
    digest = life.session.vm.memory.digest()
    (sentence,) = life.do_line(line)
    assert sentence.startswith("Error: ")
    assert message in sentence
    assert (life.session.history.step, life.session.vm.memory.digest()) == (7, digest)


def test_keys_abbreviations_and_a_leading_colon_work(life: TextDesk) -> None:
    assert life.do_line("s")[0].startswith("Step 1,")
    assert life.do_line(":step")[0].startswith("Step 2,")
    assert life.do_line("S")[0].startswith("Back at step 1,")
    assert life.do_line("/ 0xc03")[1].startswith("Page 0xc03,")
    assert life.do_line("esc") == ["the inspector follows the steps."]
    assert life.do_line("whe") == life.do_line("where")
    assert life.do_line("?") == life.do_line("help")


def test_the_lenses_wrap_around(life: TextDesk) -> None:
    lens = lens_named(LENSES[1])
    assert life.do_line("next-view")[0] == f"{lens.title}: {lens.help}."
    assert life.do_line(f"view {LENSES[1]}")[0] == f"{lens.title}: {lens.help}."
    assert life.do_line("previous-view") == ["Step 0, the machine after boot and setup."]
    life.do_line("previous-view")
    assert life.do_line("next-view") == life.do_line("view log") == life.do_line("log")


def test_a_bug_in_pageq_is_reported_and_the_session_continues(
    life: TextDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(history: History) -> bool:
        raise InvariantViolation("two ends disagree")

    with monkeypatch.context() as patched:
        patched.setattr(History, "forward", broken)
        assert life.do_line("s") == ["Bug in pageq, please report it: two ends disagree."]
    assert life.do_line("s")[0].startswith("Step 1,")


def test_a_run_that_fails_on_its_way_prints_its_last_step(
    life: TextDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    extend = History.extend

    def full(history: History, limit: int) -> int:
        if history.total >= 20:
            raise CapacityError("the history is full")
        return extend(history, min(limit, 20))

    monkeypatch.setattr(History, "extend", full)
    lines = life.do_line("goto 100")
    assert lines[0].startswith("Step 20,")
    assert lines[1] == "Error: the history is full."


# --- what reaches the terminal ------------------------------------------------------------------------------


def test_a_number_answers_a_question_and_a_command_cancels_it() -> None:
    desk = TextDesk(open_session("life-of-a-page", None, None))
    desk.do_line("3")
    asked = desk.do_line("predict")
    assert asked[-1] == "Enter the number of your answer."
    assert "9 is not a choice" in " ".join(desk.do_line("9"))
    answer = desk.do_line("1")
    assert answer[0] == "Right." or answer[0].startswith("No: it is ")
    assert "of 1 predicted right" in answer[-1]
    desk.do_line("predict")
    assert "Step 4" in " ".join(desk.do_line("step"))
    assert "predicted right" not in " ".join(desk.do_line("1"))


def test_a_run_is_complete_even_if_its_daemons_sleep() -> None:
    desk = TextDesk(open_session("rescue-or-steal", None, None))
    ending = desk.do_line("continue")[-1]
    assert ending == "Completed: every thread has ended, or is a kernel thread with nothing to do."


def test_what_the_kernel_prints_on_the_way_is_said_with_its_step() -> None:
    scenario = load_text(SLOW_SWAP)
    desk = TextDesk(Session(scenario.start(), scenario))
    printed = [line for line in desk.do_line("continue") if "the kernel prints" in line]
    assert [line.partition(" buffer")[0].partition(": ")[2] for line in printed] == [
        'the kernel prints "swap_pager: indefinite wait'
    ] * 2
    assert desk.do_line("console")[1:] == printed
    assert desk.do_line("first")[-1] == "Back at step 0, the machine after boot and setup."
    slow = int(printed[0].split()[1].rstrip(":"))
    assert desk.do_line(str(slow))[-1].endswith(f"The {printed[0].partition(': the ')[2]}")


def test_a_thread_that_has_ended_has_no_next_action() -> None:
    scenario = load_text(SLOW_SWAP)
    desk = TextDesk(Session(scenario.start(), scenario))
    desk.do_line("continue")
    assert desk.do_line("threads")[:2] == ["reader on cpu 0 has ended.", "writer on cpu 1 has ended."]


@pytest.mark.parametrize(
    "number", only_fast(["9" * 5000, "0x" + "f" * 5000, "-" + "9" * 5000, "9" * 20], "9" * 20)
)
def test_no_command_fails_at_a_number_of_thousands_of_digits(life: TextDesk, number: str) -> None:
    for command in COMMANDS.values():
        for form in ("{}", "app:{}", "main:{}", "page {}", "x == {}", "vm_wait({})"):
            if command.word not in OPENS:
                answer = life.do_line(f"{command.word} {form.format(number)}")
                assert sum(map(len, answer)) < 4000, command.word


OPENS = {"quit", "open", "machine", "rules", "save", "export", "edit", "state"}
"""Commands that leave the run or write files; the argument of each is a name."""


def test_the_messages_so_far_are_listed_last_one_first(life: TextDesk) -> None:
    life.do_line("s")
    life.do_line("mark a")
    life.do_line("break app:6")
    found = [line.split("  ")[-1] for line in life.do_line("messages")]
    assert found[0].startswith("breakpoint 1: app:6")
    assert found[1] == "step 1 is marked a"


def test_a_state_string_is_written_to_a_file(life: TextDesk, tmp_path: Path) -> None:
    path = tmp_path / "here.txt"
    assert life.do_line(f"state {path}") == [f"wrote {path}; pageq tui --open {path} continues from here."]
    assert path.read_text(encoding="utf-8").strip() == life.do_line("state")[-1]
    assert life.do_line(f"state {path}")[0].endswith("exists already; use another name.")
    assert "cannot be written" in life.do_line(f"state {tmp_path / 'no' / 'folder'}")[0]


def test_open_alone_lists_the_library_with_what_each_teaches(life: TextDesk) -> None:
    lines = life.do_line("open")
    assert lines == life.do_line("browse")
    heads = [line for line in lines if not line.startswith(" ")]
    assert heads[:2] == ["1. First look (40 minutes):", "2. Boot, colour, home (45 minutes):"]
    listed = [line.split(":")[0].strip() for line in lines if line.startswith(" ")]
    assert listed == list(OWN.course.scenarios)


def test_the_names_of_a_course_are_opened_and_listed(tmp_path: Path) -> None:
    folder = write_course(tmp_path, names=("first", "second", "bad"))
    (folder / "bad.toml").write_text("title =")
    desk = TextDesk(open_session("first", library=open_course(folder)))
    assert desk.do_line("open") == [
        "1. The first unit (20 minutes):",
        "  first: The scenario first. What first is for.",
        f"  tour: A tour of the screen. {OWN.listing('tour').teaches}",
        "2. The second unit:",
        "  second: The scenario second. What second is for.",
        "In no unit:",
        "  bad: bad.toml:1: this is not TOML: Invalid value.",
        "open SCENARIO opens one.",
    ]
    desk.do_line("open second")
    assert (desk.session.name, desk.session.title) == ("second", "The scenario second")
    assert desk.do_line("open bad")[0].startswith(f"Error: {folder / 'bad.toml'}:1: this is not TOML")
    desk.do_line("rules source")
    assert desk.session.name == "second"
    desk.do_line("open life-of-a-page")
    assert desk.session.name == "life-of-a-page"
    desk.do_line("open first")
    assert desk.session.title == "The scenario first"


def test_a_place_of_a_script_is_gone_to(life: TextDesk) -> None:
    life.do_line("goto app:6")
    step = life.session.history.step
    assert step == life.session.scenario.find_step(life.session.history, "app:6")  # type: ignore[union-attr]
    assert step > 0
    assert life.do_line("goto app:99")[0].startswith("Error: ")
    assert life.session.history.step == step
    assert life.do_line("goto ghost:1")[0].startswith("Error: ")
