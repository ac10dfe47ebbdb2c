"""The stage at every size: nothing is too wide, no name is cut, and a page in play is seen in its lane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.constants import NULL
from engine.debug.in_play import LANES
from engine.scenario.loader import load
from explorer.session.session import Session
from explorer.tui.layouts import Shown, regions
from explorer.tui.widgets.palette import LOOK_16, LOOKS
from explorer.tui.widgets.stage import DrawnStage, drawn_stage, stage_lines
from explorer.tui.widgets.stage_plan import Floor, gutter_of
from explorer.tui.widgets.stage_tiles import short_name
from explorer.views.ascii_twins import in_ascii
from explorer.views.in_play import BADGES, Tile
from explorer.views.spans import length, plain
from explorer.views.stage import StageRow, stage_row
from tests.explorer.tui.widgets.drawings import drawn, marked
from tests.explorer.tui.widgets.stage_rows import ODD_SIZES, SIZES, at, lane, many, row, tile

PLACES = [
    (at.width, at.height)
    for width, height in ((80, 24), (120, 40), (200, 60), (40, 15))
    for at in (regions(width, height, height - 4, Shown())["stage"],)
]
"""The size of the stage on a screen of each size."""


def opened(name: str, steps: int = 10_000) -> Session:
    scenario = load(name)
    session = Session(scenario.start(), scenario)
    session.history.extend(steps)
    return session


@pytest.fixture(scope="module")
def sessions() -> dict[str, Session]:
    """Runs to look at: of the library, and with many pages in play on one to eight nodes."""
    names = ("life-of-a-page", "sixteen-queues", "special-pages", "colour-and-home", "dma-fragmentation")
    return {
        **{name: opened(name) for name in names},
        "thrash": opened("thrash", 4_000),
        "many": many("1x2x1", 256, 60, 1),
        "few colours": many("1x2x1", 8, 20, 1),
        "two nodes": many("2x2x1", 64, 20, 3),
        "four nodes": many("4x2x1", 64, 8, 7),
        "eight nodes": many("8x2x1", 64, 3, 15),
    }


def moments(session: Session, count: int) -> list[StageRow]:
    total = session.history.total
    found = []
    for part in range(count + 1):
        session.history.seek(total * part // count)
        found.append(stage_row(session))
    return found


@pytest.fixture(autouse=True)
def _unlit(life: Session) -> None:
    """Nothing of the lesson is lit."""
    life.reading.open = False


def text_of(picture: DrawnStage) -> str:
    return plain(picture.lines)


def test_the_first_allocation_is_seen_to_go_its_way(life: Session) -> None:
    life.history.extend(41)
    assert text_of(drawn_stage(stage_row(life), 74, 16)) == drawn(
        """
▌FREE   3,710     ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▆▆▆▆▆▆▆▆▆▆▆▆▆▆
▌                 ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
▌                 ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
                  ↓ vm_page_alloc  app, step 11
▌NONE       0 -1  ·
                  ↓ vm_page_activate  app, step 41  ← now
▌ACTIVE     1 +1  ▌app.m 0xc03 L W R heap[0] colour 0 since 41▐

▌INACTIVE   0     ·

▌CACHE      0     ·

▌HOLD       0     ·
▌DMA     256 free

L locked S soft busy W wanted w wired h held D dirty M mapped R referenced
"""
    )


def test_on_five_lines_the_empty_lanes_share_one(life: Session) -> None:
    life.history.extend(41)
    assert text_of(drawn_stage(stage_row(life), 78, 5)) == drawn(
        """
