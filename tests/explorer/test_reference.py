"""The reference is complete and true: its pages and the code's tables agree, and its examples work."""

from __future__ import annotations

import argparse
import io
import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from engine.debug.stop_syntax import parse_break, parse_watch
from engine.debug.stops import Stop
from engine.errors import BadInput
from engine.experiments.cache import MOST_BYTES
from engine.experiments.replay_points import COUNTED
from engine.experiments.values import MOST_POINTS
from engine.explore import explore
from engine.language.builtins import FUNCTIONS
from engine.language.naming import _PARSERS, parse_cell
from engine.machine.machine import Switches
from engine.machine.rules import RULE_VALUES, Rules
from engine.machine.topology import PRESETS
from engine.memory.journal import HISTORY_LIMIT
from engine.run.history import History
from engine.run.schedule import GRAMMARS, parse_schedule
from engine.scenario import settings
from engine.scenario.format import keys_read
from engine.scenario.lesson import PANELS
from engine.scenario.lesson_forms import OUTCOMES
from engine.scenario.library import MOST_SCENARIOS, open_course
from engine.scenario.library import OWN as LIBRARY
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.machine_form import LIMITS
from engine.script.verbs import verbs
from engine.words import byte_size
from explorer import THEMES
from explorer.cli.entry import BAD, FOUND, build_parser, main, sub_commands
from explorer.cli.explore import INCOMPLETE
from explorer.cli.help import topics
from explorer.cli.interrupts import INTERRUPTED
from explorer.commands.config import _VALUES, read_settings
from explorer.commands.keys import key_word
from explorer.commands.table import COMMANDS, GROUPS
from explorer.lenses.kit.registry import LENSES
from explorer.session.answer_file import read_answers
from explorer.session.progress import OWN_COURSE, FirstAnswer, Work, record
from explorer.session.progress_file import add, progress_path
from explorer.text.verbs import OWN
from explorer.tui.export import SUFFIXES
from tests.engine.scenario.course_folder import only, write_course
from tests.explorer.cli.process_stdin import stdin_of
from tests.explorer.cli.small_scenarios import HELD
from tests.explorer.reference_pages import (
    blocks,
    command_lines,
    first_column,
    lines,
    sections,
    table,
    terms,
)


@pytest.fixture(scope="module")
def life() -> tuple[Scenario, History]:
    """The scenario of the pages' examples, at its end."""
    scenario = load("life-of-a-page")
    history = scenario.start()
    scenario.run(history)
    return scenario, history


def test_a_topic_that_a_page_names_exists() -> None:
    known = topics().keys() | sub_commands().keys()
    for topic in topics().values():
        named = set(re.findall(r"`pageq help ([a-z-]+)`", topic.text))
        assert named <= known, topic.name


def test_the_blocks_have_a_language_that_a_test_reads() -> None:
    known = {
        "sh",
        "toml",
        "python",
        "expr",
        "cell",
        "schedule",
        "stop",
        "script",
        "config",
        "answers",
        "text",
    }
    for topic in topics().values():
        fences = re.findall(r"^```(.*)$", topic.text, re.MULTILINE)
        assert set(fences[::2]) <= known, topic.name
        assert set(fences[1::2]) <= {""}, topic.name


