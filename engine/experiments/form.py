"""The experiment file: every key with its type and range. Expressions are compiled by `experiment`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.errors import BadInput, Line
from engine.experiments.values import MOST_POINTS, Value, read_values, same, value_text
from engine.inputs.file_roles import EXPERIMENT
from engine.inputs.wrong_file import asking_for
from engine.scenario.file_text import read_text
from engine.scenario.headings import HEADINGS
from engine.scenario.toml_positions import Path as KeyPath
from engine.scenario.toml_positions import Places
from engine.scenario.toml_reader import REQUIRED, Asked, Section, parse_toml, read_all, wrong_name

FORMAT: Final = 1

TRACE, FRAMES, POLICY = "trace", "frames", "policy"
REPLAY_KEYS: Final = (TRACE, FRAMES, POLICY)
"""The keys that vary in an experiment over reference strings, which has no scenario."""

SCALES: Final = ("linear", "log-x", "log-y", "log-log")

AGGREGATES: Final = ("mean", "min", "max", "median", "sum")
RATIO: Final = "ratio"
RESERVED: Final = (*AGGREGATES, RATIO, "run", "true", "false", "inf", "nan")
"""The names that a measure cannot have."""

MOST_MEASURES: Final = 100
MOST_KEYS: Final = 32
MOST_VERDICTS: Final = 100
MOST_COST: Final = 1e9
"""The highest price of an access."""


@dataclass(frozen=True)
class Vary:
    """A key of [vary] and its values.

    line: the file's line of the key. origin: `--vary KEY` if the values are given there, else "".
    """

    key: str
    values: tuple[Value, ...]
    file: str
    line: Line = None
    origin: str = ""

    @property
    def place(self) -> str:
        """The start of a message about its values: FILE:LINE, or `--vary KEY`."""
        line = self.line() if callable(self.line) else self.line
        return self.origin or f"{self.file}:{line}"

    def error(self, message: str) -> BadInput:
        """Return a BadInput about it, to be raised."""
        if self.origin:
            return BadInput(f"{self.origin}: {message}")
        return BadInput(message, file=self.file, line=self.line)

    def value_error(self, message: str) -> BadInput:
        """Return a BadInput about one of its values, which names the key once."""
        return self.error(message if self.origin else f"{self.key}: {message}")


@dataclass(frozen=True)
class Text:
    """An expression as the file writes it, and its place."""

    text: str
    file: str
    line: Line


@dataclass(frozen=True)
class Chart:
    """What is drawn: the measure `y` over the key `x`, a curve for each value of the key `by`.

    by: "" for one curve. scale: one of SCALES. only: keys, and the value of each that is drawn.
    """

    x: str
    y: str
    by: str = ""
    scale: str = SCALES[0]
    only: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class VerdictForm:
    """[[verdict]]: what must hold over the table, and what to say if it does, and otherwise."""

    that: Text
    say: str
    otherwise: str


@dataclass(frozen=True)
class ExperimentForm:
    """A whole experiment file.

    claim, section: what the document claims, in our words, and its heading; "" for none.
    scenario:       as the file names it; "" for an experiment over reference strings.
    means:          names of [measure] and keys of [vary], and what each is, in words.
    says:           what the numbers show and what not, Markdown.
    local, remote:  what an access costs, in the unit of run.latency.
    error:          returns a BadInput about a key of the file, to be raised.
    """

    path: Path
    title: str
    claim: str
    section: str
    says: str
    scenario: str
    vary: tuple[Vary, ...]
    measures: dict[str, Text]
    means: dict[str, str]
    chart: Chart | None
    verdicts: tuple[VerdictForm, ...]
    local: float
    remote: float
    source: str
    error: Callable[..., BadInput] = field(compare=False, repr=False)
    asked: Asked = field(compare=False, repr=False)

    @property
    def is_replay(self) -> bool:
        """Whether it is about reference strings."""
        return not self.scenario


def read_experiment(path: Path) -> ExperimentForm:
    """Read an experiment file.

    Errors: BadInput with file and line.
    """
    with asking_for(EXPERIMENT, path):
        return parse_experiment(read_text(path, "an experiment file"), path)


def parse_experiment(text: str, path: Path) -> ExperimentForm:
    """Read the text of an experiment file.

    path: its path, for messages and for the files to which it refers.
    Errors: BadInput with file and line.
    """
    document = parse_toml(text, str(path))
    top = Section("an experiment", document, (), Places(text), str(path))
    top.describe("format", "integer", str(FORMAT), REQUIRED)
    number = top.take("format", (int,))
    if number != FORMAT:
        raise top.error(f"format = {number} is not supported; this version reads format = {FORMAT}", "format")
    scenario = top.one_line("scenario", "")
    vary, measures = _vary(top, scenario), _measures(top)
    form = ExperimentForm(
        path=path,
        title=top.one_line("title"),
        claim=top.one_line("claim"),
        section=_section(top),
        says=top.text("says", ""),
        scenario=scenario,
        vary=vary,
        measures=measures,
        means=_means(top, (*measures, *(one.key for one in vary))),
        chart=_chart(top, vary, measures),
        verdicts=read_all(top.subs("verdict", MOST_VERDICTS), _verdict),
        **_latency(top),
        source=text,
        error=top.error,
        asked=top.asked,
    )
    top.finish()
    return form


def _section(top: Section) -> str:
    top.describe("section", "string", "a heading of the document", "")
    word = top.one_line("section", "")
    plain = {heading.replace("`", ""): heading for heading in HEADINGS}
    if word and word.replace("`", "") not in plain:
        raise top.error(
            f"{word[:60]!r} is not a heading of the document; `pageq list --by-topic` lists them", "section"
        )
    return word


# --- what varies and what is measured ---------------------------------------------------------------------


def _vary(top: Section, scenario: str) -> tuple[Vary, ...]:
    section = top.sub("vary", "[vary]")
    found = [
        Vary(key, _values(section, written, path), section.file, section.at(*path))
        for key, written, path in _flat(section.table, ())
    ]
    if len(found) > MOST_KEYS:
        raise section.error(f"[vary] has {len(found)} keys; the limit is {MOST_KEYS}")
    keys = [one.key for one in found]
    for one in found:
        if keys.count(one.key) > 1:
            raise one.error(f"{one.key[:60]} is there twice; remove one of them")
    check_keys(tuple(found), scenario, section.error)
    return tuple(found)


def _flat(table: dict[str, Any], path: KeyPath) -> list[tuple[str, Any, KeyPath]]:
    """The keys of a table and of those in it, dotted, with their values and the paths to them."""
    found: list[tuple[str, Any, KeyPath]] = []
    for key, value in table.items():
        here = (*path, key)
        if isinstance(value, dict):
            found += _flat(value, here)
        else:
            found.append((".".join(map(str, here)), value, here))
    return found


def _values(section: Section, written: Any, path: KeyPath) -> tuple[Value, ...]:
    try:
        return read_values(written)
    except BadInput as error:
        raise section.error(f"{'.'.join(map(str, path))[:60]}: {error.message}", *path) from None


def check_keys(vary: tuple[Vary, ...], scenario: str, error: Callable[..., BadInput]) -> None:
    """Check that an experiment varies what it can, and not too much.

    error: returns a BadInput about [vary] as a whole.
    Errors: BadInput for keys of a scenario without one, or those of reference strings with one.
    """
    keys = {one.key: one for one in vary}
    replay = [key for key in REPLAY_KEYS if key in keys]
    if scenario and replay:
        words = f"{replay[0]} is for an experiment without a scenario; remove one of them"
        raise keys[replay[0]].error(words)
    if not scenario and len(replay) < len(REPLAY_KEYS):
        right = f"add scenario = ..., or {', '.join(REPLAY_KEYS)} to [vary]"
        raise error(f"the experiment has no scenario, and does not vary {', '.join(REPLAY_KEYS)}; {right}")
    if math.prod(len(one.values) for one in vary) > MOST_POINTS:
        words = f"the experiment has more than {MOST_POINTS:,} points, the product of the numbers of values"
        raise error(f"{words}; use fewer")


def _measures(top: Section) -> dict[str, Text]:
    section = top.sub("measure", "[measure]")
    if not section.table:
        raise section.error('an experiment has no [measure]; add one with steps = "run.steps"')
    if len(section.table) > MOST_MEASURES:
        raise section.error(f"[measure] has {len(section.table)} names; the limit is {MOST_MEASURES}")
    found: dict[str, Text] = {}
    for name in section.table:
        if wrong := wrong_name(name, RESERVED, ()):
            raise section.error(wrong, name)
        found[name] = _text(section, name)
    return found


def _means(top: Section, names: Sequence[str]) -> dict[str, str]:
    """Read what measures and keys are in words: `touches = "touches that the editor got done"`."""
    section = top.sub("means", "[means]")
    found: dict[str, str] = {}
    for name, text, path in _flat(section.table, ()):
        if name not in names:
            shown = ", ".join(one[:60] for one in names[:20])
            raise section.error(
                f"{name[:60]!r} is not a measure and not a key of [vary]; there are {shown}", *path
            )
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            raise section.error(f"{name[:60]} is not one line of text; write what it is, in words", *path)
        found[name] = text
    return found


def _text(section: Section, key: str) -> Text:
    return Text(section.one_line(key), section.file, section.at(key))


def _latency(top: Section) -> dict[str, float]:
    section = top.sub("latency", "[latency]")
    found = {"local": _cost(section, "local", 1.0), "remote": _cost(section, "remote", 2.5)}
    section.finish()
    return found


def _cost(section: Section, key: str, default: float) -> float:
    section.describe(key, "number", "above 0", default)
    value = section.take(key, (int, float), default)
    if not 0 < value <= MOST_COST:
        shown = repr(value)[:60]
        raise section.error(f"{key} = {shown} is out of range; use a number above 0, up to 10^9", key)
    return float(value)


# --- the chart and the verdicts ---------------------------------------------------------------------------


def _chart(top: Section, vary: tuple[Vary, ...], measures: dict[str, Text]) -> Chart | None:
    section = top.sub("chart", "[chart]")
    keys, names = [one.key for one in vary], list(measures)
    if not section.table and "chart" not in top.table:
        return default_chart(vary, names)
    chart = Chart(
        x=_one_of(section, "x", keys, "vary"),
        y=_one_of(section, "y", names, "measure"),
        by=_one_of(section, "by", keys, "vary", ""),
        scale=section.choice("scale", SCALES, SCALES[0]),
        only=_only(section, vary),
    )
    section.finish()
    if chart.by == chart.x:
        raise section.error(f"x and by are both {chart.x!r}; remove by, or choose another key", "by")
    values = next(one.values for one in vary if one.key == chart.x)
    if chart.scale in ("log-x", "log-log") and not all(map(_is_positive, values)):
        raise section.error(f"scale = {chart.scale!r} needs an x whose values are numbers above 0", "scale")
    return chart


def _only(section: Section, vary: tuple[Vary, ...]) -> dict[str, Value]:
    """Read the values of keys to which a chart is restricted: `only = { strangers = 1 }`."""
    section.describe("only", "table", "a key of [vary] = one of its values", {})
    found: dict[str, Value] = section.take("only", (dict,), {})
    values = {one.key: one.values for one in vary}
    for key, value in found.items():
        if not any(same(value, one) for one in values.get(key, ())):
            has = ", ".join(map(value_text, values.get(key, values)))
            there = f"{key[:60] if key in values else '[vary]'} has {has[:200]}"
            shown = repr(value)[:60]
            raise section.error(f"only: {key[:60]} = {shown} is not possible; {there}", "only")
    return found


def _is_positive(value: Value) -> bool:
    return isinstance(value, int | float) and value > 0


def default_chart(vary: tuple[Vary, ...], measures: list[str]) -> Chart | None:
    """Return the chart of an experiment that does not give one; None if nothing varies."""
    keys = [one.key for one in vary if len(one.values) > 1]
    keys = [key for key in keys if key != "seed"] or keys
    return Chart(keys[0], measures[0], keys[1] if len(keys) > 1 else "") if keys else None


def _one_of(section: Section, key: str, words: list[str], table: str, default: Any = REQUIRED) -> str:
    section.describe(key, "string", f"a key of [{table}]", default)
    word = section.one_line(key, default)
    if word not in words and key in section.table:
        shown = ", ".join(one[:60] for one in words[:20])
        raise section.error(f"{key} = {word[:60]!r} is not possible; [{table}] has {shown}", key)
    return word


def _verdict(part: Section, _: list[VerdictForm]) -> VerdictForm:
    return VerdictForm(_text(part, "that"), part.text("say", ""), part.text("otherwise", ""))
