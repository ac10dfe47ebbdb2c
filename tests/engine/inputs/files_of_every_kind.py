"""A small file of every kind that engine.inputs.file_kinds knows, as bytes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

from engine.inputs.file_roles import (
    ANSWERS,
    CONFIG,
    COURSE,
    DUMP,
    EXPERIMENT,
    HWLOC,
    KERNEL_TRACE,
    PROGRESS,
    SCENARIO,
    SCHEDULE,
    SESSION,
    STATE,
)
from explorer.commands.config import default_text
from tests.engine.scenario.course_folder import COURSE as COURSE_TEXT
from tests.explorer.cli.small_scenarios import HELD
from tests.explorer.tiny_experiment import EXPERIMENT as EXPERIMENT_TEXT

GOLDEN: Final = Path(__file__).parents[2] / "conformance" / "golden"
_MACHINES: Final = Path(__file__).with_name("machines")

STATE_STRING: Final = "pq1-eNqrVsoqzs9Tsi4oysxLt1KoVkrJTM9JtVKyMtBRSi0qyi8CAGv_CmY"
"""Has the letters of a state string; it does not open."""

SESSION_TEXT: Final = json.dumps({"format": 1, "token": STATE_STRING, "cursor": 3}, indent=1)

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "scenario.toml": (SCENARIO, HELD),
    "course.toml": (COURSE, COURSE_TEXT),
    "experiment.toml": (EXPERIMENT, EXPERIMENT_TEXT),
    "default-config.toml": (CONFIG, default_text()),
    "config.toml": (CONFIG, 'theme = "light"\n[keys]\nstep = "s"\n'),
    "moment.pq": (STATE, f"{STATE_STRING}\n"),
    "session.json": (SESSION, SESSION_TEXT),
    "progress.json": (PROGRESS, '{"format": 1, "courses": []}'),
    "run.jsonl": ("a JSON output of pageq run", '{"format": 1, "type": "start", "scenario": "tour"}\n'),
    "boot.json": ("a JSON output of pageq boot", '{"format": 1, "phys_ids": 1, "vmstats": {}}'),
    "list.json": ("a JSON output of pageq list", '[{"name": "a", "title": "A", "covers": []}]'),
    "kernel.jsonl": (KERNEL_TRACE, gzip.decompress((GOLDEN / "commit.jsonl.gz").read_bytes()).decode()),
    "limits.json": ("a table of the kernel's limits", (GOLDEN / "pageout_thresholds.json").read_text()),
    "answers.txt": (ANSWERS, "# a class\nlife-of-a-page\tafter-alloc\tPQ_NONE\n"),
    "named.txt": (ANSWERS, "# name: Bo\ntour\t1\t0\n"),
    "schedule.txt": (SCHEDULE, "# first A\nA:3\nB:2, tick\n"),
    "machine.xml": (HWLOC, (_MACHINES / "two-sockets.xml").read_text()),
    "picture.svg": ("an SVG picture", '<?xml version="1.0"?>\n<!-- x --><svg xmlns="x"></svg>'),
    "picture.png": ("a PNG picture", "\x89PNG\r\n\x1a\n\0\0"),
    "paper.pdf": ("a PDF file", "%PDF-1.7\n1 0 obj\n"),
    "handout.html": ("an HTML page", "<!DOCTYPE html>\n<html><body><svg></svg></body></html>\n"),
    "moodle.xml": ("a question bank for Moodle", '<?xml version="1.0" ?>\n<quiz><question/></quiz>'),
    "lackey.txt": ("a valgrind lackey trace", "==1== Lackey\nI  04001000,3\n L 04001ffe,4\n"),
    "pin.out": ("a Pin trace", "# pinatrace\n0x41f7a0: R 0x13f517d8\n#eof\n"),
    "rw.txt": ("a trace of reads and writes", "R 7ffe18\nW 7ffe20\n"),
    "trace.din": ("a Dinero trace", "0 1fe0\n1 2004\n"),
    "addresses.txt": ("a list of addresses", "0x7ffe18, 0x401000\n"),
    "pages.txt": ("a list of page numbers", "7 0 1 2 0 3\n"),
    "table.csv": ("a table of accesses", "time,addr,op\n1,0x1000,R\n2,0x2000,W\n"),
    "pageq.txt": (DUMP, "db> show pageq\nPQ_FREE: 12 0 7 3\nPQ_CACHE: 0 0 0 0\n"),
    "page.txt": (DUMP, "vmstats.v_free_count: 188436\nvmstats.v_free_min: 1374\n"),
    "sysctl.txt": (DUMP, "vm.stats.vm.v_free_count=28760\nvm.stats.vm.v_page_count = 246178\n"),
    "vmstat.txt": (DUMP, "   123456 total VM faults taken\n     4096 bytes per page\n    28760 pages free\n"),
    "tool.py": ("a Python script", '"""A tool."""\n\nimport sys\n\nprint(sys.argv)\n'),
    "tool": ("a Python script", "#!/usr/bin/env python3\nprint(1)\n"),
    "tool.sh": ("a shell script", "#! /bin/sh -e\necho\n"),
    "empty": ("an empty file", ""),
}
"""Name of a file -> the name of its kind, and its text."""


def bytes_of(name: str) -> bytes:
    """The bytes of one of TEXTS."""
    return TEXTS[name][1].encode("latin-1" if name == "picture.png" else "utf-8")


FILES: Final[dict[str, tuple[str, bytes]]] = {
    **{name: (TEXTS[name][0], bytes_of(name)) for name in TEXTS},
    "scenario.gz": ("a gzipped scenario", gzip.compress(HELD.encode())),
    "experiment.gz": ("a gzipped experiment", gzip.compress(EXPERIMENT_TEXT.encode())),
    "utf16.toml": ("a scenario in UTF-16", HELD.encode("utf-16")),
    "utf16.txt": ("text in UTF-16", "hello, world\n".encode("utf-16-le")),
    "prose.gz": ("a gzip file", gzip.compress(b"some words of prose\n")),
    "random.bin": ("a binary file", bytes(range(256))),
}
"""Name of a file -> the name of its kind, and its bytes."""