# --- commands ---------------------------------------------------------------------------------------------


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command."""
    (action,) = build_parser(name)._subparsers._group_actions  # type: ignore[union-attr]
    parser: argparse.ArgumentParser = action.choices[name]  # type: ignore[index]
    return parser


def arguments_of(name: str) -> set[str]:
    """Every option of a command, and every positional argument by its placeholder or its choices."""
    found: set[str] = set()
    for action in parser_of(name)._actions:
        if action.help == argparse.SUPPRESS or "--help" in action.option_strings:
            continue
        words = action.option_strings or action.choices or [str(action.metavar)]
        found |= {str(word) for word in words}
    return found


def test_every_command_has_a_section() -> None:
    named = [title.removeprefix("pageq ") for title in sections("commands") if title.startswith("pageq ")]
    assert named == list(sub_commands())


@pytest.mark.parametrize("name", sub_commands())
def test_a_section_has_each_argument_of_its_command_and_no_other(name: str) -> None:
    named = {term.split()[0] for term in first_column(sections("commands")[f"pageq {name}"])}
    # The words after `show` are one argument, SCENARIO, with a NAME before it.
    assert named - ({"NAME"} if name == "show" else set()) == arguments_of(name)


def test_the_exit_codes_are_the_programs() -> None:
    rows = table(sections("commands")["Exit codes"])
    assert [int(row[0]) for row in rows] == [0, FOUND, BAD, INCOMPLETE, INTERRUPTED]


QUICK = sub_commands().keys() - {"tui", "serve", "conform"}
ANSWERS = "life-of-a-page\t1\tPQ_NONE\n"
FILES = {
    "my.toml": HELD,
    "answers.txt": ANSWERS,
    "class/ann.txt": ANSWERS,
    "order.txt": "app:3\npager\n",
    **dict.fromkeys(("dump.txt", "before.txt", "after.txt"), "PQ_FREE: 4 0 3 3\n"),
    "mine/course.toml": blocks("courses", "toml")[0],
    "mine/lending.toml": HELD,
    "colours.toml": blocks("experiments", "toml")[0],
}


FIRST = "first-scenario"


def shell_lines() -> list[tuple[str, list[str]]]:
    """Every example command, except those of the page whose commands need each other: it has its own test."""
    return [(topic, words) for topic in topics() if topic != FIRST for words in command_lines(topic)]


def _id(row: object) -> str:
    return " ".join(row) if isinstance(row, list) else str(row)


def test_an_example_of_answers_is_read() -> None:
    (text,) = blocks("commands", "answers")
    found = read_answers(text, "answers.txt", "")
    assert found.bad == []
    assert [(one.name, one.seed, one.given) for one in found.answers] == [
        ("Bo Li", 7, "PQ_NONE"),
        ("Bo Li", 7, "0"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("topic", "words"), shell_lines(), ids=_id)
def test_an_example_command_is_accepted(
    topic: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    build_parser().parse_args(words)
    if not words or words[0] not in QUICK or "--all" in words:
        return
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    if "--open" in words:
        main(["run", "life-of-a-page", "--steps", "12", "--state", "moment.txt"])
    if words[:2] == ["course", "--answers"]:
        given = FirstAnswer("on-a-queue", "PQ_ACTIVE", True, None, 1)
        add(progress_path(), record(OWN_COURSE, "tour", Work(answers=(given,))))
    with stdin_of(FILES["dump.txt"].encode()):
        code = main(words)
    assert code in (0, FOUND, *([INCOMPLETE] if words[0] == "explore" else []))


PIPED = [
    re.fullmatch(r'echo "(.*)" \| pageq (text.*)', line)
    for topic in topics()
    for line in lines(topic, "sh")
    if "| pageq text" in line
]
"""The examples in which text mode reads a pipe."""


@pytest.mark.parametrize("piped", PIPED, ids=lambda piped: piped and piped[1])
def test_text_mode_accepts_what_an_example_pipes_to_it(
    piped: re.Match[str] | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert piped is not None
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{piped[1]}\n"))
    assert main(piped[2].split()) == 0
    assert "Error" not in capsys.readouterr().out


# --- courses ----------------------------------------------------------------------------------------------


def test_the_example_of_a_course_is_right(tmp_path: Path) -> None:
    write_course(tmp_path, blocks("courses", "toml")[0], names=("lending",))
    assert open_course(tmp_path).course.unit("lending").needs == ("pages",)


def test_the_page_has_each_key_of_a_course_file() -> None:
    for heading, title in (("The course file", "a course"), ("[[unit]]", "[[unit]]")):
        assert first_column(sections("courses")[heading]) == list(LIBRARY.course.asked[title])


def test_the_page_names_the_scenarios_that_have_parameters() -> None:
    (sentence,) = re.findall(r"In the library, (.*?) have parameters\.", sections("settings")["--seed"])
    texts = {name: LIBRARY.find(name).read_text(encoding="utf-8") for name in LIBRARY.names}
    names = [name for name, text in texts.items() if "parameters" in tomllib.loads(text)]
    assert sorted(re.findall(r"`([a-z0-9-]+)`", sentence)) == sorted(names)


def test_the_number_of_scenarios_of_a_course_is_the_programs() -> None:
    page = " ".join(topics()["courses"].text.split())
    assert f"a folder can have {MOST_SCENARIOS:,} scenarios" in page


# --- experiments ------------------------------------------------------------------------------------------


def test_the_page_names_every_figure_of_a_replay_and_the_limits() -> None:
    figures = [f"run.{name}" for name in COUNTED]
    named = terms(sections("experiments")["Reference strings"])
    assert [term for term in named if term in figures] == figures
    assert f"there can be {MOST_POINTS:,}" in " ".join(sections("experiments")["[vary]"].split())
    assert f"{byte_size(MOST_BYTES)}: the oldest go" in sections("experiments")["Cache"]


# --- scenario files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked() -> dict[str, set[str]]:
    """The keys that the program looks for in each table, while it reads the examples of the page."""
    return {title: set(keys) for title, keys in keys_read(blocks("scenario", "toml")).items()}


TITLES = {
    "Top level": "a scenario",
    "numa": "[[numa]]",
    "maps": "[[maps]]",
    "[parameters]": "[parameters]",
    **{name: name for name in ("[machine]", "[machine.thresholds]", "[setup]", "[screen]", "[limits]")},
    "[schedule]": "[schedule]",
    **{
        name: name
        for name in ("[[object]]", "[[process]]", "[[thread]]", "[[page]]", "[[question]]", "[[expect]]")
    },
}
"""The heading of each table's section, and what a message calls the table."""

