"""`pageq experiment`: measure a claim of the document over settings that vary, and judge it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from engine.errors import BadInput
from engine.words import plural
from explorer.cli.arguments import ONE_OBJECT, count_of
from explorer.cli.interrupts import INTERRUPTED, Noticed
from explorer.cli.output import write_output
from explorer.cli.progress_line import ProgressLine
from explorer.session.whole_file import user_path

if TYPE_CHECKING:
    from engine.experiments.experiment import Experiment
    from engine.experiments.table import Done
    from explorer.views.experiment_words import ExperimentResult

PLACE: Final = 43
HELP: Final = "Measure a claim of the document: a table, a chart, and verdicts that the numbers give."

PICTURE: Final = ".svg"

STDOUT: Final = "-"

LISTED: Final = ("name", "title", "claim", "points", "section")
"""The keys of an experiment in the list as JSON."""

MEASURE: Final = (
    "pageq experiment NAME measures one; pageq help experiments explains it. On two processors that takes "
    "from 2 seconds to half a minute; a line says how long is left. Finished points are kept, and not "
    "measured again."
)
"""What comes after the list."""

WIDEST: Final = 100
"""The most columns of the list."""

EXPERIMENT: Final = "an experiment by its name, or a file; without one, list the experiments"
VARY: Final = (
    "vary a setting over other values: a list such as 1,4,16, or a range A..B of integers; may be repeated"
)
CLUSTER: Final = "measure the points on a Dask cluster (pip install 'pageq[cluster]'), by its scheduler"
FORGET: Final = "remove the results of finished points that are kept in the user's cache"
CSV: Final = "write every row as CSV; - is stdout, instead of the text"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq experiment`."""
    parser.epilog = "`pageq help experiments` says what is measured, and how a file of your own is written."
    parser.add_argument("experiment", nargs="?", metavar="EXPERIMENT", help=EXPERIMENT)
    parser.add_argument("--vary", metavar="KEY=VALUES", action="append", default=[], help=VARY)
    parser.add_argument(
        "--workers",
        metavar="N",
        type=count_of("processes", 4, 999, least=1),
        help="the number of processes, which does not change the numbers; default: one for each processor",
    )
    parser.add_argument("--cluster", metavar="tcp://HOST:PORT", help=CLUSTER)
    parser.add_argument("--no-cache", action="store_true", help="measure every point again")
    parser.add_argument("--forget", action="store_true", help=FORGET)
    parser.add_argument("--rows", action="store_true", help="print every row, not the mean over the seeds")
    parser.add_argument("--csv", metavar="FILE", help=CSV)
    parser.add_argument("--chart", metavar=f"FILE{PICTURE}", help="write the chart as a picture")
    parser.add_argument("--json", action="store_true", help=ONE_OBJECT)


def run(arguments: argparse.Namespace) -> int:
    """Measure the points, print the table and judge the verdicts; Ctrl+C keeps the points that are finished.

    Returns 0 if every run ended as expected and every verdict holds, 1 if one does not, 130 after Ctrl+C.
    Errors: BadInput for an invalid experiment or option; OSError if a file cannot be written, after what was
    measured is printed.
    """
    if arguments.forget:
        _forget()
    if arguments.experiment is None:
        if not arguments.forget:
            _list(arguments)
        return 0
    _check(arguments)
    # Imported here, so that --help and an error of the arguments come faster.
    from engine.experiments.experiment import load_experiment

    experiment = load_experiment(arguments.experiment, arguments.vary)
    if arguments.chart is not None and experiment.chart is None:
        raise BadInput(f"{experiment.name} has no chart; remove --chart, or add [chart] to its file")
    found, seconds = _measured(experiment, arguments)
    _print(found, seconds, arguments)
    _write(found, arguments)
    if not found.complete:
        return INTERRUPTED
    return 0 if found.ok else 1


# --- measuring --------------------------------------------------------------------------------------------


