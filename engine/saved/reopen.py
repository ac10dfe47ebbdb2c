"""Opening a state string: load its scenario, replay its run log, and compare the memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from engine import __version__
from engine.errors import BadInput, CapacityError
from engine.inputs.file_roles import STATE
from engine.inputs.machine_name import names_file
from engine.inputs.wrong_file import asking_for
from engine.memory.journal import HISTORY_LIMIT, JournalFullError
from engine.saved.run_log import Replayed, replay
from engine.saved.state_string import LARGEST_TOKEN, PREFIX, Token, decode
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.file_text import read_text
from engine.scenario.format import ScenarioForm, parse_scenario
from engine.scenario.library import OWN, Library
from engine.scenario.loader import Scenario, load, load_text
from engine.scenario.overrides import Given
from engine.scenario.settings import COUNTERS_KEY, Setting, Settings, is_counters_file
from engine.scenario.trace_file import is_trace_file

SAVE_INSTEAD: Final = "save a session with :save, or a scenario with :export"
"""What to do with a run that no state string can open."""


class _Given(TypedDict):
    """What replaces parts of the file, as for `load`."""

    machine: str | None
    rules: str | None
    schedule: str | None
    settings: Settings
    seed: int | None
    bounds: Bounds


@dataclass(frozen=True)
class Opened:
    """A scenario, and its run at the step of the state string."""

    scenario: Scenario
    replayed: Replayed


def read_token(text_or_file: str) -> Token:
    """Read a state string, or a file that contains one and nothing else.

    Errors: BadInput if the text is neither.
    """
    if text_or_file.strip().startswith(PREFIX):
        return decode(text_or_file)
    with asking_for(STATE, text_or_file):
        return _read_token_file(text_or_file)


def _read_token_file(text_or_file: str) -> Token:
    try:
        with open(text_or_file, encoding="utf-8-sig") as stream:
            text = stream.read(LARGEST_TOKEN + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a text file"
        shown = text_or_file[:80]
        words = f"{shown!r} is neither a state string, which starts with {PREFIX}, nor a file with one: {why}"
        raise BadInput(words) from None
    try:
        return decode(text)
    except BadInput as error:
        raise BadInput(error.message, file=text_or_file, line=1) from None


def open_token(
    token: Token,
    limit: int = HISTORY_LIMIT,
    *,
    files: bool = False,
    library: Library = OWN,
    bounds: Bounds = UNBOUNDED,
) -> Opened:
    """Run the scenario again, up to the step of the state string.

    limit: as for History.
    files: whether its machine may be a file. A state string can come from a stranger, and opening it must
           read no file; a saved session is the user's own.
    library: that of the session, which may have the scenario of the state string.
    bounds: what the scenario may take at most.
    Errors: BadInput if it names a file, if the scenario has changed, its run takes other steps, or the memory
            differs; the message names the version that made the state string and this version.
    """
    if not files and (file := file_of(token)):
        raise _differs(token, f"it names the file {file[:80]!r}, and state strings do not open files")
    scenario = _scenario(token, library, bounds)
    try:
        replayed = replay(scenario, token.course, limit)
    except JournalFullError as full:
        raise BadInput(f"{full}; {bounds.more_history}") from None
    except (BadInput, CapacityError) as error:
        raise _differs(token, f"its steps cannot be repeated: {error}") from None
    digest = replayed.history.vm.memory.digest()
    if not digest.startswith(token.digest):
        step = token.course.step
        words = f"the memory after step {step} has the digest {digest[: len(token.digest)]}"
        raise _differs(token, f"{words}, not {token.digest}")
    return Opened(scenario, replayed)


def file_of(token: Token) -> str | None:
    """Return the name of the hwloc file, schedule, dump or trace that its scenario reads, or None.

    Errors: BadInput if the scenario's text is not a scenario.
    """
    if token.schedule is not None and token.schedule.startswith("@"):
        return token.schedule[1:]
    if token.machine is not None and names_file(token.machine):
        return token.machine
    for one in reversed(token.settings):
        if one.key == "machine.hwloc":
            return str(one.value)
    dumps = [one.value for one in token.settings if one.key == COUNTERS_KEY]
    dumps += [] if token.counters is None else [token.counters]
    if named := [dump for dump in dumps if is_counters_file(dump)]:
        return str(named[0])
    if token.text is None:
        return None
    form = _form(token, token.text)
    if form.machine.hwloc is not None and (token.machine is None or _given(token).before is not None):
        return form.machine.hwloc
    if form.machine.counters is not None and form.machine.counters.is_file and not dumps:
        return form.machine.counters.value
    return next(_trace_files(form), None)


def _given(token: Token) -> Given:
    return Given.of(token.machine, token.rules, token.schedule, token.settings, token.seed)


def _form(token: Token, text: str) -> ScenarioForm:
    """The scenario's form as it is loaded, before any other file is read."""
    given = _given(token)
    return parse_scenario(text, Path(token.name), given.settings, given.before, token.seed)


