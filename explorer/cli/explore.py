"""`pageq explore`: search every schedule of a scenario, count them, and print the simplest that fails."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.explore.limits import MEMORY, SCHEDULES, STATES, TICKS, Limits, Sample, read_memory, read_sample
from engine.words import byte_size
from explorer.cli.arguments import ONE_OBJECT, SCENARIO, add_settings, count_of
from explorer.cli.interrupts import Noticed
from explorer.cli.output import write_output
from explorer.cli.progress_line import ProgressLine
from explorer.session.command_line import asked_for
from explorer.session.search_conflicts import check_together
from explorer.session.whole_file import user_path

if TYPE_CHECKING:
    from engine.explore.exploration import Exploration
    from engine.explore.limits import Progress
    from engine.scenario.loader import Scenario

PLACE: Final = 42
HELP: Final = "Search every schedule of a scenario: each outcome, counted, and the simplest way to it."

GRAPHML: Final = ".graphml"

INCOMPLETE: Final = 3
"""The exit code of a search that found nothing, but was not complete."""

_EXIT: Final = {True: 0, False: 1, None: INCOMPLETE}

SEED: Final = (
    "choose the values of the scenario's parameters by a number, such as a student's; with --sample also "
    "the sampled schedules, default 0"
)
ORDER: Final = (
    "leave out the schedules in which a thread comes to the second place before another one comes to the "
    "first; a place is THREAD:LINE or THREAD:@ANCHOR; quote it for the shell; may be repeated"
)
ALLOW: Final = (
    "an outcome that is as wanted: blocked, deadlock, livelock, panic:FUNCTION, 'script error', leak or "
    "unlock_order; may be repeated"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq explore`."""
    parser.epilog = "`pageq help exploration` says what is searched and what the numbers mean."
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    _add_questions(parser)
    _add_limits(parser)
    _add_sampling(parser)
    parser.add_argument("--graph", metavar="FILE.graphml", help="write the condensed graph of the states")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)
    add_settings(parser, seed=SEED)


def _add_questions(parser: argparse.ArgumentParser) -> None:
    for option, metavar, text in (
        ("--expr", "EXPR", "print the values of EXPR at the ends of all schedules; may be repeated"),
        ("--always", "EXPR", "check that EXPR holds after every step of every schedule; may be repeated"),
        ("--end", "EXPR", "check that EXPR holds at the end of every schedule; may be repeated"),
        ("--order", "PLACE<PLACE", ORDER),
        ("--allow", "OUTCOME", ALLOW),
    ):
        parser.add_argument(option, metavar=metavar, action="append", default=[], help=text)
    parser.add_argument(
        "--invariants",
        choices=("calm", "all"),
        default="calm",
        help="check the model's invariants at the ends and where no call is unfinished "
        "(calm, the default), or after every step",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    states, ticks = (
        count_of("states", STATES, 999_999_999_999, least=1),
        count_of("ticks", TICKS, 999_999_999),
    )
    parser.add_argument("--states", metavar="N", type=states, help=f"end after N states; default {STATES:,}")
    parser.add_argument(
        "--ticks",
        metavar="N",
        type=ticks,
        default=TICKS,
        help=f"search no further than N clock ticks into a schedule; default {TICKS}",
    )
    memory = f"how much memory the search may take; default {byte_size(MEMORY).replace(' ', '')}"
    parser.add_argument("--memory", metavar="SIZE", help=memory)
    parser.add_argument(
        "--reduce",
        action="store_true",
        help="leave out schedules that differ only in the order of steps that do not affect each other: the "
        "outcomes are the same, the schedules are not counted",
    )


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sample",
        metavar="pct:D|random",
        help="run some schedules instead of searching all: random ones, or those of random priorities that "
        "change at D random steps, which find rare orders",
    )
    parser.add_argument(
        "--schedules",
        metavar="N",
        type=count_of("schedules", SCHEDULES, 999_999_999, least=1),
        help=f"with --sample: how many; default {SCHEDULES:,}",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=count_of("processes", 4, 999, least=1),
        help="with --sample: the number of processes, which does not change what is found; default 1",
    )


def run(arguments: argparse.Namespace) -> int:
    """Search, and print what was found; Ctrl+C ends the search, not the command.

    Returns 0 if the search is complete and all is as expected, 1 for another outcome or a claim that fails, 3
    if neither was found and the search is not complete.
    Errors: BadInput for invalid options or an invalid scenario; OSError if the graph cannot be written, after
    what was found is printed.
    """
    check_together(arguments)
    _check_graph(arguments.graph)
    limits, sample = _limits(arguments), _sample(arguments)
    scenario = asked_for(arguments)
    found, seconds = _searched(scenario, arguments, limits, sample)
    _print(found, scenario, seconds, as_json=arguments.json)
    if arguments.graph is not None:
        sys.stdout.flush()
        _write_graph(arguments.graph, scenario, found)
    return _EXIT[found.ok]


def _searched(
    scenario: Scenario, arguments: argparse.Namespace, limits: Limits, sample: Sample | None
) -> tuple[Exploration, float]:
    """What the search found, and how many seconds it took."""
    # Imported here, so that --help and an error of the arguments come faster.
    from engine.explore import explore
    from explorer.views.exploration_words import progress_words

    line, start = ProgressLine(sys.stderr), time.monotonic()
    stopped = False
    with line, Noticed() as interrupt:

        def progress(now: Progress) -> bool:
            nonlocal stopped
            line.show(progress_words(now))
            stopped = interrupt.came
            return not stopped

        found = explore(
            scenario,
            exprs=tuple(arguments.expr),
            always=tuple(arguments.always),
            end=tuple(arguments.end),
            order=tuple(arguments.order),
            limits=limits,
            reduce=arguments.reduce,
            sample=sample,
            allow=tuple(arguments.allow),
            invariants=arguments.invariants,
            progress=progress,
        )
    if stopped and not found.complete:
        found = replace(found, bound="Ctrl+C")
    return found, time.monotonic() - start


def _print(found: Exploration, scenario: Scenario, seconds: float, *, as_json: bool) -> None:
    if as_json:
        from explorer.text.explore_json import facts

        print(json.dumps(facts(found)))
        return
    from explorer.text.explore_output import lines

    for line in lines(found, scenario=scenario, seconds=seconds):
        print(line)


def _write_graph(file: str, scenario: Scenario, found: Exploration) -> None:
    # Imported here: only this needs NetworkX.
    from engine.explore.drawn_graph import drawn_graph
    from engine.explore.graph.condensed import graphml

    write_output(file, graphml(drawn_graph(scenario, found)))


# --- options ----------------------------------------------------------------------------------------------


def _limits(arguments: argparse.Namespace) -> Limits:
    """The limits of the command line.

    Errors: BadInput for memory that is not a size.
    """
    memory = MEMORY if arguments.memory is None else read_memory(arguments.memory)
    return Limits(arguments.states or STATES, arguments.ticks, memory)


def _sample(arguments: argparse.Namespace) -> Sample | None:
    """How to sample; None to search all schedules.

    Errors: BadInput for another text than a way to sample.
    """
    if arguments.sample is None:
        return None
    strategy, depth = read_sample(arguments.sample)
    schedules = arguments.schedules or SCHEDULES
    return Sample(strategy, depth, schedules, arguments.seed or 0, arguments.workers or 1)


def _check_graph(file: str | None) -> None:
    """Check the name of the graph's file.

    Errors: BadInput for another suffix, or if no file can have that name.
    """
    if file is not None and user_path(file).suffix.lower() != GRAPHML:
        raise BadInput(f"--graph {file[:60]}: unknown suffix; use FILE{GRAPHML}")
