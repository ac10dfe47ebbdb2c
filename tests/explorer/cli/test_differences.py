"""`pageq differences`: a row for each disagreement, as text and as one JSON object."""

from __future__ import annotations

import json

import pytest

from tests.explorer.cli.command_output import Run, refused


def test_differences_are_49_rows_with_the_keys_that_programs_read(run: Run) -> None:
    code, out, _ = run("differences", "--machine", "64MiB:2x4x2", "--rules", "source", "--json")
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == ["format", "rules", "machine", "rows"]
    assert (facts["format"], facts["rules"], facts["machine"]) == (1, "source", "64MiB:2x4x2")
    assert [entry["row"] for entry in facts["rows"]] == list(range(1, 50))
    keys = ["row", "subject", "document", "source", "here", "option", "follows"]
    assert all(list(entry) == keys for entry in facts["rows"])
    assert {entry["option"] for entry in facts["rows"]} >= {None, "assoc_rule", "nice_rule, thresholds"}


def test_differences_as_text_fit_80_columns_and_name_the_option_that_decides(run: Run) -> None:
    code, out, _ = run("differences", "--machine", "64MiB:1x4x2", "--rules", "source+find2_full=on")
    assert code == 0
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith("    here ") for line in lines) == 49
    assert "    follows   the document, by the rule option find2_full = on" in lines
    assert "    follows   the source, by the rule option assoc_rule = source" in lines
    assert sum(line.startswith("====") for line in lines) == 9
    begins = (
        "The 43 places where the design document and the kernel source disagree, 6 notes on what the document"
    )
    assert " ".join(out.split()).startswith(begins)
    notes = [line.split()[0] for line in lines if line.endswith(" (note)")]
    assert sorted(notes, key=int) == ["5", "32", "33", "34", "43", "46"]


BAD = [
    ("unknown rules", ["differences", "--rules", "mine"], "document and source"),
    ("an unknown option", ["differences", "--rules", "source+x=1"], "there is no rule 'x'"),
    ("an unknown machine", ["differences", "--machine", "toaster"], "toaster"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_unknown_rules_and_machines_are_exit_2(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)
