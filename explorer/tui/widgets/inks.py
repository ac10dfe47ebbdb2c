"""The colours of each look. Minimum contrast: text 4.5:1, fills 3:1; in high contrast 7:1 and 4.5:1.

The hues of the map can be distinguished with protan, deutan and tritan colour vision. On a light background
they have the same hue angle and are darkened until they have enough contrast.
`tests/explorer/tui/widgets/test_palette.py` measures both, with the simulations of Machado, Oliveira and
Fernandes (2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Pair = tuple[str, str]
"""Text colour and background colour."""


@dataclass(frozen=True)
class Ink:
    """Every colour of one look.

    ground: the background of the panels; track: of help pages; bar: of the first and the last line.
    bright, text, dim, faint: text, from the most to the least important.
    rule: lines between panels, and cells without a page: the faintest colour that has a meaning.
    accent: keys and the focus; density: the timeline's bars.
    under_search: the background of cells that a search examined.
    under_cursor, under_line: the background of the cursor's cell and of a thread's current line.
    """

    ground: str
    track: str
    bar: str
    bright: str
    text: str
    dim: str
    faint: str
    rule: str
    accent: str
    warn: str
    bad: str
    good: str
    density: str
    under_cursor: str
    under_search: str
    under_line: str
    bar_warn: Pair
    bar_bad: Pair
    bar_good: Pair
    threads: tuple[str, str, str, str]
    hues: Mapping[str, str]


DARK: Final = Ink(
    ground="#101418",
    track="#181E24",
    bar="#232B34",
    bright="#FFFFFF",
    text="#D8DEE6",
    dim="#98A2AE",
    faint="#808A96",
    rule="#5B6672",
    accent="#7FC8F8",
    warn="#F0E442",
    bad="#FF6B57",
    good="#5FD7A7",
    density="#6F7F90",
    under_cursor="#4A5663",
    under_search="#1F3A4D",
    under_line="#2A3A4A",
    bar_warn=("#101418", "#F0E442"),
    bar_bad=("#FFFFFF", "#B3261E"),
    bar_good=("#101418", "#5FD7A7"),
    threads=("#56B4E9", "#E69F00", "#CC79A7", "#5FD7A7"),
    hues={
        "FREE": "#56B4E9",
        "INACTIVE": "#F0E442",
        "ACTIVE": "#D55E00",
        "CACHE": "#0072B2",
        "HOLD": "#CC79A7",
        "NONE": "#C8CCD2",
        "DMA": "#009E73",
    },
)
"""For a dark room; CACHE has a contrast of 3.6:1, so hues are only for fills, not for text."""

LIGHT: Final = Ink(
    ground="#FBFAF7",
    track="#F1EFEA",
    bar="#DFE4EA",
    bright="#000000",
    text="#1B1F24",
    dim="#4A525C",
    faint="#5F6771",
    rule="#888F99",
    accent="#005A9C",
    warn="#7A5C00",
    bad="#B3261E",
    good="#00694A",
    density="#6B7885",
    under_cursor="#BFC9D4",
    under_search="#BFD6E8",
    under_line="#D6E4F2",
    bar_warn=("#1B1F24", "#F0C94A"),
    bar_bad=("#FFFFFF", "#B3261E"),
    bar_good=("#1B1F24", "#7FD9B4"),
    threads=("#005F9E", "#955800", "#9A3B6E", "#00694A"),
    hues={
        "FREE": "#2090CC",
        "INACTIVE": "#8E8A00",
        "ACTIVE": "#8A3400",
        "CACHE": "#003A6B",
        "HOLD": "#BE6C9C",
        "NONE": "#5C6570",
        "DMA": "#00785A",
    },
)
"""For daylight and paper."""

HIGH_CONTRAST: Final = Ink(
    ground="#000000",
    track="#0A0A0A",
    bar="#1C1C1C",
    bright="#FFFFFF",
    text="#FFFFFF",
    dim="#D0D0D0",
    faint="#B8B8B8",
    rule="#808080",
    accent="#8FD8FF",
    warn="#FFE45C",
    bad="#FF9A8C",
    good="#6FE8B8",
    density="#A0A0A0",
    under_cursor="#4A4A4A",
    under_search="#24405A",
    under_line="#3A3A3A",
    bar_warn=("#000000", "#FFE45C"),
    bar_bad=("#FFFFFF", "#A00000"),
    bar_good=("#000000", "#6FE8B8"),
    threads=("#8FD8FF", "#FFC04D", "#F0A8D0", "#6FE8B8"),
    hues={
        "FREE": "#9FD8FF",
        "INACTIVE": "#FFF07A",
        "ACTIVE": "#FF7A1A",
        "CACHE": "#2E8FE0",
        "HOLD": "#C87AA4",
        "NONE": "#F0F0F0",
        "DMA": "#00C08C",
    },
)
"""For low vision, and for a projector with low contrast."""

MONOCHROME: Final = Ink(
    ground="#101010",
    track="#181818",
    bar="#282828",
    bright="#FFFFFF",
    text="#D8D8D8",
    dim="#A0A0A0",
    faint="#8C8C8C",
    rule="#808080",
    accent="#FFFFFF",
    warn="#FFFFFF",
    bad="#FFFFFF",
    good="#D8D8D8",
    density="#808080",
    under_cursor="#5A5A5A",
    under_search="#343434",
    under_line="#3C3C3C",
    bar_warn=("#000000", "#B4B4B4"),
    bar_bad=("#000000", "#FFFFFF"),
    bar_good=("#000000", "#8E8E8E"),
    threads=("#D8D8D8",) * 4,
    hues=dict.fromkeys(DARK.hues, "#D0D0D0"),
)
"""Greys only: shows that no information depends on hue."""

SIXTEEN: Final = Ink(
    ground="#000000",
    track="#000000",
    bar="#0000AA",
    bright="#FFFFFF",
    text="#FFFFFF",
    dim="#AAAAAA",
    faint="#AAAAAA",
    rule="#AAAAAA",
    accent="#55FFFF",
    warn="#FFFF55",
    bad="#FF5555",
    good="#55FF55",
    density="#AAAAAA",
    under_cursor="#0000AA",
    under_search="#AA00AA",
    under_line="#0000AA",
    bar_warn=("#000000", "#FFFF55"),
    bar_bad=("#FFFFFF", "#AA0000"),
    bar_good=("#000000", "#55FF55"),
    threads=("#55FFFF", "#FFFF55", "#FF55FF", "#55FF55"),
    hues={
        "FREE": "#55FFFF",
        "INACTIVE": "#FFFF55",
        "ACTIVE": "#FF5555",
        "CACHE": "#00AAAA",
        "HOLD": "#FF55FF",
        "NONE": "#AAAAAA",
        "DMA": "#55FF55",
    },
)
"""For a terminal of 16 colours: only those, so that none becomes another one's neighbour."""
