"""`pageq replay`: from a trace to a table, a curve, a chart, CSV or JSON; wrong input is one message."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.policies import comparison
from explorer.cli.help import topics
from explorer.cli.replay import MOST_FRAMES, POLICIES
from explorer.session.replay import EVERY
from tests.explorer.cli.command_output import Run, refused

BELADY = "1 2 3 4 1 2 5 1 2 3 4 5"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no line is wrapped."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def belady(tmp_path: Path) -> str:
    path = tmp_path / "belady"
    path.write_text(BELADY)
    return str(path)


def test_the_table_has_a_row_for_each_policy_and_number_of_frames(belady: str, run: Run) -> None:
    code, out, err = run("replay", belady, "--frames", "4,3,4", "--policy", "fifo,opt")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert " ".join(lines[0] + lines[1]).startswith(f"{belady}: 12 references (pages) to 5 pages")
    assert [row for row in lines if row and row[0] in ("3", "4")][:4] == [
        ["3", "fifo", "3", "9", "75.000", "6", "0"],
        ["3", "opt", "5", "7", "58.333", "4", "0"],
        ["4", "fifo", "2", "10", "83.333", "6", "0"],
        ["4", "opt", "6", "6", "50.000", "2", "0"],
    ]
    assert "misses over frames, by policy  f fifo  o opt" in out


def test_the_json_is_the_contract(belady: str, run: Run) -> None:
    code, out, _ = run("replay", belady, "--frames", "3", "--policy", "lru", "--curve", "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found)[:5] == ["format", "trace", "references", "pages", "rows"]
    assert found["rows"] == [
        {"policy": "lru", "frames": 3, "hits": 2, "misses": 10, "evictions": 7, "writebacks": 0}
    ]
    assert found["curve"] == [[1, 12], [3, 10], [4, 8], [5, 5]]


def test_the_csv_has_the_curve_after_the_rows(belady: str, run: Run) -> None:
    _, out, _ = run("replay", belady, "--frames", "3", "--policy", "lru", "--curve", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["policy"], row["frames"], row["misses"]) for row in rows] == [
        ("lru", "3", "10"), ("lru-curve", "1", "12"), ("lru-curve", "3", "10"), ("lru-curve", "4", "8"),
        ("lru-curve", "5", "5"),
    ]  # fmt: skip
    assert rows[0]["passes"] == rows[1]["evictions"] == ""


@pytest.mark.slow
def test_the_example_of_the_reference_is_what_the_command_prints(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel and all policies of the textbooks."""
    monkeypatch.setenv("COLUMNS", "120")
    _, out, _ = run("replay", "recorded:true", "--frames", "64")
    assert f"```text\n{out}```\n" in topics()["references"].text


def test_the_chart_is_a_picture(belady: str, tmp_path: Path, run: Run) -> None:
    chart = tmp_path / "chart.svg"
    assert run("replay", belady, "--frames", "3,4", "--policy", "lru,fifo", "--chart", str(chart))[0] == 0
    text = " ".join(" ".join(ElementTree.parse(chart).getroot().itertext()).split())
    assert "Misses by frames" in text
    assert "12 references (pages)" in text


def test_what_takes_too_much_memory_is_left_out_in_words(run: Run) -> None:
    words = ("replay", "made:loop:length=70000", "--frames", "4", "--policy", "lru,opt", "--memory", "1MiB")
    _, out, _ = run(*words, "--curve")
    assert "left out: opt: it keeps the whole string, 16 bytes a reference, in more than" in out
    assert "left out: --curve: it takes 64 bytes a reference" in out
    _, out, err = run(*words, "--csv")
    assert [line.split(",")[0] for line in out.splitlines()] == ["policy", "lru"]
    assert err.startswith("left out: opt: ")


def test_the_policies_and_frames_of_the_help_are_those_that_exist() -> None:
    assert POLICIES == EVERY
    assert MOST_FRAMES == comparison.MOST_FRAMES


