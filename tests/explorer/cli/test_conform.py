"""`pageq conform`: its output as text and as one JSON object, and its exit codes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from explorer.cli.conform import run_conform
from explorer.cli.entry import main
from tests.engine.inputs.recorded_traces import LIMITS
from tests.explorer.cli.command_output import ROOT

Line = dict[str, Any]
Write = Callable[[list[Line]], str]


def run(*paths: str) -> tuple[int, list[str], list[str]]:
    out, err = io.StringIO(), io.StringIO()
    code = run_conform(list(paths), out, err)
    return code, out.getvalue().splitlines(), err.getvalue().splitlines()


def activate(recorder: Callable[..., list[Line]]) -> list[Line]:
    """Header, three boot lines, and one operation that changes a page, two queues and a cpu."""
    return recorder([("vm_page_activate", {"page": 1000}, 0, 0)])


def test_agreement_is_one_line_and_exit_0(recorder: Callable[..., list[Line]], write: Write) -> None:
    code, lines, err = run(write(activate(recorder)))
    assert (code, err) == (0, [])
    assert lines == ["1 files, 1 segments, 1 operations, 1203 comparisons, 0 not covered, 0 divergences"]


def test_a_divergence_is_named_with_its_place(recorder: Callable[..., list[Line]], write: Write) -> None:
    recorded = activate(recorder)
    recorded[-1]["ret"] = 5
    recorded[-1]["pages"][0][4] = 1
    path = write(recorded)
    code, lines, _ = run(path)
    assert code == 1
    assert sorted(lines[:-1]) == [
        f'{path}:5: op 1 vm_page_activate: pages: trace {{"page":1000,"flags":1}}, '
        'model {"page":1000,"flags":0}',
        f"{path}:5: op 1 vm_page_activate: ret: trace 5, model null",
    ]
    assert lines[-1].endswith(", 0 not covered, 2 divergences")


def test_a_key_of_one_side_is_absent_from_the_other(
    recorder: Callable[..., list[Line]], write: Write
) -> None:
    recorded = activate(recorder)
    recorded[-1]["globals"] = {"ticks": 5}
    path = write(recorded)
    assert run(path)[1][0] == f'{path}:5: op 1 vm_page_activate: globals: trace {{"ticks":5}}, model absent'


def test_one_json_object_has_each_divergence_with_its_sides(
    recorder: Callable[..., list[Line]], write: Write
) -> None:
    recorded = activate(recorder)
    recorded[-1]["ret"] = 5
    recorded[-1]["globals"] = {"ticks": 5}
    path, out = write(recorded), io.StringIO()
    assert run_conform([path], out, io.StringIO(), as_json=True) == 1
    facts = json.loads(out.getvalue())
    place = {"file": path, "line": 5, "op": 1, "name": "vm_page_activate"}
    assert (facts["format"], facts["files"], facts["not_covered"]) == (1, 1, {})
    assert sorted(facts["divergences"], key=lambda row: str(row["key"])) == [
        {**place, "key": "globals", "trace": {"ticks": 5}},
        {**place, "key": "ret", "trace": 5, "model": None},
    ]


def test_a_boot_line_is_operation_0(recorder: Callable[..., list[Line]], write: Write) -> None:
    recorded = activate(recorder)
    recorded[1]["vmstats"]["v_free_count"] += 1
    free = recorded[1]["vmstats"]["v_free_count"]
    path = write(recorded)
    assert run(path)[1][0] == (
        f'{path}:2: op 0 vm_page_startup: vmstats: trace {{"v_free_count":{free}}}, '
        f'model {{"v_free_count":{free - 1}}}'
    )


def test_what_is_not_covered_is_counted_by_name(recorder: Callable[..., list[Line]], write: Write) -> None:
    recorded = activate(recorder)
    one = [*recorded[:4], recorded[4] | {"op": "vm_page_juggle"}, recorded[4]]
    two = [*recorded[:4], recorded[4] | {"op": "do the\ntrick"}]
    code, lines, _ = run(write(one + two))
    assert code == 0
    assert lines[-2] == 'not covered: "do the\\ntrick" 1, vm_page_juggle 2'
    assert lines[-1].startswith("1 files, 2 segments, 0 operations, ")
    assert lines[-1].endswith(", 3 not covered, 0 divergences")


def test_a_bad_file_is_exit_2_and_the_others_are_compared(
    recorder: Callable[..., list[Line]], write: Write, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.write_text("nonsense\n", encoding="utf-8")
    code, lines, err = run(str(bad), write(activate(recorder)))
    assert code == 2
    assert len(err) == 1
    assert err[0].startswith(f"{bad}:1: ")
    assert lines[-1].startswith("2 files, 1 segments, 1 operations, ")


def limits(tmp_path: Path, *entries: Any) -> str:
    path = tmp_path / "limits.json"
    path.write_text(json.dumps(list(entries), indent=1), encoding="utf-8")
    return str(path)


def test_limits_are_compared_entry_by_entry(tmp_path: Path) -> None:
    code, lines, _ = run(limits(tmp_path, LIMITS, LIMITS))
    assert code == 0
    assert lines == ["1 files, 1 segments, 2 operations, 20 comparisons, 0 not covered, 0 divergences"]


def test_a_wrong_limit_is_exit_1_at_its_line(tmp_path: Path) -> None:
    path = limits(tmp_path, LIMITS | {"v_free_min": 74})
    code, lines, _ = run(path)
    line = 3 + list(LIMITS).index("v_free_min")
    assert (code, lines[0]) == (1, f"{path}:{line}: op 1 vm_pageout_thread: v_free_min: trace 74, model 73")


def test_limits_of_another_shape_are_bad_input(tmp_path: Path) -> None:
    for entry in (5, {"mem_mb": 8}, LIMITS | {"v_free_min": "73"}):
        code, _, err = run(limits(tmp_path, LIMITS, entry))
        assert code == 2
        assert ":" in err[0]


def test_the_command_has_the_counts_and_divergences_of_a_trace_of_the_kernel(
    capsys: pytest.CaptureFixture[str],
) -> None:
    golden = ROOT / "tests" / "conformance" / "golden" / "busy.jsonl.gz"
    assert main(["conform", str(golden), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert list(facts) == [
        "format", "files", "segments", "operations", "comparisons", "not_covered", "divergences"
    ]  # fmt: skip
    assert facts["divergences"] == []
    assert facts["files"] == 1
    assert facts["comparisons"] > 0
    assert main(["conform", str(golden)]) == 0
    summary = capsys.readouterr().out.splitlines()[-1]
    assert summary.startswith(f"1 files, {facts['segments']} segments, {facts['operations']} operations")


def test_a_missing_trace_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "/nowhere.jsonl"]) == 2
    assert capsys.readouterr().err.startswith("/nowhere.jsonl: cannot read the file: ")
