"""The computer on which a session runs: the user's own, or a server on which the user is a guest.

Every file that a user names is read and written through this: on the user's own computer it is that file. On
a server no file is read, what is written goes to the user's browser as a download, no other program is
started, and runs have bounds.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from engine.constants import PAGE_SIZE
from engine.errors import BadInput
from engine.inputs.machine_name import names_file
from engine.machine.topology import PRESETS, parse_spec
from engine.saved.state_string import Token
from engine.scenario.bounds import UNBOUNDED, Bounds
from engine.scenario.library import Library
from explorer.session.download_name import download_name
from explorer.session.whole_file import create_file, replace_file, user_path

if TYPE_CHECKING:
    from engine.experiments.cache import Cache, MemoryCache

GUEST_BOUNDS: Final = Bounds(history=64 << 20, memory=256 << 20, steps=1_000_000)
"""The bounds of each run of a guest."""

MOST_STATES: Final = 1_000_000
MOST_SEARCHED: Final = 128 << 20
"""The states of a guest's search of all schedules, and its memory in bytes."""

MOST_SECONDS: Final = 300.0
"""The longest search or experiment of a guest."""

_OPENS_NONE: Final = "this is a server and opens no files"

_FILE_KEYS: Final = ("hwloc", "counters")
"""The last parts of keys of a scenario whose values are names of files."""