def _trace_files(form: ScenarioForm) -> Iterator[str]:
    traces = (one.trace.name for one in form.threads if one.trace is not None)
    return filter(is_trace_file, traces)


def check_shared(token: Token, instead: str = SAVE_INSTEAD) -> None:
    """Check that the state string of `token` can be opened.

    instead: what to do if it cannot.
    Errors: BadInput if its machine is a file.
    """
    if file := file_of(token):
        words = f"a state string does not open files; {instead}"
        raise BadInput(f"this run depends on the file {file[:80]!r}, and {words}")


def _scenario(token: Token, library: Library, bounds: Bounds) -> Scenario:
    if token.version.startswith("0.1."):
        raise _differs(
            token, "a state string of version 0.1 depends on lesson texts; create a new one with this version"
        )
    if token.text is None and token.name not in OWN.names:
        raise _differs(token, f"this library has no scenario {token.name[:60]!r}")
    try:
        scenario = _loaded(token, library, bounds)
    except BadInput as error:
        if why := _why_not_as_saved(token, f": {error}"):
            raise _differs(token, why) from None
        raise
    if not scenario.sha256.startswith(token.sha256):
        found = scenario.sha256[: len(token.sha256)]
        words = f"the scenario {scenario.name} has the sha256 {found}, not {token.sha256}"
        raise _differs(token, _why_not_as_saved(token) or words)
    return scenario


def _why_not_as_saved(token: Token, error: str = "") -> str | None:
    """Say which trace is missing or has changed; None for a scenario that takes no trace of a file.

    The text of such a scenario is in the state string: only its files can have changed.
    """
    names = [] if token.text is None else list(dict.fromkeys(_trace_files(_form(token, token.text))))
    for name in names:
        if not (Path(token.name).parent / name).exists():
            return f"the trace {name!r} is missing; put the file back"
    one = "the trace" if len(names) == 1 else "one of the traces"
    shown = ", ".join(map(repr, names))
    return f"{one} {shown} has changed{error}; put the old file back" if names else None


def _loaded(token: Token, library: Library, bounds: Bounds) -> Scenario:
    """Load the scenario of a token: by its name where `library` has the same one, else by its text."""
    given: _Given = {
        "machine": token.machine,
        "rules": token.rules,
        "schedule": token.schedule,
        "settings": (*_own_settings(token), *token.settings),
        "seed": token.seed,
        "bounds": bounds,
    }
    if token.text is None:
        hidden = library.find(token.name) != OWN.find(token.name)
        return load(token.name, **given, library=OWN if hidden else library)
    name = token.name.removesuffix(".toml")
    if library != OWN and name in library.names and _is_text_of(library.find(name), token.text):
        return load(name, **given, library=library)
    return load_text(token.text, token.name, **given, library=library)


def _own_settings(token: Token) -> Settings:
    """Return the dump that the scenario's file names, as a setting: its text is in the token."""
    if token.counters is None:
        return ()
    return (Setting(COUNTERS_KEY, token.counters, "the counters in the state string", is_own=True),)


def _is_text_of(path: Path, text: str) -> bool:
    try:
        return read_text(path) == text
    except BadInput:
        return False


def _differs(token: Token, why: str) -> BadInput:
    versions = f"made by pageq {token.version[:20]}, opened by pageq {__version__}"
    return BadInput(f"this state string does not open here ({versions}): {why}")