TABLES = {
    *("parameters", "machine", "setup", "screen", "limits", "object", "process", "thread", "schedule"),
    *("page", "question", "expect"),
}


@pytest.mark.parametrize("heading", TITLES)
def test_the_page_has_each_key_of_a_table_and_no_other(heading: str, asked: dict[str, set[str]]) -> None:
    named = first_column(sections("scenario")[heading])
    assert len(named) == len(set(named))
    wanted = asked[TITLES[heading]] - (TABLES if heading == "Top level" else set())
    # A file chooses the names of its parameters.
    assert set(named) == ({"NAME"} if heading == "[parameters]" else wanted)


def test_every_table_has_a_section(asked: dict[str, set[str]]) -> None:
    assert set(asked) == set(TITLES.values())
    assert asked["a scenario"] >= TABLES
    assert set(sections("scenario")) == {"", *TITLES}


@pytest.mark.parametrize("text", blocks("scenario", "toml"), ids=lambda text: text.split('"')[1])
def test_an_example_scenario_runs_as_it_expects(text: str) -> None:
    scenario = load_text(text)
    history = scenario.start()
    scenario.run(history)
    assert all(check.ok is not False for check in scenario.check_expectations(history))
    assert all(answer.ok for answer in scenario.answers(history))
    if any(one.over for one in scenario.expectations):
        assert explore(scenario).ok is True


def test_the_outcomes_are_named() -> None:
    named = terms(sections("scenario")["[[expect]]"].rpartition("The outcomes are")[2])
    assert set(named) == {*OUTCOMES, "panic:FUNCTION"}


# --- scripts ----------------------------------------------------------------------------------------------


def test_the_page_has_every_function_of_scripts_as_it_is_written() -> None:
    named = [term for text in sections("scripts").values() for term in first_column(text)]
    assert len(named) == len(set(named))
    assert sorted(named) == sorted(verb.form for verb in verbs().values())


def test_the_example_script_completes() -> None:
    (script,) = blocks("scripts", "script")
    scenario = load_text(
        'format = 1\ntitle = "a script"\n[machine]\nmemory = "4 MiB"\n[[object]]\nname = "heap"\n'
        f'[[thread]]\nname = "app"\nscript = """\n{script}"""\n'
    )
    assert scenario.run(scenario.start()) == "completed"


# --- expressions and cells --------------------------------------------------------------------------------


def test_the_page_has_every_function_of_expressions_as_it_is_written() -> None:
    assert first_column(sections("expressions")["Functions"]) == [one.form for one in FUNCTIONS.values()]


@pytest.mark.parametrize("text", lines("expressions", "expr"))
def test_an_example_expression_holds(text: str, life: tuple[Scenario, History]) -> None:
    scenario, history = life
    assert scenario.expression(text).holds(history.vm)


@pytest.mark.parametrize("text", first_column(sections("expressions")["Errors"]))
def test_an_example_of_an_error_is_one(text: str, life: tuple[Scenario, History]) -> None:
    scenario, history = life
    with pytest.raises(BadInput):
        scenario.expression(text).holds(history.vm)


FAMILIES = {
    "thread[NAME].token[K]": "token",
    "resident[N], swap[N], pte[N], variable[N], blist[N]": None,
}
"""Headings of cells that do not begin with the table's name alone."""


