"""`pageq boot`: a machine as text and as one JSON object."""

from __future__ import annotations

import json

import pytest

from engine.constants import VMSTATS_FIELDS
from tests.explorer.cli.command_output import Run, refused


def test_boot_json_has_the_contracts_keys(run: Run) -> None:
    code, out, _ = run("boot", "--machine", "64MiB:2x4x2", "--rules", "source", "--json")
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == [
        "format", "phys_ids", "core_ids", "ht_ids", "cpus", "nodes", "colors", "rules", "vmstats",
        "set_assoc_mask", "alist_free", "hash_size", "queues", "warnings", "scaled", "digest",
    ]  # fmt: skip
    assert (facts["phys_ids"], facts["core_ids"], facts["ht_ids"]) == (2, 4, 2)
    assert list(facts["vmstats"]) == list(VMSTATS_FIELDS)
    assert sum(facts["queues"]["FREE"]) == facts["vmstats"]["v_free_count"]
    assert facts["set_assoc_mask"] == 63


def test_boot_as_text_has_a_line_for_each_node(run: Run) -> None:
    code, out, _ = run("boot", "--machine", "four-socket")
    assert code == 0
    assert sum(line.startswith("node ") for line in out.splitlines()) == 4


BAD = [
    ("an unknown machine", ["boot", "--machine", "toaster"], "toaster"),
    ("a machine that is too large", ["boot", "--machine", "128GiB:1x1x1"], "the model holds"),
    ("a machine that is too small", ["boot", "--machine", "4KiB:1x1x1"], "the minimum is 1MiB"),
    ("colours that are not a power of two", ["boot", "--colors", "1000"], "a power of two from 1 to 1024"),
    ("unknown rules", ["boot", "--rules", "mine"], "document and source"),
]


@pytest.mark.parametrize(("words", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_an_invalid_machine_is_exit_2_with_a_message(words: list[str], message: str, run: Run) -> None:
    refused(run(*words), message)