▌FREE   3,710 ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▄▄▄▄▄▄▄▄
▌NONE       0 ·  ┆ vm_page_activate  app, step 41
▌ACTIVE     1 ▌app.m 0xc03 L W R▐
▌INACTIVE   0 ·
▌CACHE 0 ▌HOLD 0 ▌DMA reserve 256 free
"""
    )


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(78, 5), (74, 16), *PLACES])
def test_the_page_is_in_its_lane_at_every_step_from_its_allocation_on(
    life: Session, width: int, height: int
) -> None:
    history = life.history
    history.extend(1_000)
    m = life.page
    lanes: list[str] = []
    for step in range(history.total + 1):
        history.seek(step)
        line_of: dict[str, int] = {}
        picture = drawn_stage(stage_row(life), width, height)
        for y, spans in enumerate(picture.lines):
            line_of |= {name: y for name in LANES if plain([spans]).startswith(f"▌{name} ")}
        place = picture.place_of(m)
        if place is None:
            assert lanes == []
            continue
        lane_name = stage_row(life).tile(m)
        assert lane_name is not None
        name = lane_name[0].name
        assert line_of[name] <= place.y
        assert all(y <= line_of[name] or y > place.y for y in line_of.values()), "another lane is between"
        assert at(picture, m)[0] == "▌"
        assert (lane_name[1].name in at(picture, m)) is True
        if not lanes or lanes[-1] != name:
            lanes.append(name)
        moved = [travel for travel in stage_row(life).travels if travel.now]
        for travel in moved if width > 40 else ():
            assert travel.function in text_of(picture), "the move is not named in its own frame"
    assert lanes == ["FREE", "NONE", "ACTIVE", "NONE", "INACTIVE", "NONE", "CACHE", "NONE", "FREE", "NONE"]


SESSIONS = (
    "life-of-a-page", "sixteen-queues", "special-pages", "colour-and-home", "dma-fragmentation", "thrash",
    "many", "few colours", "two nodes", "four nodes", "eight nodes",
)  # fmt: skip


def named(text: str, shown: Tile) -> bool:
    """Whether a tile has its page's name and all badges, or the short name and all badges or none."""
    words = text[1:-1].split(" ")
    badges = "".join(word for word in words if word and set(word) <= set(BADGES))
    if shown.name in text and shown.name != short_name(shown):
        return badges == shown.badges
    clean = shown.badges.replace("D", "") if short_name(shown)[0].isupper() else shown.badges
    return short_name(shown) in text and badges in {shown.badges, clean, ""}


@pytest.mark.slow
@pytest.mark.parametrize("name", SESSIONS)
def test_at_every_size_all_fits_and_a_tile_has_all_badges_or_none(
    sessions: dict[str, Session], name: str
) -> None:
    for shown in moments(sessions[name], 5):
        tiles = {tile.page: tile for lane in shown.lanes for tile in lane.pages}
        for width, height in (*SIZES, *ODD_SIZES):
            picture = drawn_stage(shown, width, height)
            assert len(picture.lines) == height
            assert all(length(spans) <= width for spans in picture.lines)
            for place in picture.tiles if width >= 38 else ():
                text = at(picture, place.page)
                assert named(text, tiles[place.page])
                assert text[0] in "▌▶●≠◈"
                assert text[-1] in "▐◀"
            for cells in picture.cells if width >= 38 else ():
                for place in cells.places():
                    assert at(picture, place.page) == tiles[place.page].letter


@pytest.mark.parametrize("name", SESSIONS)
def test_every_page_in_play_is_drawn_where_its_lane_has_tiles_or_cells(
    sessions: dict[str, Session], name: str
) -> None:
    for shown in moments(sessions[name], 3):
        picture = drawn_stage(shown, 130, 34)
        pages = [place.page for place in picture.places]
        assert sorted(pages) == sorted(tile.page for lane in shown.lanes for tile in lane.pages)
        spots = [(place.y, x) for place in picture.places for x in range(place.first, place.beyond)]
        assert len(set(spots)) == len(spots), "two pages overlap"


