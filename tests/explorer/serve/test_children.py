"""The environment of a visitor's process; how it starts and ends is in `test_server`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import explorer
from explorer.serve.children import environment_of


def test_a_process_has_nothing_of_the_servers_environment_but_its_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = {
        "LANG": "de_DE.UTF-8",
        "PAGEQ_SECRET": "x",
        "AWS_KEY": "y",
        "HOME": "/home/me",
        "PYTHONPATH": ".:",
    }
    found = environment_of(server, "/empty")
    assert not {"x", "y", "/home/me"} & set(found.values())
    assert (found["LANG"], found["HOME"]) == ("de_DE.UTF-8", "/empty")
    # It has another current folder: relative paths are of the server's.
    root = str(Path(explorer.__file__).parents[1])
    assert found["PYTHONPATH"].split(os.pathsep) == [root, str(tmp_path)]
    assert environment_of({}, "/empty")["LANG"] == "C.UTF-8"