class Computer:
    """The user's own computer: files have the names that the user types.

    seconds: the longest search or experiment; None for no limit.
    """

    is_server: ClassVar[bool] = False
    bounds: ClassVar[Bounds] = UNBOUNDED
    seconds: ClassVar[float | None] = None

    # --- files --------------------------------------------------------------------------------------------

    def file_names(self, begun: str) -> list[str]:
        """Return the files and folders that a path can become; a folder ends with a slash."""
        folder, _, start = begun.rpartition("/")
        try:
            inside = list(Path(f"{folder}/" if folder or begun[:1] == "/" else ".").expanduser().iterdir())
        except (OSError, RuntimeError, ValueError):
            return []
        prefix = f"{folder}/" if "/" in begun else ""
        return [
            f"{prefix}{path.name}{'/' if path.is_dir() else ''}"
            for path in inside
            if path.name.startswith(start) and (start or not path.name.startswith("."))
        ]

    def path(self, name: str) -> Path:
        """Return the path of a file that a user named.

        Errors: BadInput if no file can have that name.
        """
        return user_path(name)

    def has(self, path: Path) -> bool:
        """Whether there is a file already that must not be replaced."""
        return path.exists()

    def create(self, path: Path, content: bytes) -> str:
        """Write a new file; return the words for it in a message.

        Errors: FileExistsError; OSError; then there is no new file.
        """
        create_file(path, content)
        return "wrote"

    def replace(self, path: Path, content: bytes) -> str:
        """Write a file, which may exist; return the words for it in a message.

        Errors: OSError; then the old file is unchanged.
        """
        replace_file(path, content)
        return "wrote"

    # --- what may be opened -------------------------------------------------------------------------------

    def check_scenario(self, name: str, library: Library) -> None:
        """Check that a scenario may be opened by this name, or this path.

        Errors: BadInput.
        """

    def check_state(self, token: Token) -> None:
        """Check that the moment of a state string may be opened.

        Errors: BadInput.
        """

    def check_machine(self, text: str) -> None:
        """Check that a machine may be opened by its text.

        Errors: BadInput.
        """

    def check_experiment(self, name: str, vary: Sequence[str]) -> None:
        """Check that an experiment may be measured; vary: texts KEY=VALUES.

        Errors: BadInput.
        """

    def check_program(self, what: str, instead: str) -> None:
        """Check that another program may be started, for `what`.

        Errors: BadInput, which says what to do instead.
        """

    # --- work ---------------------------------------------------------------------------------------------

    def search_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a search of all schedules, within what it may take."""
        return options

    def results(self) -> Cache | MemoryCache:
        """Return where the results of experiments are kept."""
        # Imported here, as below: few sessions have an experiment.
        from engine.experiments.cache import Cache  # noqa: PLC0415

        return Cache()


OWN_COMPUTER: Final = Computer()


def _no_browser(name: str, _: bytes) -> None:
    raise BadInput(f"{name} cannot be sent: no browser is connected")


class Server(Computer):
    """A server, for one visit of a guest.

    deliver: sends a file to the guest's browser; called with its name and its content.
    """

    is_server = True
    bounds = GUEST_BOUNDS
    seconds = MOST_SECONDS

    def __init__(self, deliver: Callable[[str, bytes], None] = _no_browser) -> None:
        self.deliver = deliver
        self._results: MemoryCache | None = None

    def file_names(self, begun: str) -> list[str]:  # noqa: ARG002
        """Return nothing: a guest sees no file of the server."""
        return []

    def path(self, name: str) -> Path:
        """Return the name of a download, without a folder."""
        return Path(download_name(name))

    def has(self, path: Path) -> bool:  # noqa: ARG002
        """Return False: a browser keeps downloads of the same name apart."""
        return False

    def create(self, path: Path, content: bytes) -> str:
        """Send a file to the browser; return the words for it in a message.

        Errors: BadInput if there is no browser.
        """
        self.deliver(path.name, content)
        return "your browser downloads"

    def replace(self, path: Path, content: bytes) -> str:
        """Send a file to the browser; as `create`."""
        return self.create(path, content)

    def check_scenario(self, name: str, library: Library) -> None:
        """Check that the library has a scenario of that name.

        Errors: BadInput.
        """
        files = library.files()
        if name not in files:
            near = difflib.get_close_matches(name[:80], files, 3, 0.5) or library.course.scenarios[:2]
            names = f"a name such as {', '.join(near)}, or a state string" if near else "a state string"
            raise BadInput(f"there is no scenario {_cut(name)} here: {_OPENS_NONE}; give {names}")

    def check_state(self, token: Token) -> None:
        """Check the machine of a state string, as check_machine.

        Errors: BadInput.
        """
        if token.machine is not None:
            self.check_machine(token.machine)

    def check_machine(self, text: str) -> None:
        """Check that a machine is a preset or SIZE:SxCxT, and not too large.

        Errors: BadInput.
        """
        if text == "host" or names_file(text):
            raise BadInput(
                f"{_cut(text)} is not possible here: this is a server, which shows neither its hardware nor "
                f"its files; give {', '.join(small_presets(self.bounds))}, or SIZE:SxCxT such as 64MiB:2x4x2"
            )
        hardware = parse_spec(text)
        if hardware is not None:
            self.bounds.check(hardware)

    def check_experiment(self, name: str, vary: Sequence[str]) -> None:
        """Check that an experiment is one of the program, and that no value names a file or is too large.

        Errors: BadInput.
        """
        from engine.experiments.listing import experiment_names  # noqa: PLC0415
        from engine.experiments.values import parse_values  # noqa: PLC0415

        names = experiment_names()
        if name not in names:
            raise BadInput(f"there is no experiment {_cut(name)} here: {_OPENS_NONE}; use {', '.join(names)}")
        for text in vary:
            key, _, values = text.partition("=")
            for value in parse_values(values):
                self._check_value(key.strip().rpartition(".")[2], value)

    def _check_value(self, key: str, value: object) -> None:
        """Check a value of a key that varies in an experiment; key: its last part."""
        if key == "machine":
            self.check_machine(str(value))
        elif key in _FILE_KEYS or (key == "trace" and not str(value).startswith(("made:", "recorded:"))):
            raise BadInput(f"{key}={_cut(str(value))} names a file, and this server opens none; remove it")
        elif key == "trace":
            self.bounds.check_string(str(value))
        elif key == "frames" and isinstance(value, int) and value > self._most_frames:
            raise BadInput(f"frames={value:,} is too many on this server; use at most {self._most_frames:,}")

    @property
    def _most_frames(self) -> int:
        return (self.bounds.memory or 0) // PAGE_SIZE

    def check_program(self, what: str, instead: str) -> None:
        """Refuse it: a server starts no program for a guest.

        Errors: BadInput.
        """
        raise BadInput(f"{what} needs another program, and this server starts none; {instead}")

    def search_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a search with at most MOST_STATES and MOST_SEARCHED."""
        from engine.explore.limits import Limits  # noqa: PLC0415

        given: Limits = options.get("limits", Limits())
        states, memory = min(given.states, MOST_STATES), min(given.memory, MOST_SEARCHED)
        return {**options, "limits": replace(given, states=states, memory=memory)}

    def results(self) -> MemoryCache:
        """Return where the results of experiments are kept during the visit."""
        from engine.experiments.cache import MemoryCache  # noqa: PLC0415

        self._results = self._results or MemoryCache()
        return self._results


def small_presets(bounds: Bounds) -> list[str]:
    """Return the names of the machines that are within the bounds."""
    most = bounds.memory
    found = []
    for name in PRESETS:
        hardware = parse_spec(name)
        assert hardware is not None
        if most is None or hardware.phys_avail[-1][1] <= most:
            found.append(name)
    return found


def _cut(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."
