"""What precedes a line of a dump."""

from __future__ import annotations

import pytest

from engine.inputs.dumps.prefixes import has_prompt, prefix_length, without_quotes

PREFIXES = [
    "db> ",
    "db{12}> db{12}> ",
    "(kgdb) ",
    "$ ",
    "root@dfly:/usr/src # ",
    "[root@dfly ~]# ",
    "dfly% ",
    "<6>",
    "<6>[    0.000001] ",
    "Nov  3 12:00:00 vm-host kernel: ",
    "2026-11-30T12:00:00.123+01:00 dfly kernel[0]: db> ",
    "[2026-11-30 12:00:00] ",
    "<6>1 2026-11-30T12:00:00Z dfly kernel: ",
    "12:00:00.5 ",
    "kernel: ",
    "",
]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("line", ["PQ_FREE: 1 2", "vmstats.v_free_count: 3", "vm.v_free_min: 4", "12 0 1"])
def test_a_prefix_ends_where_the_line_starts(prefix: str, line: str) -> None:
    assert prefix_length(prefix + line) == len(prefix)


def test_a_prompt_is_not_a_stamp() -> None:
    assert has_prompt("[ 1.234567] db> ")
    assert has_prompt("root@dfly:~ # ls")
    assert not has_prompt("[ 1.234567] nfs: not responding")


def test_marks_of_quoting_are_taken_off() -> None:
    assert without_quotes("> >> | PQ_FREE: 1") == ("> >> | ", "PQ_FREE: 1")
    assert without_quotes(">  7 3") == ("> ", " 7 3")
    assert without_quotes("12 0") == ("", "12 0")