def test_every_family_of_cells_has_a_section() -> None:
    heads = [
        FAMILIES.get(title, title.split("[")[0])
        for title in sections("cells")
        if title not in ("", "Indexes")
    ]
    grouped = {"resident", "swap", "pte", "variable", "blist"}
    assert sorted(filter(None, heads)) == sorted({*_PARSERS, "token"} - grouped)


CELL_TABLES = [
    title for title in sections("cells") if title not in ("", "Indexes", "marker[NAME]", *list(FAMILIES)[1:])
]


@pytest.mark.parametrize("title", CELL_TABLES)
def test_a_family_has_each_field_of_its_table_and_no_other(
    title: str, life: tuple[Scenario, History]
) -> None:
    from engine.constants import VMSTATS_FIELDS  # noqa: PLC0415

    name = FAMILIES.get(title) or title.partition("[")[0]
    fields = VMSTATS_FIELDS if name == "vmstats" else life[1].vm.memory.tables[name].specs()
    named = first_column(sections("cells")[title])
    assert sorted(named) == sorted(fields)


def test_the_cells_without_an_own_name_have_their_fields(life: tuple[Scenario, History]) -> None:
    rows = table(sections("cells")[list(FAMILIES)[1]])
    for field, _, of in rows:
        name = terms(of)[0].split("[")[0]
        assert list(life[1].vm.memory.tables[name].specs()) == terms(field)


@pytest.mark.parametrize("text", lines("cells", "cell"))
def test_an_example_cell_exists(text: str, life: tuple[Scenario, History]) -> None:
    scenario, history = life
    assert isinstance(parse_cell(history.vm, text, scenario.names), int)


# --- schedules and breakpoints ----------------------------------------------------------------------------


def expanded(form: str) -> Iterator[str]:
    """`tick[:N]` as `tick` and `tick:N`."""
    head, _, choice = form.partition("[")
    yield head
    yield from (f"{head}{tail}" for tail in choice.rstrip("]").split("|") if tail)


def test_the_page_has_every_form_of_a_schedule() -> None:
    page = sections("schedules")
    items = [form for text in GRAMMARS["items"].split(", ") for form in expanded(text)]
    assert first_column(page["Items"]) == items
    others = {form for name, form in GRAMMARS.items() if name != "items"}
    assert set(first_column(page["Forms"])) == {*others, "ITEM, ITEM, ..."}


@pytest.mark.parametrize("text", lines("schedules", "schedule"))
def test_an_example_schedule_is_read(text: str, life: tuple[Scenario, History]) -> None:
    schedule = parse_schedule(text)
    schedule.check_names([program.name for program in life[1].programs])
    assert schedule != parse_schedule("tick:99")


def stop_of(text: str, life: tuple[Scenario, History]) -> Stop:
    verb, _, rest = text.partition(" ")
    read = {"break": parse_break, "watch": parse_watch}[verb]
    return read(rest, 1, life[1], life[0].names)


@pytest.mark.parametrize("text", lines("breakpoints", "stop"))
def test_an_example_breakpoint_is_read(text: str, life: tuple[Scenario, History]) -> None:
    assert stop_of(text, life).text == text.partition(" ")[2]


@pytest.mark.parametrize("heading", ["Breakpoints", "Watchpoints"])
def test_each_form_of_a_breakpoint_is_read(heading: str, life: tuple[Scenario, History]) -> None:
    verb = heading.lower().removesuffix("points")
    scenario = load("held-while-freed") if heading == "Watchpoints" else life[0]
    forms = [term for row in table(sections("breakpoints")[heading]) for cell in row for term in terms(cell)]
    assert len(forms) >= 3
    for form in forms:
        stop_of(f"{verb} {form}", (scenario, scenario.start()))


def test_a_console_command_of_the_breakpoints_page_has_its_key() -> None:
    for command, keys, _ in table(sections("breakpoints")["On the screen"]):
        word = terms(command)[0].split()[0].removeprefix(":")
        (found,) = [one for one in COMMANDS.values() if one.word == word]
        assert terms(keys) == [key_word(key) for key in found.keys[:1]]


# --- machines and settings --------------------------------------------------------------------------------


def test_the_page_has_every_preset() -> None:
    rows = table(sections("machines")["Naming a machine"])
    named = {terms(row[0])[0]: terms(row[1])[0] for row in rows if row[1].startswith("`")}
    assert named == PRESETS


