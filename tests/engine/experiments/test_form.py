"""The experiment file: what is read, and FILE:LINE of what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments.form import Chart, Vary, check_keys, default_chart, parse_experiment, read_experiment
from tests.engine.experiments.small_experiments import EXPERIMENT, write

FILE = Path("some/small.toml")


def test_every_table_is_read() -> None:
    text = EXPERIMENT.replace("[vary]", 'section = "1024-Color Page Queues"\nsays = "A **test**."\n[vary]')
    chart = '[chart]\nx = "machine.colors"\ny = "waited"\nby = "rounds"\nscale = "log-x"\n'
    means = '[means]\nwaited = "steps"\nmachine.colors = "lists of a queue"\n'
    form = parse_experiment(text + chart + means + "[latency]\nlocal = 2\nremote = 5.5\n", FILE)
    assert [(one.key, one.values, one.place) for one in form.vary] == [
        ("machine.colors", (1, 16), "some/small.toml:8"),
        ("rounds", (2, 4), "some/small.toml:9"),
        ("seed", (0, 1, 2), "some/small.toml:10"),
    ]
    assert list(form.measures) == ["contended", "waited", "free"]
    assert form.chart == Chart("machine.colors", "waited", "rounds", "log-x")
    assert (form.section, form.says) == ("1024-Color Page Queues", "A **test**.")
    assert (form.local, form.remote) == (2.0, 5.5)
    assert form.means == {"waited": "steps", "machine.colors": "lists of a queue"}
    assert form.verdicts[0].say == "it is less"


def test_a_key_may_be_written_without_quotes_and_the_chart_left_out() -> None:
    form = parse_experiment(EXPERIMENT.replace('"machine.colors" =', "machine.colors ="), FILE)
    assert form.vary[0].key == "machine.colors"
    assert form.vary[0].place == "some/small.toml:6"
    assert form.chart == Chart("machine.colors", "contended", "rounds")
    assert default_chart((Vary("seed", (1, 2), ""),), ["a"]) == Chart("seed", "a")
    assert default_chart((Vary("cpus", (1,), ""),), ["a"]) is None


WRONG = {
    "format": ("format = 1", "format = 2", 1, "not supported"),
    "no claim": ('claim = "more colours, less contention"\n', "", 1, "no claim"),
    "an unknown key": ("[vary]", "colour = 1\n[vary]", 5, "not a key"),
    "a heading": ("[vary]", 'section = "Colours"\n[vary]', 5, "not a heading"),
    "twice the same value": ("[1, 16]", "[1, 1]", 6, "twice"),
    "not a list": ("[1, 16]", "4", 6, "not a list"),
    "a table as a value": ("[1, 16]", "[{}]", 6, "not a value"),
    "a key twice": ("rounds = [2, 4]", "machine.colors = [4]", 6, "twice"),
    "too many points": ('"0..2"', '"0..99999"', 5, "points"),
    "a key of replays": ("rounds = [2, 4]", 'trace = ["a"]', 7, "without a scenario"),
    "no scenario": ('scenario = "two.toml"\n', "", 4, "does not vary trace"),
    "a name of a function": ("waited =", "mean =", 11, "reserved"),
    "a measure that is a number": ('"count(FREE)"', "4", 12, "a string"),
    "x": ("[[verdict]]", '[chart]\nx = "cpus"\ny = "waited"\n[[verdict]]', 14, "not possible"),
    "y": ("[[verdict]]", '[chart]\nx = "rounds"\ny = "rounds"\n[[verdict]]', 15, "not possible"),
    "by": ("[[verdict]]", '[chart]\nx = "rounds"\ny = "waited"\nby = "rounds"\n[[verdict]]', 16, "both"),
    "log of 0": ("[[verdict]]", '[chart]\nx="seed"\ny="waited"\nscale="log-x"\n[[verdict]]', 16, "above 0"),
    "a price of 0": ("[[verdict]]", "[latency]\nlocal = 0\n[[verdict]]", 14, "out of range"),
    "only a key that does not vary": (
        "[[verdict]]",
        '[chart]\nx="seed"\ny="waited"\nonly={cpus=1}\n[[verdict]]',
        16,
        "not possible",
    ),
    "only another value": (
        "[[verdict]]",
        '[chart]\nx="seed"\ny="waited"\nonly={rounds=[1]}\n[[verdict]]',
        16,
        "rounds has",
    ),
    "a price that is nan": ("[[verdict]]", "[latency]\nlocal = nan\n[[verdict]]", 14, "out of range"),
    "what an unknown name means": (
        "[[verdict]]",
        '[means]\nwait = "steps"\n[[verdict]]',
        14,
        "not a measure",
    ),
    "a meaning of two lines": ("[[verdict]]", '[means]\nwaited = "a\\nb"\n[[verdict]]', 14, "one line"),
    "a meaning that is a number": ("[[verdict]]", "[means]\nwaited = 1\n[[verdict]]", 14, "one line"),
    "an empty verdict": ("that = ", 'that = ""\nsays = ', 14, "empty"),
}


@pytest.mark.parametrize(("old", "new", "line", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_has_its_line(old: str, new: str, line: int, words: str) -> None:
    assert EXPERIMENT.count(old) >= 1
    with pytest.raises(BadInput, match=words) as caught:
        parse_experiment(EXPERIMENT.replace(old, new, 1), FILE)
    assert (caught.value.file, caught.value.line) == ("some/small.toml", line)


def test_a_file_that_is_not_one_is_refused(tmp_path: Path) -> None:
    assert read_experiment(Path(write(tmp_path))).title == "Two threads at one queue"
    for path in (tmp_path, tmp_path / "missing.toml"):
        with pytest.raises(BadInput, match="an experiment file"):
            read_experiment(path)


def test_keys_are_checked_again_after_vary() -> None:
    vary = (Vary("trace", ("a",), "", origin="--vary trace"),)
    with pytest.raises(BadInput, match=r"^--vary trace: "):
        check_keys(vary, "two.toml", BadInput)