def test_options_say_how_a_file_is_read(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(gzip.compress(b"op,addr\nw,0x1000\ni,0x2000\nr,0x1fff\n"))
    lru = ("--frames", "1", "--policy", "lru", "--json")
    words = ("replay", str(path), "--columns", "op=1,addr=2", *lru)
    rows = [
        json.loads(run(*words, *more)[1])
        for more in ((), ("--no-code",), ("--page-size", "16384"), ("--format", "csv"))
    ]
    assert [(row["references"], row["pages"]) for row in rows] == [(3, 2), (2, 1), (3, 1), (3, 2)]
    assert rows[0]["rows"][0]["writebacks"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["made:loop:length=2000000000", "--curve", "--memory", "1MiB"], "--curve: it takes 64 bytes"),
        (["made:loop:length=2000000000", "--frames", "4", "--policy", "opt,kernel", "--memory", "1MiB"],
         "in more than --memory 1 MiB; give more, or a policy that does not keep it, such as lru"),
        (["FILE"], "give --frames N, such as --frames 64"),
        (["made:foo"], "'foo' is not a made string"),
        (["FILE", "--frames", "0"], "'0' is not a number of frames; use one like 64"),
        (["FILE", "--frames", "3,"], "'' is not a number of frames"),
        (["FILE", "--frames", "9" * 5000], "is not a number of frames"),
        (["FILE", "--frames", "16777217"], "'16777217' is not a number of frames; use one like 64, from 1"),
        (["FILE", "--frames", "\u0664"], "use one like 64, from 1 to 16,777,216"),
        (["FILE", "--frames", "3", "--tick", "0"], "use one like 1000, from 1 to 999,999,999"),
        (["FILE", "--frames", "3", "--page-size", "9" * 50], "; use a power of two from 256 to"),
        (["FILE", "--frames", "3", "--policy", "mru"], "'mru' is not a policy; use kernel, lru"),
        (["FILE", "--curve", "--policy", "lru"], "--policy needs --frames N"),
        (["FILE", "--frames", "3", "--format", "zip"], "--format zip: unknown format; use one of lackey"),
        (["FILE", "--frames", "3", "--format", "csv"], "--format csv needs --columns"),
        (["FILE", "--frames", "3", "--format", "pin", "--columns", "addr=1"], "--columns is for csv"),
        (["FILE", "--frames", "3", "--columns", "addr=0"], "--columns: 'addr=0' is not a column"),
        (["FILE", "--frames", "3", "--page-size", "1000"], "'1000' is not a size of a page"),
        (["FILE", "--frames", "3", "--memory", "1"], "'1' is not a size for a reference string"),
        (["FILE", "--frames", "3", "--chart", "a.svg"], "--chart needs several numbers of frames"),
        (["FILE", "--frames", "3,4", "--chart", "a.png"], "--chart a.png: unknown suffix; use FILE.svg"),
        (["FILE", "--frames", "3,4", "--chart", "/no/a.svg"], "its folder does not exist"),
        (["FILE", "--frames", "3", "--json", "--csv"], "not allowed with argument"),
        (["/missing", "--frames", "3"], "/missing: cannot read the file: No such file or directory; give a"),
        (["a\0b", "--frames", "3"], "cannot be the name of a file"),
        (["made:mru", "--frames", "3"], "'mru' is not a made string; use loop, scan, zipf, phases"),
        (["recorded:cat", "--frames", "3"], "'cat' is not a recorded string"),
        (["FILE", "--frames", "3", "--policy", "lru", "--format", "rw"], "belady:1: '1 2 3 4 1 2 5 1"),
        (["/missing", "--frames", "3", "--rules", "foo"], "--rules: there is no rule set 'foo'; there are"),
        (["FILE", "--frames", "3", "--rules", "source+x"], "--rules: 'x' is not OPTION=VALUE; write one"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_message(words: list[str], message: str, belady: str, run: Run) -> None:
    refused(run("replay", *(belady if word == "FILE" else word for word in words)), message)
