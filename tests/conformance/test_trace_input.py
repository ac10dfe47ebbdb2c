"""What is not a trace: a message with file and line, never a traceback."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.cli.conform import run_conform

Line = dict[str, Any]
Write = Callable[[list[Line]], str]


def run(path: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run_conform([path], out, err)
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        (b"", 1, "empty"),
        (b"\n", 1, "JSON"),
        (b"hello\n", 1, "JSON"),
        (b"5\n", 1, "object"),
        (b"{}\n", 1, "header"),
        (b'{"op": "hardclock"}\n', 1, "header"),
        (b'{"header": 5}\n', 1, "header"),
        (b'{"header": "x"}\n', 1, "format"),
        (b'{"header": "x", "format": 2}\n', 1, "format 2"),
        (b'{"header": "x", "format": true}\n', 1, "whole number"),
        (b'{"header": "x", "format": 1.0}\n', 1, "whole number"),
        (b'{"header": "x", "format": NaN}\n', 1, "whole number"),
        (b'{"header": "\xff"}\n', 1, "utf-8"),
        (b"[" * 100_000 + b"\n", 1, "JSON"),
        (b'{"header": ' + b"9" * 5000 + b"}\n", 1, "JSON"),
        (b"\x1f\x8b\x08\x00broken", 1, "gzip"),
    ],
)
def test_no_trace_at_all(tmp_path: Path, content: bytes, line: int, word: str) -> None:
    path = tmp_path / "trace"
    path.write_bytes(content)
    code, _, err = run(str(path))
    assert code == 2
    assert err.startswith(f"{path}:{line}: ")
    assert word in err
    assert err.count("\n") == 1


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        code, _, err = run(str(path))
        assert code == 2
        assert err.startswith(f"{path}: cannot be read: ")


def test_a_gzip_file_cut_off_names_the_line_it_ends_in(story: tuple[Line, ...], tmp_path: Path) -> None:
    text = "".join(json.dumps(line) + "\n" for line in story).encode()
    path = tmp_path / "trace.jsonl.gz"
    path.write_bytes(gzip.compress(text)[:-20])
    code, out, err = run(str(path))
    assert code == 2
    assert err.startswith(f"{path}:")
    assert "gzip" in err
    assert out.splitlines()[-1].startswith("1 files, 1 segments, ")


def test_a_zipped_trace_is_a_trace(story: tuple[Line, ...], tmp_path: Path) -> None:
    path = tmp_path / "trace"
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in story).encode()))
    assert run(str(path))[0] == 0


HEADER_PARTS = ("config", "object_addr_base", "object_addr_stride", "PQ_L2_SIZE", "pagethread", "emergpager")
CONFIG_PARTS = (
    *("ncpus", "ncpus_fit", "phys_ids", "core_ids", "ht_ids"),
    *("cpu_ids", "phys_avail", "numa", "ticks"),
)


@pytest.mark.parametrize("key", HEADER_PARTS)
@pytest.mark.parametrize("value", [None, "5", [], "missing"])
def test_a_header_with_a_part_missing_or_of_another_type(
    story: tuple[Line, ...], write: Write, key: str, value: Any
) -> None:
    header = {name: part for name, part in story[0].items() if name != key}
    header |= {} if value == "missing" else {key: value}
    code, _, err = run(write([header, *story[1:]]))
    assert code == 2
    assert ":1: the header" in err
    assert key in err


@pytest.mark.parametrize("key", CONFIG_PARTS)
@pytest.mark.parametrize("value", [None, "5", [[1]], "missing"])
def test_a_machine_with_a_part_missing_or_of_another_type(
    story: tuple[Line, ...], write: Write, key: str, value: Any
) -> None:
    config = {name: part for name, part in story[0]["config"].items() if name != key}
    config |= {} if value == "missing" else {key: value}
    code, _, err = run(write([story[0] | {"config": config}, *story[1:]]))
    assert code == 2
    assert f":1: the header's `{key}`" in err


@pytest.mark.parametrize(
    "changes",
    [
        {"i": "1"},
        {"op": 5},
        {"args": []},
        {"args": {}},
        {"args": {"page": "1000"}},
        {"args": {"page": None}},
        {"thread": None},
        {"cpu": "0"},
        {"blocked": {}},
        {"panic": 5, "ret": "missing"},
        {"ret": "missing"},
        {"pages": {}},
        {"pages": [5]},
        {"pages": [[1, 2]]},
        {"queues": [["FREE", 0]]},
        {"vmstats": []},
        {"cpus": [[0, 1, 2, 3]]},
        {"globals": 5},
    ],
)
def test_an_operation_of_another_shape(
    recorder: Callable[..., list[Line]], write: Write, changes: Line
) -> None:
    lines = recorder([("vm_page_activate", {"page": 1000}, 0, 0)])
    lines[-1] |= changes
    if lines[-1].get("ret") == "missing":
        del lines[-1]["ret"]
    code, _, err = run(write(lines))
    assert code == 2
    assert f":{len(lines)}: " in err


def test_a_boot_line_after_an_operation(story: tuple[Line, ...], write: Write) -> None:
    code, _, err = run(write([*story[:-1], story[1]]))
    assert code == 2
    assert "all boot lines come first" in err
