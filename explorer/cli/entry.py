"""The command line: what is asked for, where it goes, and the exit codes.

Only what a command needs is imported, when it is asked for: `--version`, `--help` and `list` load neither
NumPy nor NetworkX, and no headless command loads Textual.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from engine import __version__
from engine.errors import BadInput, CapacityError, InvariantViolation
from explorer import DEFAULT_SCENARIO, THEMES

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

FOUND: Final = 1
BAD: Final = 2
INTERRUPTED: Final = 130

_SCENARIO = "a scenario of the library (see `pageq list`) or a file"
_MACHINE = "a preset, host, an hwloc XML file, or SIZE:SxCxT such as 64MiB:2x4x2"
_RULES = "document, source, or one with options of its own: document+find2_full=off,nice_rule=none"
_AT = "a step, THREAD:LINE (first arrival), or end"
_STATE = "a state string, pq1-..., or a file that holds one"
_ONE_OBJECT = "as one JSON object"
_BREAK = (
    "stop at a kernel FUNCTION [return], THREAD:LINE, panic, invariant, block [THREAD] or wake [THREAD], "
    "optionally followed by `if EXPR` and `hits N`; may be given several times"
)
_WATCH = "stop when a CELL changes, or at `page N leaves QUEUE[COLOR]`; may be given several times"


def build_parser() -> argparse.ArgumentParser:
    """Every command and argument; `--help` is made from it."""
    parser = argparse.ArgumentParser(
        prog="pageq",
        description="An interactive visual explorer of DragonFly BSD's physical page management.",
        epilog=f"Without a command: the screen, on the scenario {DEFAULT_SCENARIO!r}.",
    )
    parser.add_argument("--version", action="version", version=f"pageq {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_tui(commands)
    _add_text(commands)
    _add_list(commands)
    _add_run(commands)
    _add_check(commands)
    _add_show(commands)
    _add_boot(commands)
    _add_conform(commands)
    _add_differences(commands)
    _add_why(commands)
    _add_biography(commands)
    _add_grade(commands)
    _add_export(commands)
    _add_config(commands)
    return parser


def _add_tui(commands: Commands) -> None:
    text = "Open the screen on a scenario."
    parser = commands.add_parser("tui", help=text, description=text)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument("--machine", metavar="M", help=f"run it on another machine: {_MACHINE}")
    parser.add_argument("--at", metavar="STEP", help=f"where to begin: {_AT}; 0 unless told")
    parser.add_argument("--open", metavar="STATE", dest="token", help=_STATE)
    parser.add_argument("--session", metavar="NAME", help="go on with a session that was saved on the screen")
    for_now = parser.add_argument_group("how it looks, instead of what the config file says")
    for_now.add_argument("--theme", choices=THEMES, help="the colours")
    both = argparse.BooleanOptionalAction
    for_now.add_argument("--ascii", action=both, help="ASCII characters only")
    for_now.add_argument("--projector", action=both, help="bigger cells, fewer columns, more room")


def _add_text(commands: Commands) -> None:
    text = "Talk about a scenario line by line: the screen's verbs, for screen readers and pipes."
    parser = commands.add_parser("text", help=text, description=text)
    parser.add_argument("scenario", nargs="?", default=DEFAULT_SCENARIO, metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument("--machine", metavar="M", help=f"run it on another machine: {_MACHINE}")
    parser.add_argument("--at", metavar="STEP", default="0", help=f"where to begin: {_AT}")


def _add_list(commands: Commands) -> None:
    text = "List the scenario library."
    parser = commands.add_parser("list", help=text, description=text)
    parser.add_argument("--json", action="store_true", help="as one JSON array")


def _add_run(commands: Commands) -> None:
    text = "Run a scenario without a screen: one line, or one JSON object, a step."
    parser = commands.add_parser("run", help=text, description=text)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument("--all", action="store_true", help="every scenario of the library, one line each")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--schedule",
        metavar="S",
        help="who takes the steps: THREAD[:N|:line|:op|:block|:end], tick[:N], timeout:THREAD, preempt:CPU, "
        "separated by commas; or rr, random:SEED, @FILE",
    )
    parser.add_argument("--until", metavar="EXPR", help="stop at the first step after which EXPR holds")
    parser.add_argument("--steps", metavar="N", type=_step_count, help="stop after N steps")
    parser.add_argument("--break", metavar="WHAT", dest="breaks", action="append", default=[], help=_BREAK)
    parser.add_argument("--watch", metavar="WHAT", dest="watches", action="append", default=[], help=_WATCH)
    parser.add_argument("--locks", action="store_true", help="at the end, tell how each lock fared")
    parser.add_argument("--open", metavar="STATE", dest="token", help=f"go on where it was made: {_STATE}")
    parser.add_argument(
        "--state",
        metavar="FILE",
        dest="token_file",
        help="write the state string of the last step; - prints it",
    )
    parser.add_argument(
        "--token", dest="token_file", help=argparse.SUPPRESS
    )  # its name in 0.1, for a release
    parser.add_argument("--machine", metavar="M", help=f"run it on another machine: {_MACHINE}")
    parser.add_argument("--rules", metavar="R", help="document or source, instead of the scenario's")


def _step_count(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of steps; write one like 200")
    return int(text)


def _add_check(commands: Commands) -> None:
    text = "Validate scenarios: every message is FILE:LINE, what is wrong, what would be right."
    parser = commands.add_parser("check", help=text, description=text)
    parser.add_argument("files", nargs="+", metavar="FILE", help=_SCENARIO)
    parser.add_argument("--json", action="store_true", help=_ONE_OBJECT)


def _add_show(commands: Commands) -> None:
    text = "Print what DDB's `show page` or `show pageq`, or the sysctls, say at a moment of a scenario."
    usage = (
        "pageq show page|pageq [SCENARIO] [--at STEP] [--machine M] [--hold] [--json]\n"
        "       pageq show sysctl [NAME] [SCENARIO] [--at STEP] [--machine M] [--json]"
    )
    parser = commands.add_parser("show", help=text, description=text, usage=usage)
    parser.add_argument(
        "what", choices=("page", "pageq", "sysctl"), help="counters, the length of each queue, or sysctls"
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="SCENARIO",
        help=f"{_SCENARIO}; for sysctl perhaps a NAME before it, such as vm.v_free_min or vm.stats",
    )
    parser.add_argument("--at", metavar="STEP", default="0", help=f"{_AT}; 0 unless told")
    parser.add_argument("--machine", metavar="M", help=f"another machine: {_MACHINE}")
    parser.add_argument("--hold", action="store_true", help="after pageq: PQ_HOLD too, which DDB leaves out")
    parser.add_argument("--json", action="store_true", help=_ONE_OBJECT)


def _add_boot(commands: Commands) -> None:
    text = "Boot a machine and print what it looks like."
    parser = commands.add_parser("boot", help=text, description=text)
    parser.add_argument("--machine", metavar="M", default="small", help=_MACHINE)
    parser.add_argument("--rules", metavar="R", default="document", help="document or source")
    parser.add_argument("--colors", metavar="N", help="queues of each type: a power of two from 1 to 1024")
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_conform(commands: Commands) -> None:
    text = "Replay traces recorded from the real kernel code and compare every value."
    parser = commands.add_parser("conform", help=text, description=text)
    parser.add_argument("traces", nargs="+", metavar="TRACE", help="a trace, .jsonl or .jsonl.gz")
    parser.add_argument("--json", action="store_true", help=_ONE_OBJECT)


def _add_why(commands: Commands) -> None:
    text = "Tell why a field holds what it holds: who wrote it last, what that had read, and who wrote that."
    parser = commands.add_parser("why", help=text, description=text)
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument(
        "cell", metavar="CELL", help="a field, such as page[0x40].queue or vmstats.v_free_count"
    )
    parser.add_argument("--at", metavar="STEP", default="end", help=f"{_AT}; end unless told")
    parser.add_argument("--all", action="store_true", help="locks and list links too, among what was read")
    parser.add_argument(
        "--depth", metavar="N", type=_depth, default=8, help="causes in the chain; 8 unless told"
    )
    _add_run_of(parser)


def _add_biography(commands: Commands) -> None:
    text = "Tell the life of a page, a queue or an object: every change of its fields."
    parser = commands.add_parser("biography", help=text, description=text)
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument(
        "subject", nargs="+", metavar="SUBJECT", help="page 0x40, queue FREE[5] or object heap"
    )
    parser.add_argument("--at", metavar="STEP", default="end", help=f"up to when: {_AT}; end unless told")
    parser.add_argument("--all", action="store_true", help="locks and list links too")
    _add_run_of(parser)


def _add_grade(commands: Commands) -> None:
    text = "Grade a class's answers to the scenarios' questions, compared by value."
    parser = commands.add_parser("grade", help=text, description=text)
    parser.add_argument("file", metavar="FILE", help="lines of SCENARIO<tab>QUESTION-NUMBER<tab>ANSWER")
    parser.add_argument("--json", action="store_true", help=_ONE_OBJECT)


def _add_run_of(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--schedule", metavar="S", help="another order of steps, as for `pageq run`")
    parser.add_argument("--machine", metavar="M", help=f"another machine: {_MACHINE}")
    parser.add_argument("--rules", metavar="R", help="document or source, instead of the scenario's")
    parser.add_argument("--json", action="store_true", help=_ONE_OBJECT)


def _depth(text: str) -> int:
    if not text.isdecimal() or not 1 <= len(text) <= 6 or not int(text):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of causes; write one like 8")
    return int(text)


def _add_differences(commands: Commands) -> None:
    text = "List where the design document and the kernel's source disagree, and what a machine does."
    parser = commands.add_parser("differences", help=text, description=text)
    parser.add_argument("--machine", metavar="M", default="small", help=_MACHINE)
    parser.add_argument("--rules", metavar="R", default="document", help=_RULES)
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def _add_export(commands: Commands) -> None:
    text = "Write a moment of a scenario as a picture, as the screen's text, or as JSON."
    parser = commands.add_parser("export", help=text, description=text)
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    parser.add_argument("--at", metavar="STEP", default="0", help=f"{_AT}; 0 unless told")
    parser.add_argument("--format", choices=("svg", "text", "json"), required=True, help="what to write")
    parser.add_argument(
        "--size",
        metavar="WxH",
        default="120x40",
        help="columns and lines of the screen shown; 120x40 unless told",
    )
    parser.add_argument("-o", "--out", metavar="FILE", help="where to; stdout unless told")
    parser.add_argument("--machine", metavar="M", help=f"run it on another machine: {_MACHINE}")


def _add_config(commands: Commands) -> None:
    text = "Print where the settings lie: theme, ASCII, projector, motion, and the key of each command."
    parser = commands.add_parser("config", help=text, description=text)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write a file to begin with; it changes nothing")
    action.add_argument("--check", action="store_true", help="say what is wrong in the file, with its line")


def _run_tui(arguments: argparse.Namespace) -> int:
    # Nothing that is loaded now goes away again; until the screen opens there is nothing to collect.
    gc.disable()
    try:
        from explorer.cli.tui import open_screen

        wanted = {name: getattr(arguments, name) for name in ("theme", "ascii", "projector")}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return open_screen(arguments, wanted)
    finally:
        gc.enable()


def _run_text(arguments: argparse.Namespace) -> int:
    from explorer.cli.text import open_text

    return open_text(arguments.scenario, arguments.machine, arguments.at)


def _run_list(arguments: argparse.Namespace) -> int:
    from explorer.cli.list import print_library

    return print_library(arguments.json)


def _run_run(arguments: argparse.Namespace) -> int:
    if arguments.all:
        from explorer.text.library_run import run_all

        return run_all(arguments)
    from explorer.cli.run import run_scenario

    return run_scenario(arguments)


def _run_check(arguments: argparse.Namespace) -> int:
    from explorer.cli.check import check_files

    return check_files(arguments.files, arguments.json)


def _run_show(arguments: argparse.Namespace) -> int:
    from explorer.cli.show import show

    return show(arguments)


def _run_boot(arguments: argparse.Namespace) -> int:
    from explorer.cli.boot import boot_machine

    return boot_machine(arguments.machine, arguments.rules, arguments.colors, arguments.json)


def _run_conform(arguments: argparse.Namespace) -> int:
    from explorer.cli.conform import run_conform

    return run_conform(arguments.traces, sys.stdout, sys.stderr, arguments.json)


def _run_why(arguments: argparse.Namespace) -> int:
    from explorer.cli.why import tell_why

    return tell_why(arguments)


def _run_biography(arguments: argparse.Namespace) -> int:
    from explorer.cli.biography import tell_life

    return tell_life(arguments)


def _run_grade(arguments: argparse.Namespace) -> int:
    from explorer.cli.grade import grade

    return grade(arguments.file, arguments.json)


def _run_differences(arguments: argparse.Namespace) -> int:
    from explorer.cli.differences import print_differences

    return print_differences(arguments.machine, arguments.rules, arguments.json)


def _run_export(arguments: argparse.Namespace) -> int:
    from explorer.cli.export import export

    return export(arguments)


def _run_config(arguments: argparse.Namespace) -> int:
    from explorer.cli.config import configure

    return configure(write=arguments.write, check=arguments.check)


_COMMANDS: Final = {
    "tui": _run_tui,
    "text": _run_text,
    "list": _run_list,
    "run": _run_run,
    "check": _run_check,
    "show": _run_show,
    "boot": _run_boot,
    "conform": _run_conform,
    "differences": _run_differences,
    "why": _run_why,
    "biography": _run_biography,
    "grade": _run_grade,
    "export": _run_export,
    "config": _run_config,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0 as wanted, 1 a finding, 2 bad input, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a terminal's encoding does not have is shown as ?; that is no reason to stop.
        sys.stdout.reconfigure(errors="replace")
    arguments = build_parser().parse_args(words if _names_command(words) else ["tui", *words])
    try:
        code = _COMMANDS[arguments.command](arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough; nothing more may be written when Python closes its streams.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BadInput as error:
        return _refuse(str(error), bare=error.file is not None)
    except CapacityError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (MemoryError, RecursionError) as error:
        return _refuse(f"this is too large for the model: {error or type(error).__name__}")
    except InvariantViolation as violation:
        return _refuse(f"a fault of pageq itself, please report it: {violation}")
    return code


def _names_command(words: Sequence[str]) -> bool:
    """Whether a command, or an option of pageq itself, comes first; if not, the screen is meant."""
    return bool(words) and (not words[0].startswith("-") or words[0] in ("-h", "--help", "--version"))


def _refuse(text: str, bare: bool = False) -> int:
    """Say what is wrong on stderr, after what is on stdout already; `bare` when it begins with FILE:LINE."""
    sys.stdout.flush()
    print(text if bare else f"pageq: {text}", file=sys.stderr)
    return BAD