def _measured(experiment: Experiment, arguments: argparse.Namespace) -> tuple[ExperimentResult, float]:
    """The table of the experiment with its verdicts, and how many seconds it took."""
    from engine.experiments.cache import Cache
    from engine.experiments.sweep import sweep
    from engine.experiments.verdicts import judge
    from explorer.session.experiment_sweep import processors
    from explorer.views.experiment_words import ExperimentResult, Pace, progress_words

    line, start = ProgressLine(sys.stderr), time.monotonic()
    cache, pace = None if arguments.no_cache else Cache(), Pace()
    with line, Noticed() as interrupt:

        def progress(now: Done) -> bool:
            far = (len(now.rows), now.total, now.from_cache)
            line.show(progress_words(*far, pace.left(*far, time.monotonic())))
            return not interrupt.came

        table = sweep(
            experiment,
            workers=arguments.workers or processors(),
            cluster=arguments.cluster,
            cache=cache,
            progress=progress,
        )
    seconds = time.monotonic() - start
    if cache is not None and cache.problem:
        print(f"pageq: {cache.problem}", file=sys.stderr)
    partial = ExperimentResult(experiment, table.rows)
    if not partial.complete:
        return partial, seconds
    return ExperimentResult(experiment, table.rows, judge(experiment, table)), seconds


def _forget() -> None:
    """Remove what the cache has, and say so.

    Errors: OSError if a file cannot be removed.
    """
    from engine.experiments.cache import Cache

    cache = Cache()
    print(f"removed the results of {plural(cache.forget(), 'experiment')} in {cache.folder}", file=sys.stderr)


# --- output -----------------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> None:
    """Print the experiments.

    Errors: BadInput for an option that needs one.
    """
    given = [*(["--vary"] if arguments.vary else []), *(["--no-cache"] if arguments.no_cache else [])]
    given += [f"--{name}" for name in ("workers", "cluster", "csv", "chart") if getattr(arguments, name)]
    given += ["--rows"] if arguments.rows else []
    if given:
        raise BadInput(f"{given[0]} needs an experiment; `pageq experiment` lists them")
    from engine.experiments.listing import listed_experiments
    from explorer.views.experiment_list import list_lines
    from explorer.views.spans import wrapped

    listed = listed_experiments()
    if arguments.json:
        print(json.dumps([{key: getattr(one, key) for key in LISTED} for one in listed]))
        return
    width = min(get_terminal_size().columns, WIDEST)
    for text in (*(line for line, _ in list_lines(listed, width)), "", *wrapped(MEASURE, width)):
        print(text)


def _check(arguments: argparse.Namespace) -> None:
    """Check the files before the measuring, which may take minutes.

    Errors: BadInput for a file that could not be written, or options that exclude each other.
    """
    if arguments.chart is not None and user_path(arguments.chart).suffix.lower() != PICTURE:
        raise BadInput(f"--chart {arguments.chart[:60]}: unknown suffix; use FILE{PICTURE}")
    if arguments.csv == STDOUT and arguments.json:
        raise BadInput("--csv - and --json both print to stdout; give --csv a file")
    for file in (arguments.chart, arguments.csv):
        path = None if file in (None, STDOUT) else user_path(file)
        if path is not None and path.is_dir():
            raise BadInput(f"{file[:200]}: this is a folder; give a file")
        if path is not None and not path.parent.is_dir():
            raise BadInput(f"{file[:200]}: its folder does not exist; create it, or give another file")


def _print(found: ExperimentResult, seconds: float, arguments: argparse.Namespace) -> None:
    from explorer.text.experiment_output import csv_text, json_text, text_lines

    if arguments.json:
        print(json_text(found))
    elif arguments.csv == STDOUT:
        write_output(None, csv_text(found))
    else:
        size, given = get_terminal_size(), arguments.vary
        for text in text_lines(found, size.columns, each=arguments.rows, seconds=seconds, given=given):
            print(text)
    sys.stdout.flush()


def _write(found: ExperimentResult, arguments: argparse.Namespace) -> None:
    """Write the files that are asked for."""
    if arguments.csv not in (None, STDOUT):
        from explorer.text.experiment_output import csv_text

        write_output(arguments.csv, csv_text(found))
    if arguments.chart is None:
        return
    from explorer.papers.experiment_picture import chart_picture
    from explorer.views.experiment_chart import chart_of

    chart = chart_of(found.experiment, found.rows)
    if chart is None:
        print(f"pageq: no point has a value to draw; {arguments.chart} is not written", file=sys.stderr)
        return
    write_output(arguments.chart, chart_picture(found.experiment.title, found.experiment.claim, chart))
