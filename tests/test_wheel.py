"""A wheel holds everything that pageq needs: it is built, unpacked apart from the checkout, and used."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[1]

GOLDEN: Final = ROOT / "tests" / "conformance" / "golden"

SOURCES: Final = ("engine", "explorer", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a wheel of this checkout installs."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in SOURCES:
        path, copy = ROOT / name, source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(path, copy, ignore=ignored) if path.is_dir() else shutil.copy(path, copy)
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(source)], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "site"), str(wheel)], check=True)
    shutil.rmtree(source)
    return folder / "site"


def pageq(site: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run pageq from the folder and nowhere else: -S keeps an editable installation of the checkout out."""
    paths = os.pathsep.join([str(site), sysconfig.get_path("purelib")])
    return subprocess.run(
        [sys.executable, "-S", "-m", "explorer.cli", *words],
        cwd=site,
        env={**os.environ, "PYTHONPATH": paths},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_modules_are_those_of_the_wheel(site: Path) -> None:
    code = "import engine, explorer; print(engine.__file__, explorer.__file__)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=site,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(Path(file).is_relative_to(site) for file in done.stdout.split())


def test_every_experiment_has_its_scenario_in_the_wheel(site: Path) -> None:
    code = (
        "from engine.experiments.experiment import experiment_names, load_experiment\n"
        "print(*(load_experiment(name).name for name in experiment_names()))"
    )
    paths = os.pathsep.join([str(site), sysconfig.get_path("purelib")])
    environment = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, "-S", "-c", code]
    done = subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == sorted(path.stem for path in (ROOT / "engine/experiments").glob("*.toml"))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(["list"], "life-of-a-page", id="list: the library"),
        pytest.param(["course", "busy"], "hard-and-soft-busy", id="course: its units"),
        pytest.param(["run", "life-of-a-page", "--json"], '"outcome":"completed"', id="run"),
        pytest.param(
            ["differences", "--machine", "tiny"], "v_free_target", id="differences: their data file"
        ),
        pytest.param(["help"], "scenario", id="help: the topics"),
        pytest.param(["help", "scenario"], "[[thread]]", id="help: a page of the reference"),
        pytest.param(["export", "life-of-a-page", "--at", "30", "--format", "svg"], "<svg", id="the screen"),
    ],
)
def test_a_command_works_from_a_wheel(site: Path, words: list[str], shown: str) -> None:
    done = pageq(site, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout


def test_a_handout_has_its_style_and_script_from_a_wheel(site: Path, tmp_path: Path) -> None:
    done = pageq(site, "handout", "tour", "-o", str(tmp_path / "tour.html"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "prefers-color-scheme" in (tmp_path / "tour.html").read_text(encoding="utf-8")


def test_text_mode_works_from_a_wheel(site: Path) -> None:
    done = pageq(site, "text", text="step 30\nquit\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "30" in done.stdout


def test_the_source_of_a_kernel_function_is_read_from_a_wheel(site: Path) -> None:
    done = pageq(site, "text", text="break vm_page_alloc#1\nstops\nquit\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "vm_page_alloc#1 (choose the colour)" in done.stdout


def test_a_golden_trace_is_replayed_by_its_path(site: Path) -> None:
    done = pageq(site, "conform", str(GOLDEN / "busy.jsonl.gz"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].endswith(", 0 not covered, 0 divergences")
