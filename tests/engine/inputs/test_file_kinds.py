"""Files are known by their content: each kind, however it is packed, cut or encoded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engine.inputs.file_head import HEAD
from engine.inputs.file_kinds import kind_of, kind_of_file, kinds_of
from engine.inputs.file_roles import DUMP, HWLOC, SCENARIO, SCHEDULE
from engine.scenario.library import OWN
from tests.engine.inputs.files_of_every_kind import FILES, GOLDEN, TEXTS, bytes_of

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "14-formats"


def name_of(head: bytes) -> str | None:
    kind = kind_of(head)
    return None if kind is None else kind.name


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_of_its_kind(name: str, tmp_path: Path) -> None:
    wanted, content = FILES[name]
    assert name_of(content) == wanted
    (tmp_path / name).write_bytes(content)
    kind = kind_of_file(tmp_path / name)
    assert kind is not None
    assert kind.name == wanted


TEXT_FILES = [name for name in TEXTS if name not in ("picture.png", "paper.pdf", "empty")]


@pytest.mark.parametrize("name", TEXT_FILES)
def test_line_ends_marks_and_gzip_do_not_matter(name: str) -> None:
    wanted, text = TEXTS[name]
    plain = bytes_of(name)
    lines = text.replace("\n", "\r\n").encode()
    for written in (plain, lines, b"\xef\xbb\xbf" + plain):
        assert name_of(written) == wanted
    packed = gzip.compress(plain)
    kinds = {name_of(packed), name_of(packed[:-8])}  # without the checksum
    assert kinds in ({wanted}, {f"a gzipped {wanted.partition(' ')[2]}"})
    wide = name_of(text.encode("utf-16"))
    assert wide == (wanted if wanted in (DUMP, HWLOC) else f"{wanted} in UTF-16")


def test_every_scenario_experiment_and_trace_of_the_program_is_known() -> None:
    for path in OWN.files().values():
        assert kind_of_file(path) == kind_of(bytes_of("scenario.toml")), path.name
    for path in (OWN.path.parents[1] / "experiments").glob("*.toml"):
        assert kind_of_file(path) == kind_of(bytes_of("experiment.toml")), path.name
    for path in GOLDEN.glob("*.jsonl.gz"):
        assert kind_of_file(path) == kind_of(bytes_of("kernel.jsonl")), path.name


@pytest.mark.parametrize(
    "content",
    [
        b"hello\n", b"# A heading\n\nSome words: 3 of them.\n", b"[project]\nname = 'x'\n", b"{}", b"[]",
        b"a = 1",
        b'{"name": "x", "version": "1"}', b"format = 1\ntitle = 'x'\n", b"\xff\xfe", b"a,b\n1,2\n", b"app\n",
        b"<root/>", b"we import the words from elsewhere\n", b"a\tb\n",
        b"# Limits\n\nWrite this:\n\n[machine]\nv_free_min = 69\n\nimport os\n",
    ],
)  # fmt: skip
def test_what_is_nothing_known_has_no_kind(content: bytes) -> None:
    assert kind_of(content) is None


def test_marks_inside_of_strings_and_far_into_a_file_do_not_count() -> None:
    lesson = b'format = 1\ntitle = "x"\nlesson = """\n[[unit]]\n[measure]\nPQ_FREE: 1\n"""\n[machine]\n'
    assert name_of(lesson) == SCENARIO
    assert name_of(b"prose " * HEAD + b"\nPQ_FREE: 1 2\n") is None


def test_lines_of_digits_can_be_several_things_and_a_mistake_is_still_of_its_kind() -> None:
    assert [kind.name for kind in kinds_of(b"rr\n")] == [SCHEDULE]
    assert {kind.name for kind in kinds_of(b"vm.stats.vm.v_free_count: 3\n")} == {DUMP}
    for wrong in (b"format = \n[[thread]]\nname = '\n", b"[machine]\nmemory = 4 \xff\n", b"[[thread]]\n\0"):
        assert name_of(wrong) == SCENARIO


@pytest.mark.skipif(not CASES.is_dir(), reason="these files are not in the repository")
def test_files_from_elsewhere_are_known() -> None:
    names = {path.name: getattr(kind_of_file(path), "name", None) for path in CASES.iterdir()}
    assert names == {
        "lackey.trace": "a valgrind lackey trace",
        "ostep.txt": "a list of page numbers",
        "page.txt": DUMP,
        "pageq.txt": DUMP,
        "pin.out": "a Pin trace",
        "refs.txt": "a list of page numbers",
        "refstring.toml": SCENARIO,
        "sysctl-state.toml": SCENARIO,
        "t.din": "a Dinero trace",
    }
