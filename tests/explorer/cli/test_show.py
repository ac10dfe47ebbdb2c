"""`pageq show`: DDB's text, the sysctls, and the same numbers as JSON."""

from __future__ import annotations

import json

import pytest

from tests.explorer.cli.command_output import Run, refused


def test_show_page_is_ddbs_ten_lines(run: Run) -> None:
    code, out, _ = run("show", "page", "--machine", "64MiB:1x1x1")
    assert code == 0
    assert len(out.splitlines()) == 10
    assert out.startswith("vmstats.v_free_count: 14847\nvmstats.v_cache_count: 0\n")


def test_show_pageq_is_ddbs_four_lines(run: Run) -> None:
    code, out, _ = run("show", "pageq", "life-of-a-page", "--at", "end")
    rows = [line.split(" ") for line in out.splitlines()]
    assert code == 0
    assert [row[0] for row in rows] == ["PQ_FREE:", "PQ_CACHE:", "PQ_ACTIVE:", "PQ_INACTIVE:"]
    assert all(len(row) == 1025 for row in rows)


def test_the_hold_queues_come_after_ddbs_lines_and_only_with_hold(run: Run) -> None:
    _, plain, _ = run("show", "pageq", "life-of-a-page")
    code, out, _ = run("show", "pageq", "life-of-a-page", "--hold")
    assert code == 0
    assert out.startswith(plain)
    assert out.removeprefix(plain).startswith("PQ_HOLD (an addition, not part of DDB's output): 0 ")


SHOWN = [
    ("a number at a moment", ["vm.stats.vm.v_free_count", "life-of-a-page", "--at", "end"], 1),
    ("a number of a machine", ["vm.dma_reserved", "--machine", "64MiB:2x4x2"], 1),
    ("a subtree", ["vm.stats", "life-of-a-page"], 32),
    ("a structure", ["vm.vmtotal"], 3),
    ("a scenario alone", ["life-of-a-page"], 123),
    ("no argument", [], 123),
]


@pytest.mark.parametrize(("words", "lines"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_show_sysctl(words: list[str], lines: int, run: Run) -> None:
    code, out, err = run("show", "sysctl", *words)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == lines
    assert out.startswith(words[0] if words and words[0].startswith("vm.") else "vm.dma_reserved: ")


def test_show_has_the_numbers_of_its_text(run: Run) -> None:
    for what in ("page", "pageq"):
        text = run("show", what, "life-of-a-page", "--at", "end")[1]
        facts = json.loads(run("show", what, "life-of-a-page", "--at", "end", "--json")[1])
        assert list(facts) == ["format", what]
        rows = [line.replace("vmstats.", "").split(":") for line in text.splitlines()]
        shown = {name: [int(word) for word in words.split()] for name, words in rows}
        values = {name: v if isinstance(v, list) else [v] for name, v in facts[what].items()}
        assert values == shown


BAD = [
    (
        "a moment that the run does not reach",
        ["show", "page", "life-of-a-page", "--at", "app:99"],
        "line 99 of app",
    ),
    ("an unknown sysctl", ["show", "sysctl", "vm.v_free_mim"], "did you mean vm.v_free_min"),
    ("a sysctl of another tree", ["show", "sysctl", "vn.v_free_min"], "there is no sysctl 'vn.v_free_min'"),
    ("two scenarios", ["show", "page", "life-of-a-page", "other"], "give one scenario"),
    ("the hold queues of a page", ["show", "page", "--hold"], "remove it from"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_invalid_view_is_exit_2_with_a_message(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)


def test_other_rules_change_what_is_shown(run: Run) -> None:
    words = ("show", "pageq", "nice-waits-first", "--at", "end")
    document, source = (run(*words, "--rules", rules) for rules in ("document", "source"))
    assert (document[0], source[0]) == (0, 0)
    assert document[1] != source[1]
    assert run("show", "page", "--machine", "tiny", "--rules", "source")[0] == 0
    refused(run("show", "page", "--rules", "nonsense"), "nonsense")
