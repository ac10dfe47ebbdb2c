"""`pageq serve`: the screen in browsers, with a process for each visitor."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.scenario.library import OWN
from explorer import DEFAULT_SCENARIO
from explorer.cli.arguments import SCENARIO, add_course, count_of
from explorer.serve.guard import LOOPBACK, new_secret, read_origin, read_secret
from explorer.session.whole_file import user_path
from explorer.views.safe_text import safe

PLACE: Final = 25
HELP: Final = "Show the screen in browsers, to several visitors at once."

SECRET: Final = "PAGEQ_SECRET"

INSTALL: Final = "pageq serve needs the package textual-serve; install it with pip install 'pageq[serve]'"

SHORTEST, LONGEST = 10, 24 * 3600

_UNITS: Final = {"s": 1, "m": 60, "h": 3600}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `pageq serve`."""
    parser.epilog = "`pageq help commands` says how long a visit lasts, and how to serve a class."
    parser.add_argument(
        "scenario", nargs="?", metavar="SCENARIO", help=f"{SCENARIO}; default {DEFAULT_SCENARIO}"
    )
    add_course(parser)
    words = "the port; 0 takes a free one; default 8000"
    parser.add_argument("--port", metavar="PORT", type=_read_port, default=8000, help=words)
    sessions = count_of("visits", 8, 1000, least=1)
    words = "the most visits at once, from 1 to 1,000; default 8"
    parser.add_argument("--sessions", metavar="N", type=sessions, default=8, help=words)
    words = "end a visit in which nothing is typed for this time, such as 45s, 30m or 2h; default 30m"
    parser.add_argument("--idle", metavar="TIME", type=read_time, default=1800, help=words)
    words = f"the address to listen on, with --behind-proxy only; default {LOOPBACK}"
    parser.add_argument("--host", metavar="ADDRESS", help=words)
    words = "the public origin of a proxy, such as https://pageq.example.edu; may be repeated"
    parser.add_argument("--behind-proxy", metavar="ORIGIN", action="append", default=[], help=words)
    words = f"a file with the secret part of the address; or {SECRET} in the environment; default: random"
    parser.add_argument("--secret-file", metavar="FILE", help=words)


def run(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl+C or another signal; return 128 + its number.

    Errors: BadInput for a wrong argument or scenario, a port that is taken, or if textual-serve is missing.
    """
    if arguments.host is not None and not arguments.behind_proxy:
        raise BadInput("--host needs --behind-proxy ORIGIN: others must reach the server by HTTPS only")
    try:
        import textual_serve  # noqa: F401 - whether the extra is installed
    except ImportError:
        raise BadInput(INSTALL) from None
    import asyncio

    from explorer.serve.children import PROGRAM
    from explorer.serve.server import Settings, serve

    settings = Settings(
        program=(*PROGRAM, *_chosen(arguments)),
        secret=_secret(arguments.secret_file) or new_secret(),
        host=arguments.host or LOOPBACK,
        port=arguments.port,
        public=tuple(dict.fromkeys(map(read_origin, arguments.behind_proxy))),
        sessions=arguments.sessions,
        idle=arguments.idle,
    )
    return asyncio.run(serve(settings, _announce, _report))


def read_time(text: str) -> int:
    """Read a time such as 45s, 30m or 2h; return its seconds.

    Errors: argparse.ArgumentTypeError for any other text, or a time out of range.
    """
    found = re.fullmatch(r"([0-9]{1,6})([smh])", text, re.ASCII)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not SHORTEST <= seconds <= LONGEST:
        words = "use seconds, minutes or hours such as 45s, 30m or 2h, from 10s to 24h"
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a time; {words}")
    return seconds


def _read_port(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) < 1 << 16:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a port; use a number from 0 to 65535")


def _chosen(arguments: argparse.Namespace) -> list[str]:
    """Return the arguments of the visitors' processes, which have another current folder.

    Errors: BadInput if there is no such scenario.
    """
    library, name = arguments.course, arguments.scenario or DEFAULT_SCENARIO
    path = library.find(name)
    given = name if library.files().get(name) == path else str(path.resolve())
    course = [] if library is OWN else ["--course", str(library.path.resolve())]
    return ["--scenario", given, *course]


def _secret(file: str | None) -> str | None:
    """Return the secret that the user gives in a file or in the environment; None without one.

    Errors: BadInput for a secret that is not right, or a file that cannot be read.
    """
    if file is None:
        given = os.environ.get(SECRET)
        return None if given is None else read_secret(given, SECRET)
    path: Path = user_path(file)
    if not path.is_file():
        raise BadInput("there is no such file; give one that contains the secret", file=file[:200])
    with path.open(encoding="utf-8", errors="replace") as opened:
        return read_secret(opened.read(4096).strip(), file[:200])


def _announce(url: str) -> None:
    print(f"pageq: open {url} in a browser", flush=True)


def _report(line: str) -> None:
    print(f"pageq: {safe(line)}", file=sys.stderr, flush=True)
