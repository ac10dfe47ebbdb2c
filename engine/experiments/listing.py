"""The experiments that come with the program: files in the folder of this package, found by name.

Listing them reads their files only, so that it imports neither NumPy nor the model.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import BadInput
from engine.experiments.form import read_experiment

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True)
class ExperimentListing:
    """An experiment in the list.

    section: the heading of the document that has the claim; "" for none. points: how many it measures.
    """

    name: str
    title: str
    claim: str
    section: str
    points: int


def experiment_names() -> tuple[str, ...]:
    """Return the names of the experiments, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def listed_experiments() -> tuple[ExperimentListing, ...]:
    """Return the experiments that come with the program, in the order of their names."""
    return tuple(map(_listing, experiment_names()))


def experiment_title(name: str) -> str:
    """Return the title of an experiment that comes with the program.

    Errors: BadInput, with the nearest names, if there is none.
    """
    return read_experiment(find_experiment(name)).title


def _listing(name: str) -> ExperimentListing:
    form = read_experiment(FOLDER / f"{name}.toml")
    points = math.prod(len(one.values) for one in form.vary)
    return ExperimentListing(name, form.title, form.claim, form.section, points)


def find_experiment(name_or_path: str) -> Path:
    """Return the file of an experiment, given its name or a path.

    Errors: BadInput, with the nearest names, if there is none.
    """
    names = experiment_names()
    if name_or_path in names:
        return FOLDER / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if name_or_path and exists(path):
        return path
    near = difflib.get_close_matches(name_or_path[:80], names, 3, 0.5) or names
    shown = name_or_path if len(name_or_path) <= 80 else f"{name_or_path[:80]}..."
    right = f"give a file, or a name such as {', '.join(near)}" if near else "give a file"
    raise BadInput(f"there is no experiment {shown!r}; {right} (pageq experiment has all)")


def exists(path: Path) -> bool:
    """Whether there is something at a path, which may be of any text."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False  # the name is too long, or has a NUL byte