@pytest.mark.slow
@pytest.mark.parametrize("name", SESSIONS)
def test_a_page_does_not_move_while_the_stage_keeps_its_plan(sessions: dict[str, Session], name: str) -> None:
    session, seen = sessions[name], 0
    total = session.history.total
    session.history.seek(first := max(total // 2, 1))
    before, kept = drawn_stage(stage_row(session), 74, 16), stage_row(session)
    for step in range(first + 1, min(first + 60, total) + 1):
        session.history.seek(step)
        shown = stage_row(session)
        after = drawn_stage(shown, 74, 16)
        if after.plan == before.plan:
            for number, lane_before in enumerate(kept.lanes):
                same = {tile[:2] for tile in lane_before.pages} & {
                    tile[:2] for tile in shown.lanes[number].pages
                }
                for page, _ in same:
                    one, other = before.place_of(page), after.place_of(page)
                    assert (one and one[1:3]) == (other and other[1:3])
                    seen += one is not None
        before, kept = after, shown
    assert seen or name == "dma-fragmentation" or total < 60


def test_a_click_finds_the_page_and_nothing_else(life: Session) -> None:
    life.history.extend(41)
    picture = drawn_stage(stage_row(life), 74, 16)
    place = picture.place_of(life.page)
    assert place is not None
    hits = {(x, y) for y in range(16) for x in range(74) if picture.page_at(x, y) == life.page}
    assert hits == {(x, place.y) for x in range(place.first, place.beyond)}
    assert picture.page_at(place.beyond, place.y) == NULL


def test_a_cell_is_clicked_like_a_tile() -> None:
    crowd = [tile(page, page) for page in range(300)]
    picture = drawn_stage(row(lane("ACTIVE", crowd)), 74, 16)
    assert picture.cells
    for page in (0, 55, 56, 299):
        place = picture.place_of(page)
        assert place is not None
        assert picture.page_at(place.first, place.y) == page


def test_pages_shrink_to_letters_and_then_to_levels() -> None:
    def form(pages: int) -> str:
        crowd = [tile(page, page, letter="aA"[page % 2]) for page in range(pages)]
        text = text_of(drawn_stage(row(lane("ACTIVE", crowd)), 60, 8))
        return next(line for line in text.split("\n") if line.startswith("▌ACTIVE"))

    assert form(1).endswith("▌0x0 heap[0] colour 0 since 7▐")
    assert form(2).endswith("▌0x0▐             ▌0x1▐")
    assert form(30).endswith("aAaAaAaAaAaAaAaAaAaAaAaAaAaAaA")
    assert "▄" in form(4_000) or "█" in form(4_000)


def test_the_page_of_the_step_is_reversed_and_the_chosen_one_has_arrows() -> None:
    tiles = [tile(1, 0, "app.m"), tile(2, 1, "app.n"), tile(3, 2, "app.o")]
    shown = row(lane("NONE", tiles), now=1, selected=2)
    lines = stage_lines(shown, 60, 16)
    assert [text for text in marked(lines, "new") if "app" in text] == ["app.m 0x1"]
    picture = drawn_stage(shown, 60, 16)
    assert at(picture, 2)[0] + at(picture, 2)[-1] == "▶◀"
    assert at(picture, 3)[0] + at(picture, 3)[-1] == "▌▐"


@pytest.mark.parametrize("look", [*LOOKS.values(), LOOK_16], ids=lambda look: look.name)
def test_every_style_exists_in_every_look(look: object, sessions: dict[str, Session]) -> None:
    styles = getattr(look, "styles")  # noqa: B009
    for name in ("life-of-a-page", "many", "special-pages", "thrash"):
        for shown in moments(sessions[name], 3):
            for width, height in SIZES:
                used = {style for spans in stage_lines(shown, width, height) for _, style in spans}
                assert used <= styles.keys()


def test_in_ascii_the_stage_has_the_same_columns_and_tiles_have_edges(life: Session) -> None:
    life.history.extend(41)
    text = text_of(drawn_stage(stage_row(life), 74, 16)).split("\n")
    plain_text = [in_ascii(line) for line in text]
    assert all(line.isascii() for line in plain_text)
    assert [len(line) for line in plain_text] == [len(line) for line in text]
    assert "|app.m 0xc03 L W R heap[0] colour 0 since 41|" in "\n".join(plain_text)
    assert "v vm_page_activate  app, step 41  < now" in "\n".join(plain_text)


def test_a_running_stage_keeps_the_lines_of_its_lanes() -> None:
    crowd = row(lane("ACTIVE", [tile(page, page, f"app.page{page}") for page in range(12)]))
    alone = row(lane("ACTIVE", [tile(0, 0, "app.page0")]))
    high = drawn_stage(crowd, 74, 18)
    assert high.plan is not None
    floor = high.kept
    running = drawn_stage(alone, 74, 18, floor=floor)
    assert running.lanes == high.lanes
    stopped = drawn_stage(alone, 74, 18)
    assert stopped.lanes != high.lanes
    assert "since" in text_of(stopped)
    assert "since" not in text_of(running)


@pytest.mark.parametrize(("width", "height"), PLACES)
def test_a_running_stage_shows_every_page_that_a_stage_at_rest_shows(
    life: Session, width: int, height: int
) -> None:
    life.history.extend(200)
    floor = Floor()
    for step in range(life.history.total + 1):
        life.history.seek(step)
        shown = stage_row(life)
        picture = drawn_stage(shown, width, height, floor=floor)
        floor = picture.kept
        for own in shown.lanes:
            assert all(at(picture, each.page)[0] == "▌" for each in own.pages)


def test_a_lane_that_was_crowded_has_tiles_again_after_it_was_empty() -> None:
    floor = Floor()
    crowd = row(lane("ACTIVE", [tile(page, page) for page in range(4_000)]))
    for shown in (crowd, row(), row(lane("ACTIVE", [tile(1, 0, "app.m")]))):
        picture = drawn_stage(shown, 74, 18, floor=floor)
        assert picture.plan is not None
        floor = picture.kept
    assert "app.m" in at(picture, 1)


def test_columns_have_their_names_above_them(sessions: dict[str, Session]) -> None:
    def header(name: str, width: int) -> str:
        session = sessions[name]
        session.history.seek(session.history.total if end else 0)
        return plain(stage_lines(stage_row(session), width, 18)[:1])

    end = False
    assert header("thrash", 74).split("  ")[-1] == "colour 1"
    assert header("few colours", 74).split() == [f"c{color}" for color in range(8)]
    assert header("two nodes", 74).split("  ")[-1].strip() == "node 1: 32-63"
    assert header("eight nodes", 74).split("node ")[1:] == [f"{n} " for n in range(7)] + ["7"]
    assert "node" not in header("life-of-a-page", 74)
    end = True
    # A tile that is not in the column of its colour or node says it itself.
    assert header("few colours", 74).strip() == "c0 .. c7 in a tile: the colour of its page"
    assert header("eight nodes", 74).strip() == "n0 .. n7 in a tile: the node of its page"
    assert header("thrash", 74).split("  ")[-1] == "colour 1"


def test_below_the_name_of_a_column_are_only_its_pages() -> None:
    session = opened("thrash", 5_000)
    for step in (2_600, 4_000, 5_000):
        session.history.seek(step)
        shown = stage_row(session)
        picture = drawn_stage(shown, 74, 18)
        assert plain(picture.lines[:1]).split("  ")[-1] == "colour 1"
        for own in shown.lanes:
            for each in own.pages:
                place = picture.place_of(each.page)
                assert place is not None
                assert (place.first >= 18 + 28) is (each.color == 1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wired-but-still-queued", "two-cpus-two-truths", "dma-fragmentation"])
@pytest.mark.parametrize(("width", "height"), [(80, 5), (74, 18)])
def test_a_tile_keeps_its_place_while_it_is_in_a_lane(name: str, width: int, height: int) -> None:
    session = opened(name, 250)
    before: dict[tuple[int, str], int] = {}
    for step in range(session.history.total + 1):
        session.history.seek(step)
        shown = stage_row(session)
        picture = drawn_stage(shown, width, height)
        now = {}
        for own in shown.lanes:
            for each in own.pages:
                place = picture.place_of(each.page)
                assert place is not None
                now[each.page, own.name] = place.first
        moved = {key[1] for key in now if before.get(key, now[key]) != now[key]}
        # On one line, a fourth tile brings them closer to one another, and more make their names shorter.
        assert not moved or (height == 5 and {len(shown.lane(key).tiles) for key in moved} <= {4, 6, 8}), step
        before = now


def test_without_room_for_columns_a_tile_says_its_node(sessions: dict[str, Session]) -> None:
    session = sessions["eight nodes"]
    session.history.seek(60)
    text = text_of(drawn_stage(stage_row(session), 78, 6))
    assert "▌n0 " in text
    assert "▌n7 " in text


def test_a_stage_of_no_row_and_of_no_size_is_empty() -> None:
    assert stage_lines(None, 40, 3) == [(), (), ()]
    assert stage_lines(row(), 0, 2) == [(), ()]
    assert drawn_stage(None, 40, 0).lines == []


def test_before_a_page_is_in_play_the_stage_says_what_will_come(life: Session) -> None:
    text = text_of(drawn_stage(stage_row(life), 74, 16))
    assert "a page gets its tile here when a thread first works on it" in text
    life.history.extend(12)
    assert "a page gets its tile here" not in text_of(drawn_stage(stage_row(life), 74, 16))


def test_the_focus_is_seen(life: Session) -> None:
    shown = stage_row(life)
    assert "FREE" in marked(stage_lines(shown, 74, 16, focused=True), "focus")
    assert marked(stage_lines(shown, 74, 16), "focus") == []


@pytest.mark.parametrize(
    "name",
    [
        "life-of-a-page",
        "two nodes",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("thrash", "special-pages")),
    ],
)
def test_the_move_of_the_step_has_its_function_at_every_size(sessions: dict[str, Session], name: str) -> None:
    session, seen = sessions[name], 0
    for step in range(1, min(session.history.total, 900) + 1):
        session.history.seek(step)
        shown = stage_row(session)
        if shown.travels and shown.travels[0].now:
            seen += 1
            for width, height in PLACES:
                assert shown.travels[0].function in text_of(drawn_stage(shown, width, height)), (step, width)
    assert seen > 3


def test_on_few_lines_a_lane_is_divided_by_node(sessions: dict[str, Session]) -> None:
    session = sessions["colour-and-home"]
    session.history.seek(session.history.total)
    shown = stage_row(session)
    for width, height in ((80, 5), (38, 5)):
        picture = drawn_stage(shown, width, height)
        gutter = gutter_of(width)
        half = (width - gutter) // 2
        line = text_of(picture).split("\n")[0]
        assert line[gutter + half - 1] == " "
        for own in shown.lanes:
            for each in own.pages:
                place = picture.place_of(each.page)
                assert place is not None
                assert (place.first >= gutter + half) is (each.column == 1)


@pytest.mark.parametrize("size", [(74, 16), (80, 5), (40, 5)], ids=str)
def test_what_the_lesson_is_about_has_a_mark(life: Session, size: tuple[int, int]) -> None:
    life.history.extend(41)
    life.history.seek(41)
    assert "◈" not in plain(stage_lines(stage_row(life), *size))
    life.reading.open = True
    row = stage_row(life)
    assert row.lit == {life.page}
    lines = stage_lines(row, *size)
    assert "◈app.m" in plain(lines)
    assert any(style == "lit" for spans in lines for _, style in spans)
    assert "&app.m" in in_ascii(plain(lines))
    first, *others = row.lanes
    marked_lane = replace(row, lanes=(replace(first, lit=True), *others))
    assert "◈FREE" in plain(stage_lines(marked_lane, *size))
