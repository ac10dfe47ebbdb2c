"""A Dask cluster on loopback has the rows of this process, also if a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.experiments import cluster
from engine.experiments.cluster import connected, measured_there, on_cluster, other_engine
from engine.experiments.engine_sources import engine_digest
from engine.experiments.experiment import load_experiment
from engine.experiments.sweep import sweep
from engine.experiments.table import Done
from tests.engine.experiments.small_experiments import write

ROOT = Path(__file__).parents[3]
INSTALLED = find_spec("distributed") is not None

needs_dask = pytest.mark.skipif(not INSTALLED, reason="distributed, of the extra `cluster`, is not installed")


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1:8786", "tcp://x", "tcp://x:y", "http://x:80", "tcp://a b:1"]
)
def test_what_is_not_an_address_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="is not an address"):
        connected(address)


def test_without_the_extra_a_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"pip install 'pageq\[cluster\]'"):
        list(on_cluster("tcp://127.0.0.1:1", []))


def test_a_worker_measures_with_the_same_engine_only(tmp_path: Path) -> None:
    experiment = load_experiment(write(tmp_path))
    job = experiment.runs.job(experiment.points[0].settings)
    row = sweep(load_experiment(write(tmp_path), ["colors=1", "rounds=2", "seed=0"])).rows[0]
    found = measured_there(job, engine_digest())
    assert not isinstance(found, str)
    assert found.values == row.measured
    assert "has another version" in str(other_engine("tcp://x:1"))


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def started(processes: ExitStack, folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a part of a cluster, which ends with the test."""
    command = [sys.executable, "-m", *words, "--no-dashboard"]
    log = processes.enter_context((folder / f"{len(list(folder.iterdir()))}.log").open("wb"))
    found = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
    )
    processes.callback(found.wait)
    processes.callback(found.kill)
    return found


def scheduler(processes: ExitStack, folder: Path) -> str:
    """Start a scheduler; return its address."""
    file = folder / "scheduler.json"
    where = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
    started(processes, folder, "distributed.cli.dask_scheduler", *where)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if file.is_file() and (text := file.read_text()).rstrip().endswith("}"):
            return text.partition('"address": "')[2].partition('"')[0]
        time.sleep(0.05)
    raise TimeoutError


def worker(processes: ExitStack, folder: Path, address: str) -> subprocess.Popen[bytes]:
    where = (address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny")
    return started(processes, folder, "distributed.cli.dask_worker", *where)


@needs_dask
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_has_the_rows_of_this_process_also_if_a_worker_is_killed(
    processes: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    address = scheduler(processes, logs)
    workers = [worker(processes, logs, address) for _ in range(2)]
    experiment = load_experiment(write(tmp_path), ["seed=0..9"])
    killed = 0

    def kill(done: Done) -> bool:
        nonlocal killed
        if len(done.rows) >= 8 and not killed:
            killed = len(done.rows)
            workers[0].send_signal(signal.SIGKILL)
        return True

    assert sweep(experiment, cluster=address, progress=kill) == sweep(experiment)
    assert 8 <= killed < 40
    assert workers[0].wait() == -signal.SIGKILL
    monkeypatch.setattr(cluster, "engine_digest", lambda: "another")
    with pytest.raises(BadInput, match="another version of pageq"):
        sweep(experiment, cluster=address)


@needs_dask
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_or_has_no_worker_is_an_error(
    processes: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "TIMEOUT", 1)
    with pytest.raises(BadInput, match="does not answer within 1 second"):
        list(on_cluster("tcp://127.0.0.1:1", []))
    with pytest.raises(BadInput, match="has no worker"):
        list(on_cluster(scheduler(processes, tmp_path), []))
