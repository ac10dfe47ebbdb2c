"""Reading what people paste: every form gives the same machine; what is not known is unknown."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constants import QUEUE_BASES, VMSTATS_FIELDS
from engine.errors import BadInput
from engine.inputs.dumps import pasted_text, reader
from engine.inputs.dumps.moment import QUEUES, DumpMoment, Grid
from engine.inputs.dumps.reader import dump_text, read_dump_file, read_dumps
from engine.machine.counters import UNKNOWN
from engine.reports.ddb import show_page, show_pageq, show_pageq_hold
from engine.scenario.library import OWN
from engine.scenario.loader import load
from tests.engine.inputs.dumps.pasted import (
    COUNTS,
    FORMS,
    before,
    events,
    expected,
    folded,
    known,
    lengths,
    page,
    pageq,
    text,
    wrapped,
)
from tests.tiers import only_fast


def one(pasted: str) -> DumpMoment:
    """The only moment of a text."""
    (moment,) = read_dumps(pasted, "pasted")
    return moment


def refusal(pasted: str) -> str:
    """The message about a text that cannot be read."""
    with pytest.raises(BadInput) as caught:
        read_dumps(pasted, "pasted")
    return str(caught.value)


@pytest.mark.parametrize("form", FORMS)
def test_each_pasted_form_is_the_same_machine(form: str) -> None:
    assert known(one(FORMS[form]())) == expected()


WRAPS = st.sampled_from([wrapped, folded])
MARKS = st.sampled_from(["", "> ", ">> ", "| ", ">", "    "])
STAMPS = st.sampled_from(["", "db> ", "Nov 30 12:00:00 dfly kernel: ", "[   12.345678] ", "<6>"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@settings(max_examples=30)
@given(WRAPS, st.integers(64, 200), MARKS, STAMPS, ENDS, st.sampled_from([16, 64, 1024]), st.integers(1, 900))
def test_forms_combine(
    wrap: Callable[[str, int], str],
    width: int,
    mark: str,
    stamp: str,
    end: str,
    colors: int,
    scale: int,
) -> None:
    queues = lengths(colors, scale)
    pasted = before(mark, wrap(before(stamp, pageq(queues) + page()), width)).replace("\n", end)
    moment = one(pasted)
    assert known(moment) == expected() | {
        "queues": {name: queues[name] if name != "HOLD" else None for name in QUEUES},
        "events": {},
    }


# --- moments ------------------------------------------------------------------------------------------------


def test_a_repetition_is_the_next_moment() -> None:
    first, second = read_dumps(pageq({"FREE": [1, 2]}) + page() + pageq({"FREE": [2, 1]}) + events(), "x")
    assert (first.line, second.line) == (1, 12)
    assert (first.total("FREE"), first.vmstats["v_free_min"], len(first.events)) == (3, 1411, 0)
    assert (second.vmstats["v_free_min"], second.events["v_pdwakeups"]) == (None, 1981)


def test_a_command_is_the_start_of_a_moment_if_its_output_is_there_already() -> None:
    pasted = (
        "db> show pageq\nPQ_FREE: 1 2\nPQ_CACHE: 1 1\n^C\ndb> show pageq\nPQ_ACTIVE: 0 1\ndb> show page\n"
    )
    first, second = read_dumps(pasted + page(), "x")
    assert [name for name in QUEUES if first.queues[name] is not None] == ["FREE", "CACHE"]
    assert [name for name in QUEUES if second.queues[name] is not None] == ["ACTIVE"]
    assert (second.line, second.vmstats["v_free_min"]) == (6, 1411)


def test_other_colours_than_before_are_noted() -> None:
    moments = read_dumps("PQ_FREE: 1 2\nPQ_FREE: 1 2 3 4\nPQ_FREE: 4 3 2 1\n", "x")
    assert [moment.notes for moment in moments] == [(), ("this dump has 4 colours, the one before 2",), ()]


def test_values_that_differ_within_a_moment_are_noted() -> None:
    moment = one(page() + "vm.stats.vm.v_free_count: 5\nvm.v_free_min: 6\nvm.vmstats:\n  v_free_min: 7\n")
    assert moment.vmstats["v_free_count"] == 188436
    words = "differ in v_free_count and v_free_min; the values of show page, which comes first, are shown"
    assert moment.notes == (f"show page and sysctl {words}",)


def test_the_processors_and_the_size_of_memory() -> None:
    moment = one("hw.cpu_topology_phys_ids: 2\nhw.cpu_topology_ht_ids=0\nhw.physmem: 17,179,869,184\n")
    assert moment.grid is not None
    assert (moment.grid.sockets, moment.grid.cores, moment.grid.threads) == (2, None, None)
    assert moment.physmem == 17179869184


# --- what is cut, or not a number ---------------------------------------------------------------------------

FULL = "PQ_FREE: 1 2 3 4\nPQ_CACHE: 0 0 0 0\nPQ_ACTIVE: 5 5 5 5\n"
CUT = "the last number may be cut, and the lengths from colour"

ENDS_AFTER = "PQ_INACTIVE (line 4) ends after"

LAST = [
    ("PQ_INACTIVE: 1 1 1 1\n", [1, 1, 1, 1], ()),
    (
        "PQ_INACTIVE: 1 1 1 1",
        [1, 1, 1, 1],
        ("the text ends in line 4, PQ_INACTIVE, without a line end; its last number is taken as whole",),
    ),
    ("PQ_INACTIVE: 1 1 1", [1, 1, -1, -1], (f"{ENDS_AFTER} 3 numbers of 4; {CUT} 2 on are unknown",)),
    ("PQ_INACTIVE: 1\n", [-1, -1, -1, -1], (f"{ENDS_AFTER} 1 number of 4; {CUT} 0 on are unknown",)),
    ("PQ_INACTIVE:", [-1] * 4, (f"{ENDS_AFTER} 0 numbers of 4; the lengths from colour 0 on are unknown",)),
    ("PQ_INACTIVE: ? 1 ? 1\n", [-1, 1, -1, 1], ()),
    (
        "PQ_INACTIVE: 7 -3 1 1\n",
        [7, -1, 1, 1],
        ("PQ_INACTIVE, colour 1 (line 4): -3 is not a length; it is unknown",),
    ),
]


@pytest.mark.parametrize(("line", "known_lengths", "notes"), LAST, ids=[line for line, _, _ in LAST])
def test_what_a_cut_line_does_not_say_is_unknown(
    line: str, known_lengths: list[int], notes: tuple[str, ...]
) -> None:
    moment = one(FULL + line)
    assert moment.queues["INACTIVE"] is not None
    assert moment.queues["INACTIVE"].tolist() == known_lengths
    assert (moment.colors, moment.notes) == (4, notes)


def test_a_single_list_that_is_cut_is_one_of_1024_colours() -> None:
    moment = one("PQ_FREE: 1 2 3 4")
    assert moment.colors == 1024
    assert moment.queues["FREE"] is not None
    assert moment.queues["FREE"][:4].tolist() == [1, 2, 3, UNKNOWN]
    assert one("PQ_FREE: 1 2 3 4\n").colors == 4


def test_a_list_with_the_rows_of_another_does_not_say_how_many_colours_there_are() -> None:
    moment = one("PQ_FREE: 1 2\n3 4\nPQ_ACTIVE: 5 5\nPQ_INACTIVE: 6 6\n")
    assert (moment.colors, moment.total("ACTIVE"), moment.total("FREE")) == (2, 10, None)
    assert moment.notes == (
        "PQ_FREE (line 1) has 4 numbers instead of 2; the lengths from colour 1 on are unknown",
    )


def test_a_number_at_the_end_of_a_text_without_line_end_is_unknown() -> None:
    moment = one("vmstats.v_free_count: 188436\nvmstats.v_cache_count: 1")
    assert (moment.vmstats["v_free_count"], moment.vmstats["v_cache_count"]) == (188436, None)
    (note,) = moment.notes
    assert note.startswith("the text ends in line 2, vmstats.v_cache_count, without a line end;")
    assert one("vmstats.v_cache_count: 1").vmstats["v_cache_count"] == 1
    assert one(page()[:-1]).vmstats["v_inactive_target"] is None
    assert one("3 pages free\n7 pages freed").events == {}
    assert one("3 pages freed\n7 pages wired down").vmstats["v_wire_count"] == 7


LOST: dict[str, Callable[[str], str]] = {
    "any one line": lambda text: text,
    "a terminal's wraps in a mail program's": lambda text: folded(text, 60),
}


@pytest.mark.parametrize("made", LOST.values(), ids=LOST)
def test_where_a_line_is_lost_or_joined_in_a_wrong_way_no_wrong_number_is_known(
    made: Callable[[str], str],
) -> None:
    queues = lengths(64, 7)
    lines = made(f"{wrapped(pageq(queues))}db> ").splitlines(keepends=True)
    for at in range(len(lines)):
        (moment,) = read_dumps("".join(lines[:at] + lines[at + 1 :]), "pasted")
        for name, found in moment.queues.items():
            known = [] if found is None else found.tolist()
            right = [*queues[name], *[UNKNOWN] * 960]
            wrong = [one for one, other in zip(known, right, strict=False) if one not in (UNKNOWN, other)]
            assert wrong == [], (at, name)
        assert moment.notes or len(lines) - at == 1


def test_a_text_cut_anywhere_has_no_wrong_number_without_a_note() -> None:
    pasted = wrapped(pageq(lengths(4, 123)) + page(), 40)
    for end in range(12, len(pasted)):
        try:
            (moment,) = read_dumps(pasted[:end], "pasted")
        except BadInput:
            assert end < 16
            continue
        for name, found in moment.queues.items():
            known = [] if found is None else found[:4].tolist()
            wrong = [
                color
                for color, (length, right) in enumerate(zip(known, lengths(4, 123)[name], strict=False))
                if length not in (UNKNOWN, right)
            ]
            assert wrong == [] or (wrong == [3] and moment.notes[-1].endswith("is taken as whole"))
        assert moment.vmstats.items() <= {*COUNTS.items(), *((name, None) for name in VMSTATS_FIELDS)}


def test_other_text_inside_a_list_is_noted() -> None:
    moment = one("PQ_FREE: 1 2\nnfs server dfly:/home: not responding\n3 4\nPQ_CACHE: 1 2 3 4\n")
    assert moment.total("FREE") == 10
    words = "line 2, inside PQ_FREE: the text that is not part of the list is left out"
    assert moment.notes == (words,)


@pytest.mark.parametrize("word", ["4K", "0x12", "1e6", "4%", "4db> "])
def test_a_number_with_a_unit_is_not_the_number(word: str) -> None:
    moment = one(f"PQ_FREE: 1 2 3 {word}\nvm.v_free_min: {word}\nvm.v_free_target: 4 pages\n")
    assert moment.queues["FREE"] is not None
    assert moment.queues["FREE"].tolist() == [1, 2, 3, UNKNOWN]
    assert set(moment.vmstats.values()) == {None}
    assert moment.notes == (
        f"PQ_FREE (line 1): {word.strip()} is not a length; it is unknown",
        f"vm.v_free_min (line 2): {word.strip()} is not a whole number; it is left out",
        "vm.v_free_target (line 3): 4 pages is not a whole number; it is left out",
    )


def test_many_notes_are_counted() -> None:
    notes = one("PQ_FREE: " + "-1 " * 64 + "\n").notes
    assert (len(notes), notes[-1]) == (21, "and 44 notes more")


REFUSED = [
    ("", "pasted:1: the text is empty; paste what DDB prints for `show pageq`"),
    ("\r\n \n", "pasted:1: the text is empty"),
    ("\0\1\2\x7fELF", "pasted:1: this is not text; paste"),
    ("title = 'a scenario'\n", "pasted:1: this is not a dump of a machine; paste what DDB prints"),
    ("I saw that vm.v_free_min: 69\n", "pasted:1: this is not a dump of a machine"),
    ("PQ_FREE: is the first queue\nvm.v_free_min:\n", "pasted:1: this is not a dump of a machine"),
    ("\nvmstats.v_free_count: 9223372036854775808\n", "pasted:2: 9223372036854775808 is too large; a"),
    ("vm.v_free_min: 18446744073709551616\n", "pasted:1: 18446744073709551616 is too large"),
    ("PQ_FREE: 1 2\n3 " + "9" * 5000 + "\n", f"pasted:2: {'9' * 24}... is too large"),
    (f"\nPQ_FREE:{' 1' * 1025}\n", "pasted:2: PQ_FREE has 1,025 numbers; there are at most 1,024 colours;"),
    (f"PQ_FREE:{' 1' * 40_000}\n", "pasted:1: the line has 80,008 characters; a list has at most"),
    ("PQ_FREE: 1\n" + "1234567 \n" * 9000, "pasted:1: PQ_FREE is too long; a list has at most 1,024 numbers"),
    ("PQ_FREE: 1 2 3\nPQ_CACHE: 1 2 3\n", "pasted:1: 2 lists have 3 numbers each; the number of colours is"),
]  # fmt: skip


@pytest.mark.parametrize(("pasted", "message"), REFUSED, ids=[message[:60] for _, message in REFUSED])
def test_what_cannot_be_read_is_one_message(pasted: str, message: str) -> None:
    assert refusal(pasted).startswith(message)


def test_a_negative_sysctl_is_printed_as_an_unsigned_number() -> None:
    assert one("vm.stats.vm.v_free_count: 18446744073709551615\n").vmstats["v_free_count"] == -1


def test_moments_and_lines_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_MOMENTS", 2)
    assert len(read_dumps("PQ_FREE: 1\n" * 2, "x")) == 2
    assert refusal("PQ_FREE: 1\n" * 3) == "pasted:3: the text has more than 2 moments; split it"
    monkeypatch.setattr(pasted_text, "MAX_LINES", 3)
    assert refusal("PQ_FREE: 1 2\n\n\n\n") == "pasted:4: the text has more than 3 lines; split it"


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        text().encode(),
        gzip.compress(text().encode(), mtime=0),
        text().encode("utf-16"),
        b"\x93\xff\n" + text().encode(),
    ],
    ids=["plain", "gzip", "utf-16", "with noise of a line"],
)
def test_a_file_is_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dump"
    path.write_bytes(content)
    (moment,) = read_dump_file(str(path))
    assert known(moment) == expected()
    assert moment.file == str(path)


def test_a_bad_file_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dump"
    with pytest.raises(BadInput, match=r"dump: cannot read the file: No such file or directory; give a dump"):
        read_dump_file(str(path))
    with pytest.raises(BadInput, match="Is a directory; give a dump"):
        read_dump_file(str(tmp_path))
    path.write_bytes(gzip.compress(text().encode())[:-20])
    with pytest.raises(BadInput, match="dump:1: the gzip data is truncated or corrupt"):
        read_dump_file(str(path))
    monkeypatch.setattr(reader, "MAX_BYTES", 100)
    path.write_bytes(gzip.compress(text().encode()))
    with pytest.raises(BadInput, match="the file is larger than"):
        read_dump_file(str(path))


# --- the text of a moment -----------------------------------------------------------------------------------

WHOLE = st.integers(-(2**63) + 1, 2**63 - 1)


@st.composite
def moments(draw: st.DrawFn) -> DumpMoment:
    """A moment that knows some of all."""
    colors = draw(st.sampled_from([1, 2, 16]))
    row = st.lists(st.integers(-1, 2**40), min_size=colors, max_size=colors)
    queues = {name: draw(st.none() | row) for name in QUEUES}
    level = st.none() | st.integers(1, 64)
    grid = Grid(draw(level), draw(level), draw(level))
    return DumpMoment(
        "made",
        1,
        {name: None if lengths is None else np.array(lengths) for name, lengths in queues.items()},
        {name: draw(st.none() | WHOLE) for name in VMSTATS_FIELDS},
        {"v_tfree": draw(WHOLE)} | draw(st.dictionaries(st.sampled_from(["v_dfree", "v_zfod"]), WHOLE)),
        None if grid.sockets is grid.cores is grid.threads is None else grid,
        draw(st.none() | st.integers(0, 2**50)),
    )


@settings(max_examples=40)
@given(moments())
def test_the_text_of_a_moment_is_read_as_an_equal_one(moment: DumpMoment) -> None:
    assert known(one(dump_text(moment))) == known(moment)


@pytest.mark.parametrize(
    "scenario", only_fast([listing.name for listing in OWN.listings()], "life-of-a-page", "held-while-freed")
)
def test_the_round_trip_of_a_scenarios_end(scenario: str) -> None:
    loaded = load(scenario)
    history = loaded.start()
    loaded.run(history)
    vm = history.vm
    lcnt = vm.memory.vector("queue.lcnt")
    moment = one(show_pageq(vm) + show_pageq_hold(vm) + show_page(vm))
    assert known(one(dump_text(moment))) == known(moment)
    for name in QUEUES:
        found = moment.queues[name]
        assert found is not None
        assert found.tolist() == lcnt[QUEUE_BASES[name] : QUEUE_BASES[name] + vm.colors].tolist()
    shown = {name: value for name, value in moment.vmstats.items() if value is not None}
    assert len(shown) == 10
    assert shown == {name: vm.vmstats.count[VMSTATS_FIELDS.index(name)] for name in shown}
    assert moment.notes == ()