def test_the_page_has_every_switch_and_every_rule_with_its_values() -> None:
    assert first_column(sections("machines")["Switches"]) == list(Switches.__dataclass_fields__)
    rows = table(sections("machines")["Rules"])
    assert [terms(row[0])[0] for row in rows] == list(RULE_VALUES)
    for option, document, source, text in rows:
        name = terms(option)[0]
        sets = {str(getattr(Rules.named(side), name)).lower() for side in ("document", "source")}
        assert {*terms(document), *terms(source)} == sets
        values = {str(value).lower() for value in RULE_VALUES[name]}
        assert {word for word in terms(text) if word in values} | sets == values


def test_the_thresholds_are_those_that_can_be_set() -> None:
    assert set(first_column(sections("scenario")["[machine.thresholds]"])) == set(LIMITS)


def test_the_page_has_every_setting_with_its_values() -> None:
    rows = table(sections("settings")["The config file"])
    named = {terms(row[0])[0]: [json.loads(word) for word in terms(row[1])] for row in rows if terms(row[1])}
    assert named.keys() == _VALUES.keys()
    for name, values in _VALUES.items():
        assert sorted(named[name], key=str) == sorted(values, key=str)
    assert {terms(row[0])[0]: json.loads(terms(row[2])[0]) for row in rows if terms(row[2])} == {
        **{name: values[0] for name, values in _VALUES.items()},
        "history": byte_size(HISTORY_LIMIT),
    }


def test_the_example_config_file_is_right() -> None:
    (text,) = blocks("settings", "config")
    found = read_settings(text, "config.toml")
    assert found.problems == ()
    assert found.keys.of(COMMANDS["step"]) == ("f2",)
    assert found.history == 2 << 30


def test_the_page_has_every_table_that_can_be_set() -> None:
    rows = table(sections("settings")["--set"])
    assert tuple(terms(row[0])[0] for row in rows) == settings.TABLES
    for _, example in rows:
        load("life-of-a-page", settings=(settings.parse_setting(terms(example)[0].split()[1]),))


# --- the screen -------------------------------------------------------------------------------------------


def test_the_page_has_every_command_with_its_keys() -> None:
    page = sections("screen")
    for group, commands in GROUPS.items():
        rows = table(page[group])
        shown = [
            (
                [f":{f'{one.word} {one.argument}'.strip()}", *(f":{alias}" for alias in one.aliases)],
                [key_word(key) for key in one.keys],
            )
            for one in commands
        ]
        assert [(terms(row[0]), terms(row[1])) for row in rows] == shown
    assert {title for title, text in page.items() if "| keys |" in text} == set(GROUPS)


def test_the_page_names_the_commands_whose_id_is_not_their_word() -> None:
    text = " ".join(sections("screen")["Commands"].split())
    renamed = {(f":{one.renamed}", one.id) for one in COMMANDS.values() if one.renamed}
    assert set(re.findall(r"`(:\w+)` (?:has )?the id `(\w+)`", text)) == renamed


def test_the_page_has_every_panel_and_every_lens() -> None:
    page = sections("screen")
    assert first_column(page["The panels"]) == list(PANELS)
    assert first_column(page["The lenses"]) == list(LENSES)


def test_the_themes_are_named() -> None:
    (row,) = [row for row in table(sections("commands")["pageq tui"]) if "--theme" in row[0]]
    assert terms(row[1]) == list(THEMES)


def test_text_mode_has_its_own_commands() -> None:
    wanted = [f"{name} {verb.argument}".strip() for name, verb in OWN.items()]
    assert first_column(sections("text-mode")[""]) == wanted


def test_the_suffixes_of_exports_are_named() -> None:
    assert first_column(sections("state")["Exports"]) == list(SUFFIXES)


# --- JSON -------------------------------------------------------------------------------------------------


