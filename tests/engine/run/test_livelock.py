"""The text of a livelock: who repeats which steps, and who waits for whom, memory included."""

from __future__ import annotations

from engine.constants import NULL
from engine.run.history import History
from engine.run.livelock import Livelock, Wait, blocked_text, livelock_of, memory_and_lock_waits, sentence
from engine.run.recurrence import LOOK_EVERY
from engine.scenario.loader import load, load_text
from tests.engine.run.waiting_for_memory import CYCLE, HUNGRY, NAPS, TWO_PAGERS


def livelock(text: str) -> tuple[History, Livelock]:
    scenario = load_text(text)
    history = scenario.start()
    assert scenario.run(history) == "livelock"
    assert isinstance(history.branch.finding, Livelock)
    return history, history.branch.finding


def test_a_thread_that_naps_for_memory_waits_for_memory_that_no_thread_frees() -> None:
    history, finding = livelock(NAPS)
    assert str(finding) == (
        "hungry repeats the same 10 steps without end; "
        "hungry waits for free memory (v_free_count), which no thread frees "
        "(v_free_min: waits below 68, 20 are free)"
    )
    (wait,) = finding.waits
    assert (wait.thread, wait.holder, wait.memory) == (0, NULL, True)
    assert history.record(wait.step).action == "go to sleep"
    assert finding.circle == ()


def test_the_daemon_that_waits_for_a_token_of_a_thread_that_waits_for_memory_is_a_cycle() -> None:
    _, finding = livelock(CYCLE)
    assert str(finding).partition("without end; ")[2] == (
        "fs waits for free memory (v_free_count), which pager frees "
        "(v_free_target: waits below 120, 40 are free); "
        "pager waits for token of file, held by fs; a cycle, which no thread can end: fs > pager > fs"
    )
    assert finding.circle == (0, 1)


def test_two_daemons_that_find_nothing_more_to_free_are_named() -> None:
    _, finding = livelock(TWO_PAGERS)
    assert str(finding).startswith("pager and emergency repeat the same ")
    assert str(finding).endswith(
        "pager works and frees no page (v_free_min + v_cache_min: works below 69, 55 are free); "
        "emergency works and frees no page (v_free_min + v_cache_min: works below 69, 55 are free)"
    )
    assert [wait.thread for wait in finding.waits] == [1, 2]
    assert finding.circle == ()


def test_a_run_at_its_bound_says_what_its_threads_wait_for() -> None:
    history = load_text(HUNGRY).start()
    history.max_steps = 5000
    history.extend(6000)
    assert (history.outcome, str(history.branch.finding)) == (
        "bound",
        "the run has reached its bound of 5000 steps; "
        "hungry waits for free memory (v_free_count), which pager frees "
        "(v_free_min: waits below 68, 20 are free)",
    )


def test_the_verb_is_that_of_one_thread_or_of_several() -> None:
    history, _ = livelock(NAPS)
    threads, journal = history.runner.threads, history.journal
    loop = "while TRUE:\n    pass"
    two = "".join(
        f'[[thread]]\nname = "{name}"\nscript = """\n{loop}\n"""\ncpu = {n}\n' for n, name in enumerate("ab")
    )
    scenario = load_text(f'format = 1\ntitle = "Two"\n[machine]\nmemory = "4 MiB"\ntopology = "1x2x1"\n{two}')
    both = scenario.start()
    scenario.run(both)
    assert str(livelock_of(threads, journal, LOOK_EVERY, history.total)).startswith(
        "hungry repeats the same 10 "
    )
    assert str(both.branch.finding) == "a and b repeat the same 4 steps without end"


def test_a_wait_is_a_sentence() -> None:
    names = ["a", "pager"]
    assert (
        sentence(Wait(0, "page 0x40 to be unbusied", NULL, 3), names)
        == "a waits for page 0x40 to be unbusied"
    )
    assert sentence(Wait(0, "token of b", 1, 3), names) == "a waits for token of b, held by pager"
    assert sentence(Wait(0, "memory", 1, 3, memory=True), names) == "a waits for memory, which pager frees"


def test_a_wait_of_the_repeated_steps_is_found_although_the_thread_is_awake_at_their_end() -> None:
    history, _ = livelock(NAPS)
    threads, journal = history.runner.threads, history.journal
    waits = memory_and_lock_waits(threads, journal, LOOK_EVERY, history.total)
    assert [wait.thread for wait in waits] == [0]
    assert LOOK_EVERY < waits[0].step <= history.total
    again = livelock_of(threads, journal, LOOK_EVERY, history.total)
    assert (str(again), again.waits) == (str(history.branch.finding), tuple(waits))


def test_a_blocked_run_says_what_its_threads_wait_for() -> None:
    scenario = load("lost-wakeup")
    history = scenario.start()
    assert scenario.run(history) == "blocked"
    text = blocked_text(history.runner.threads, history.journal)
    assert text == "waiter waits for page 0x40 to be unbusied; no thread can end this wait"
