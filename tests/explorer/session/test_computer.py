"""What the two computers of a session allow: the user's own all, a server nothing of its disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.explore.limits import Limits
from engine.saved.reopen import read_token
from engine.saved.state_string import encode, token_of
from engine.scenario.library import OWN, open_course
from engine.scenario.loader import load
from explorer.session import experiment, exploration, leaving, questions, saved_moment, stepping
from explorer.session.background import TIME, Background
from explorer.session.computer import MOST_SEARCHED, MOST_STATES, OWN_COMPUTER, Server, small_presets
from explorer.session.course_progress import CourseProgress
from explorer.session.kept_answers import tell_answers, write_kept
from explorer.session.open import open_again, open_other, open_session
from explorer.session.progress_log import ProgressLog
from explorer.session.session import Session
from explorer.views.status import how_it_ended
from tests.engine.scenario.course_folder import write_course
from tests.explorer.cursor_motions import drive
from tests.tiers import only_fast

HERE = "this is a server"


@pytest.fixture
def sent() -> dict[str, bytes]:
    """What the browser was sent: the name of each download, and its content."""
    return {}


@pytest.fixture
def guest(sent: dict[str, bytes]) -> Session:
    return open_session("life-of-a-page", computer=Server(sent.__setitem__))


# --- what is opened ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.toml", "tour.toml", "", "@x", "~/x.toml", "x\0"])
def test_a_guest_opens_no_file(name: str, guest: Session) -> None:
    with pytest.raises(BadInput, match=f"there is no scenario .* here: {HERE} and opens no files; give"):
        open_other(guest, name)


@pytest.mark.slow
def test_of_a_file_that_exists_a_guest_reads_the_same_as_of_another(guest: Session, tmp_path: Path) -> None:
    there, missing = write_course(tmp_path) / "first.toml", tmp_path / "none.toml"
    said = []
    for path in (there, missing):
        with pytest.raises(BadInput) as raised:
            open_other(guest, str(path))
        said.append(str(raised.value).replace(path.name, "NAME"))
    assert said[0] == said[1]


@pytest.mark.slow
def test_a_guest_opens_the_library_and_the_course_and_stays_a_guest(tmp_path: Path) -> None:
    course = open_course(write_course(tmp_path))
    session = open_session("first", library=course, computer=Server())
    for opened in (
        open_other(session, "second"),
        open_other(session, "tour"),
        open_again(session, machine="tiny"),
        open_again(session, rules="source"),
        open_other(session, encode(token_of(load("tour"), load("tour").start()))),
    ):
        assert opened.guest
        assert opened.computer is session.computer
        assert opened.history.limit == 64 << 20
        assert opened.history.max_steps == 1_000_000


@pytest.mark.parametrize("machine", only_fast(["host", "/etc/passwd", "x.xml", "", "\0"], "host", "x.xml"))
def test_a_guest_sees_neither_the_servers_hardware_nor_its_files(machine: str, guest: Session) -> None:
    with pytest.raises(BadInput, match=f"is not possible here: {HERE}"):
        open_again(guest, machine=machine)
    token = replace(token_of(load("tour"), load("tour").start()), machine=machine)
    with pytest.raises(BadInput, match=f"is not possible here: {HERE}"):
        open_other(guest, encode(token))


@pytest.mark.parametrize("machine", only_fast(["64GiB:1x1x1", "server", "257MiB:1x1x1"], "64GiB:1x1x1"))
def test_a_machine_of_a_guest_is_bounded(machine: str, guest: Session) -> None:
    assert open_again(guest, machine="four-socket").vm.config.hardware.physmem == 65_536
    with pytest.raises(BadInput, match="is too large on this server; use at most 256 MiB"):
        open_again(guest, machine=machine)
    token = replace(token_of(load("tour"), load("tour").start()), machine=machine)
    with pytest.raises(BadInput, match="is too large on this server"):
        open_other(guest, encode(token))


@pytest.mark.slow
def test_the_text_of_a_state_string_is_bounded_and_its_name_is_not_a_file(
    guest: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    course = open_course(write_course(tmp_path))
    own = load("first", library=course)
    token = token_of(own, own.start())
    opened = open_other(guest, encode(token))
    (tmp_path / "first.toml").write_text("not a scenario")
    assert open_again(opened, machine="tiny").title == own.title  # from the text: first.toml is not read
    assert token.text is not None
    large = replace(token, text=token.text.replace('"4 MiB"', '"60 GiB"'))
    with pytest.raises(BadInput, match="is too large on this server"):
        open_other(guest, encode(large))


def test_a_state_string_without_room_names_no_option_of_the_server(guest: Session) -> None:
    drive(stepping.go_to(guest, 100))
    assert guest.scenario is not None
    word = encode(token_of(guest.scenario, guest.history))
    guest.history.limit = 100
    with pytest.raises(BadInput, match=r"the history is full: .*; this server allows no more") as raised:
        open_other(guest, word)
    assert "--history" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/etc/passwd", "there is no experiment '/etc/passwd' here"),
        ("numa machine.hwloc=/etc/passwd", "hwloc='/etc/passwd' names a file"),
        ("numa --vary machine.counters=/etc/passwd", "counters='/etc/passwd' names a file"),
        ("policy trace=made:loop,/etc/passwd", "trace='/etc/passwd' names a file"),
        ("policy trace=made:loop:length=9999999", "9,999,999 references are too many on this server"),
        ("policy frames=65537", "frames=65,537 is too many on this server; use at most 65,536"),
        ("numa machine=64GiB:1x1x1", "a machine with 64 GiB of memory is too large"),
        ("numa machine=host", "'host' is not possible here"),
    ],
)
def test_an_experiment_of_a_guest_reads_no_file_and_is_bounded(text: str, why: str, guest: Session) -> None:
    with pytest.raises(BadInput, match=why):
        experiment.begin(guest, text)
    assert guest.experiments.sweep is None


@pytest.mark.slow
def test_a_guest_measures_in_this_process_and_keeps_the_results(
    guest: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a process, or a file")

    monkeypatch.setattr("engine.experiments.sweep._in_processes", forbidden)
    monkeypatch.setattr("engine.experiments.cache.cache_folder", forbidden)
    monkeypatch.setattr("explorer.session.experiment_sweep.start_tracker", forbidden)
    for known in (0, 1):
        experiment.begin(guest, "policy trace=made:loop:length=100 frames=20 policy=fifo")
        sweep = guest.experiments.sweep
        assert sweep is not None
        assert sweep.wait(60)
        assert experiment.take(guest)
        assert sweep.progress is not None
        assert sweep.progress.from_cache == known
        assert [row.outcome for row in sweep.result().rows] == ["completed"]
    opened = open_session("tour", computer=guest.computer)
    opened.experiments = guest.experiments
    with pytest.raises(BadInput, match="fifo has no machine"):
        experiment.open_run(opened, "1")


@pytest.mark.slow
def test_a_run_of_an_experiment_that_a_guest_opens_is_bounded(guest: Session) -> None:
    experiment.begin(guest, "numa machine.memory=1GiB")
    sweep = guest.experiments.sweep
    assert sweep is not None
    assert sweep.wait(60)
    assert {row.outcome for row in sweep.result().rows} == {"error"}
    assert "too large on this server" in str(sweep.result().rows[0].notes)
    experiment.take(guest)
    with pytest.raises(BadInput, match="is too large on this server"):
        experiment.open_run(guest, "1")


@pytest.mark.slow
def test_a_work_that_takes_too_long_ends_and_says_so(guest: Session) -> None:
    def works(report: object) -> int:
        assert callable(report)
        return next(n for n in range(1_000) if not report(n))

    work: Background[int, int] = Background(works, "test", seconds=-1)
    assert work.wait(10)
    assert (work.result(), work.stopped) == (0, TIME)
    exploration.begin(guest, "--states 100")
    assert guest.search is not None
    assert guest.search.wait(60)


def test_a_search_of_a_guest_has_limits() -> None:
    options = Server().search_options({"limits": Limits(9**9, 7, 1 << 40), "reduce": True})
    assert options == {"limits": Limits(MOST_STATES, 7, MOST_SEARCHED), "reduce": True}
    assert Server().search_options({}) == {"limits": replace(Limits(MOST_STATES), memory=MOST_SEARCHED)}
    assert Server().search_options({"limits": Limits(5)})["limits"].states == 5
    assert OWN_COMPUTER.search_options({"reduce": True}) == {"reduce": True}


# --- what is written --------------------------------------------------------------------------------------


def test_a_state_string_becomes_a_download(guest: Session, sent: dict[str, bytes]) -> None:
    drive(stepping.go_to(guest, 12))
    saved_moment.write_state(guest, "/tmp/../my moment.pq1")
    assert guest.note.text == (
        "your browser downloads my_moment.pq1; pageq tui --open my_moment.pq1 continues from here"
    )
    opened = open_other(guest, sent["my_moment.pq1"].decode().strip())
    assert opened.history.step == 12


def test_answers_become_a_download(guest: Session, sent: dict[str, bytes]) -> None:
    log = ProgressLog()
    log.note(guest)
    drive(questions.ask_question(guest, "1") or iter(()))
    asked = questions.asked_here(guest)
    assert asked is not None
    drive(questions.reply(guest, asked, 0))
    log.note(guest)
    kept = CourseProgress(OWN, log.progress())
    write_kept(guest, kept, "../ada.txt!")
    assert guest.note.text == "your browser downloads ada.txt with 1 answer"
    assert sent["ada.txt"].decode().startswith("life-of-a-page\tafter-alloc\t")
    tell_answers(guest, kept)
    assert guest.note.lines[-1] == ":answers FILE downloads them."


@pytest.mark.slow
def test_without_a_browser_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="x cannot be sent: no browser is connected"):
        saved_moment.write_state(open_session("tour", computer=Server()), "x")
    assert list(tmp_path.iterdir()) == []


def test_no_message_to_a_guest_offers_what_is_refused(guest: Session) -> None:
    assert leaving.warning(guest) == ""
    guest.marks = {3: "a"}
    assert leaving.warning(guest) == "this loses 1 mark; repeat it to leave"
    guest.history.limit = 1
    drive(stepping.go_to(guest, 50))
    assert guest.history.outcome == "bound"
    assert "--history" not in how_it_ended(guest.history)
    assert ":drop BRANCH frees a branch; pageq tui --open" in how_it_ended(guest.history)


@pytest.mark.slow
def test_own_files_can_be_completed_and_those_of_a_server_cannot(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").touch()
    (tmp_path / "more").mkdir()
    (tmp_path / ".hidden").touch()
    assert sorted(OWN_COMPUTER.file_names(f"{tmp_path}/")) == [f"{tmp_path}/mine.toml", f"{tmp_path}/more/"]
    assert OWN_COMPUTER.file_names(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert OWN_COMPUTER.file_names("~nouser/x") == OWN_COMPUTER.file_names("\0/") == []
    assert Server().file_names(f"{tmp_path}/") == []


def test_small_presets_fit() -> None:
    assert small_presets(Server.bounds) == ["tiny", "small", "desktop", "two-socket", "four-socket"]
    assert "large" in small_presets(OWN_COMPUTER.bounds)


@pytest.mark.slow
def test_a_state_string_of_a_file_is_still_read_on_the_own_computer(tmp_path: Path) -> None:
    path = tmp_path / "moment"
    saved_moment.write_state(open_session("tour"), str(path))
    assert read_token(str(path)).name == "tour"