def output(*words: str) -> list[Any]:
    """The JSON that a command prints, a line each."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        main(words)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def inner(text: str) -> list[str]:
    """The keys of `{a, b: true, ...}`."""
    return [part.split(":")[0].strip() for part in text.strip("{}").split(",") if part.strip() != "..."]


def documented(heading: str) -> list[str]:
    return first_column(sections("json")[heading])


LIFE = "life-of-a-page"
PRINTED = {
    "list": ["list", "--json"],
    "course": ["course", "--json"],
    "check": ["check", LIFE, "--json"],
    "show page": ["show", "page", "--machine", "tiny", "--json"],
    "show pageq": ["show", "pageq", "--machine", "tiny", "--json"],
    "show sysctl": ["show", "sysctl", "--machine", "tiny", "--json"],
    "boot": ["boot", "--machine", "tiny", "--json"],
    "conform": ["conform", "--json", "tests/conformance/golden/commit.jsonl.gz"],
    "differences": ["differences", "--json"],
    "why": ["why", LIFE, "vmstats.v_free_count", "--json"],
    "grade": ["grade", "answers.txt", "--json"],
    "verbs": ["verbs", "--json"],
    "explore": ["explore", LIFE, "--expr", "app.m", "--end", "1", "--json"],
    "export": ["export", LIFE, "--at", "30", "--format", "json"],
    "map": ["map", "dump.txt", "--json"],
    "replay": ["replay", "made:loop:length=50,pages=9", "--frames", "4", "--policy", "lru", "--json"],
}


@pytest.fixture
def in_a_folder_with_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("answers.txt", "dump.txt"):
        (tmp_path / name).write_text(FILES[name])
    (tmp_path / "tests").symlink_to(Path(__file__).resolve().parents[1])
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("in_a_folder_with_answers")
@pytest.mark.parametrize("heading", PRINTED)
def test_the_page_has_the_keys_of_an_object_in_their_order(heading: str) -> None:
    found = output(*PRINTED[heading])[0]
    entry = found[0] if isinstance(found, list) else found
    assert list(entry) == documented(heading)
    for key, text in table(sections("json")[heading]):
        name = terms(key)[0]
        listed = [term for term in terms(text) if term.startswith("{")]
        if listed and isinstance(entry[name], list) and entry[name]:
            assert set(entry[name][0]) in [set(inner(term)) for term in listed], name


RUN = ("run", LIFE, "--json", "--break", "panic", "--locks", "--state", "-")


def test_the_page_has_the_keys_of_each_line_of_a_run() -> None:
    found = output(*RUN)
    by_type = {entry["type"]: entry for entry in found}
    assert list(by_type["start"]) == [
        key for key in documented("run: the first line") if key not in ("step", "parameters")
    ]
    values = output("run", "counting-on-each-processor", "--json", "--steps", "0")[0]
    assert list(values) == [key for key in documented("run: the first line") if key != "step"]
    # The last keys of a step are only there if the kernel printed, zeroed or compared something.
    assert [*by_type["step"], "console", "zeroed", "limits"] == documented("run: a step")
    assert list(by_type["end"]) == documented("run: the last line")
    assert list(by_type["locks"]) == documented("run --locks")
    assert list(by_type["token"]) == documented("run --state -")
    rows = {terms(key)[0]: terms(text) for key, text in table(sections("json")["run: the last line"])}
    assert list(by_type["end"]["expect"][0]) == inner(rows["expect"][0])
    assert list(by_type["end"]["questions"][0]) == inner(rows["questions"][0])
    assert list(by_type["locks"]["locks"][0]) == inner(terms(table(sections("json")["run --locks"])[1][1])[0])


def test_a_run_that_is_continued_names_its_step() -> None:
    (state,) = [entry["token"] for entry in output(*RUN, "--steps", "3") if entry["type"] == "token"]
    first = output("run", "--json", "--open", state)[0]
    assert list(first) == [
        key for key in documented("run: the first line") if key not in ("console", "parameters")
    ]


def test_the_page_has_the_keys_of_run_all(tmp_path: Path) -> None:
    course = str(write_course(tmp_path, only(LIFE), names=()))
    assert list(output("run", "--all", "--course", course, "--json")[0]) == documented("run --all")


@pytest.mark.parametrize(("subject", "last"), [("page 0xc03", "queues"), ("queue FREE[0]", "lengths")])
def test_the_page_has_the_keys_of_a_biography(subject: str, last: str) -> None:
    keys = documented("biography")
    found = output("biography", LIFE, subject, "--json")[0]
    assert list(found) == [*keys[:-2], last]
    rows = {terms(key)[0]: terms(text) for key, text in table(sections("json")["biography"])}
    assert list(found["changes"][0]) == inner(rows["changes"][0])


# --- the library ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", blocks("library", "python"), ids=["first", "second"])
def test_an_example_of_the_library_runs(code: str) -> None:
    names: dict[str, Any] = {}
    exec(code, names)
    if "holds" in names:
        assert names["outcome"] == "completed"
        assert names["holds"]
        assert names["message"].startswith("scenario:4: ")
    else:
        assert names["history"].step == 3
