"""The limits of a visitor's process; they cannot be raised again, so a process of its own has them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import pathlib, resource
from explorer.serve.confinement import LIMITS, confine
confine()
print([resource.getrlimit(limit) == (value, value) for limit, value in LIMITS.items()])
try:
    pathlib.Path("file").write_text("text")
except OSError as error:
    print(error.strerror)
try:
    bytes(2 << 30)
except MemoryError:
    print("no memory")
"""


def test_a_process_writes_no_file_and_takes_no_more_memory(tmp_path: object) -> None:
    words = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(words, cwd=str(tmp_path), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[True, True, True, True]", "File too large", "no memory"]
