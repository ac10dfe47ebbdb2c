"""`pageq explore`: what its options pass to the search, its output, its exit codes, and Ctrl+C."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from engine.explore import explore
from engine.explore.drawn_graph import drawn_graph
from engine.explore.exploration import Claim, Exploration
from engine.explore.limits import Limits, Progress, Sample
from engine.scenario.loader import Scenario, load
from explorer.text.explore_output import lines
from tests.explorer.cli.command_output import Run, objects, refused
from tests.explorer.found_by_hand import COMPLETED, SEARCH
from tests.explorer.pseudo_terminal import terminal

NAME = "trylock-skips"
FINE = replace(SEARCH, outcomes=(replace(COMPLETED, probability=1.0),))


class Search:
    """A search in the place of the real one: it keeps what it was given, and finds what a test wants."""

    def __init__(self) -> None:
        self.found: Exploration = FINE
        self.given: dict[str, Any] = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, scenario: Scenario, **given: Any) -> Exploration:
        self.given = {"scenario": scenario, **given}
        goes = given["progress"](Progress(1_000, 2_000))
        self.meanwhile()
        goes = given["progress"](Progress(2_000, 4_000))
        return (
            self.found if goes else replace(self.found, complete=False, bound="9 states, when it was stopped")
        )


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Search:
    made = Search()
    monkeypatch.setattr("engine.explore.explore", made)
    return made


def without_time(out: str) -> list[str]:
    """The lines of an output; the first one without how long the search took."""
    first, *others = out.splitlines()
    head, seconds = first.rsplit(", ", 1)
    assert seconds.endswith(" s")
    assert float(seconds[:-2]) < 60
    return [head, *others]


# --- output and exit codes --------------------------------------------------------------------------------


def test_the_text_is_that_of_the_search_with_its_time(run: Run, search: Search) -> None:
    search.found = SEARCH
    code, out, err = run("explore", NAME)
    assert without_time(out) == list(lines(SEARCH, scenario=load(NAME)))
    assert (code, err) == (1, "")


BOTH = frozenset({"completed", "panic:vm_page_alloc"})
BOUNDED = {"complete": False, "bound": "9 states"}
CODES: list[tuple[str, dict[str, Any], int]] = [
    ("complete and as expected", {}, 0),
    ("another outcome", {"outcomes": SEARCH.outcomes}, 1),
    ("an outcome that is allowed", {"outcomes": SEARCH.outcomes, "expected": BOTH}, 0),
    ("a claim that fails", {"claims": (Claim("always: 1", False),)}, 1),
    ("a claim that is not known", {"claims": (Claim("always: 1", None),)}, 3),
    ("nothing found, but bounded", BOUNDED, 3),
    ("another outcome, and bounded", {"outcomes": SEARCH.outcomes, **BOUNDED}, 1),
]


@pytest.mark.parametrize(("changes", "code"), [row[1:] for row in CODES], ids=[row[0] for row in CODES])
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code(run: Run, search: Search, form: str, changes: dict[str, Any], code: int) -> None:
    search.found = replace(FINE, **changes)
    assert run("explore", NAME, *(["--json"] if form == "json" else []))[0] == code


def test_the_json_is_one_object_on_one_line(run: Run, search: Search) -> None:
    search.found = SEARCH
    code, out, err = run("explore", NAME, "--json")
    assert (code, err, out.count("\n")) == (1, "", 1)
    assert json.loads(out)["outcomes"][1]["outcome"] == "panic:vm_page_alloc"


# --- what the search is given -----------------------------------------------------------------------------


def test_by_default_every_schedule_is_searched(run: Run, search: Search) -> None:
    run("explore", NAME)
    given = search.given
    assert given.pop("scenario").name == NAME
    assert callable(given.pop("progress"))
    assert given == {
        "exprs": (),
        "always": (),
        "end": (),
        "order": (),
        "limits": Limits(5_000_000, 200, 2 << 30),
        "reduce": False,
        "sample": None,
        "allow": (),
        "invariants": "calm",
    }


GIVEN: list[tuple[str, dict[str, Any]]] = [
    ("--expr app.a --expr app.b", {"exprs": ("app.a", "app.b")}),
    ("--always 1 --end 2", {"always": ("1",), "end": ("2",)}),
    ("--order a:1<b:1 --order b:1<c:1", {"order": ("a:1<b:1", "b:1<c:1")}),
    ("--allow blocked --allow panic:f", {"allow": ("blocked", "panic:f")}),
    ("--states 10 --ticks 0 --memory 1GiB", {"limits": Limits(10, 0, 1 << 30)}),
    ("--invariants all", {"invariants": "all"}),
    ("--reduce", {"reduce": True}),
    ("--sample random", {"sample": Sample("random", 0, 10_000, 0, 1)}),
    ("--sample pct:3 --schedules 7 --seed 5 --workers 2", {"sample": Sample("pct", 3, 7, 5, 2)}),
]


@pytest.mark.parametrize(("words", "given"), GIVEN, ids=[words for words, _ in GIVEN])
def test_an_option_reaches_the_search(run: Run, search: Search, words: str, given: dict[str, Any]) -> None:
    assert run("explore", NAME, *words.split())[0] == 0
    assert {key: search.given[key] for key in given} == given


def test_the_scenario_has_the_settings_of_the_command_line(run: Run, search: Search) -> None:
    words = ["--machine", "64MiB:1x2x1", "--rules", "source", "--set", "machine.steps_per_tick=3"]
    run("explore", NAME, *words)
    scenario = search.given["scenario"]
    assert (scenario.machine, scenario.given_rules) == ("64MiB:1x2x1", "source")
    assert scenario.config.steps_per_tick == 3


def test_one_seed_chooses_the_parameters_and_the_samples(run: Run, search: Search) -> None:
    words = ("explore", "counting-on-each-processor", "--seed", "3")
    run(*words)
    chosen = search.given["scenario"].parameters
    run(*words, "--sample", "random")
    assert search.given["sample"].seed == 3
    assert search.given["scenario"].parameters == chosen
    name, value = next(iter(chosen.items()))
    run(*words, "--sample", "random", "--set", f"{name}={value + 1}")
    assert search.given["scenario"].parameters[name] == value + 1


# --- bad input --------------------------------------------------------------------------------------------

BAD = [
    ("--sample often", "'often' is not a way to sample; use random, or pct:D"),
    ("--memory much", "'much' is not a memory size"),
    ("--memory 1KiB", "'1KiB' is not a size for a search; use 1MiB to 64GiB"),
    ("--states 0", "'0' is not a number of states; use one like 5000000"),
    ("--ticks -1", "argument --ticks"),
    ("--sample random --workers 0", "'0' is not a number of processes; use one like 4"),
    ("--sample random --schedules x", "'x' is not a number of schedules"),
    ("--workers 2", "remove --workers, or add --sample pct:2"),
    ("--reduce --sample random", "remove --reduce or --sample"),
    ("--invariants never", "invalid choice: 'never'"),
    ("--graph states.txt", "--graph states.txt: unknown suffix; use FILE.graphml"),
    ("--set machine.x=1", "is not a key of"),
]


@pytest.mark.parametrize(("words", "message"), BAD, ids=[words for words, _ in BAD])
def test_bad_input_is_refused_before_the_search(run: Run, search: Search, words: str, message: str) -> None:
    refused(run("explore", NAME, *words.split()), message)
    assert not search.given


def test_an_unknown_scenario_is_refused(run: Run, search: Search) -> None:
    refused(run("explore", "nosuch"), "nosuch")
    assert not search.given


# --- Ctrl+C and progress ----------------------------------------------------------------------------------


def test_ctrl_c_ends_the_search_and_what_was_found_is_printed(run: Run, search: Search) -> None:
    search.meanwhile = lambda: signal.raise_signal(signal.SIGINT)
    before = signal.getsignal(signal.SIGINT)
    code, out, _ = run("explore", NAME)
    assert code == 3
    assert out.startswith("bounded (by Ctrl+C): 1,508 states, ")
    assert signal.getsignal(signal.SIGINT) is before
    search.found = SEARCH
    assert run("explore", NAME)[0] == 1


def test_a_second_ctrl_c_ends_the_command(run: Run, search: Search) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    search.meanwhile = twice
    assert run("explore", NAME)[:2] == (130, "")


def test_progress_is_shown_on_a_terminal_only(
    run: Run, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.cli.progress_line.PAUSE", 0.0)
    assert run("explore", NAME)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    err = run("explore", NAME)[2]
    assert "\r1,000 states, 2,000 steps between them" in err
    assert err.endswith("\r")
    assert search.given


# --- the graph, and the real search -----------------------------------------------------------------------


def test_the_graph_is_written_after_the_text(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "states.graphml"
    code, out, err = run("explore", NAME, "--graph", str(path))
    assert (code, err) == (0, "")
    assert "panic       3 end states" in out
    graph = nx.read_graphml(path)
    scenario = load(NAME)
    assert len(graph) == len(drawn_graph(scenario, explore(scenario)))
    assert sum(states for _, states in graph.nodes(data="states")) == 1_508


def test_a_graph_that_cannot_be_written_does_not_lose_the_text(run: Run, tmp_path: Path) -> None:
    output = run("explore", NAME, "--graph", str(tmp_path / "no" / "states.graphml"))
    refused(output, "No such file or directory")
    assert "panic       3 end states" in output[1]


def test_options_reach_the_real_search(run: Run) -> None:
    words = ["--expr", "taker.got", "--always", "vmstats.v_free_count > 0", "--end", "mover.x == 1"]
    code, out, err = run("explore", NAME, *words[:4], "--allow", "panic:vm_page_alloc")
    assert (code, err) == (0, "")
    assert "taker.got at the end:" in out
    assert "ok         always: vmstats.v_free_count > 0" in out
    refused(run("explore", NAME, *words), "mover has no variable 'x'")
    refused(run("explore", NAME, "--allow", "sleepy"), "sleepy")
    refused(run("explore", NAME, "--order", "mover:2"), "write PLACE<PLACE")


@pytest.mark.slow
def test_a_search_that_is_bounded_and_found_nothing_is_exit_3(run: Run) -> None:
    code, out, _ = run("explore", "lost-wakeup", "--states", "100")
    assert code == 3
    assert out.startswith("bounded (by ")
    assert run("explore", "lost-wakeup")[0] == 0


@pytest.mark.slow
def test_a_schedule_that_was_found_ends_as_it_says(run: Run) -> None:
    found = json.loads(run("explore", "lost-wakeup", "--json")[1])
    for outcome in found["outcomes"]:
        code, out, _ = run("run", "lost-wakeup", "--schedule", outcome["schedule"], "--quiet", "--json")
        end = objects(out)[-1]
        assert (end["outcome"], end["step"]) == (outcome["outcome"], outcome["steps"])
        assert run("run", "--open", outcome["state"], "--quiet")[0] == code


SAMPLES = ["explore", NAME, "--sample", "random", "--schedules", "500000"]
SEARCHES = {
    "every schedule": ["explore", "unhold-races-free"],
    "samples": SAMPLES,
    "samples in processes": [*SAMPLES, "--workers", "2"],
}


@pytest.mark.slow
@pytest.mark.parametrize("words", SEARCHES.values(), ids=SEARCHES)
def test_ctrl_c_on_a_terminal_ends_a_real_search_and_prints_what_it_found(words: list[str]) -> None:
    with terminal(*words, size=(200, 50)) as shown:
        shown.wait_for("sampled, " if "--sample" in words else " steps between them")
        shown.type(b"\x03")
        code = shown.wait()
    assert "bounded (by Ctrl+C): " in shown.text
    assert "completed " in shown.text
    assert "Traceback" not in shown.text
    assert code in (1, 3)
