"""The chart of an experiment as SVG: valid XML with a title, both axes and the legend."""

from __future__ import annotations

from xml.etree import ElementTree

from explorer.papers.experiment_picture import MARGIN, WIDTH, chart_picture
from explorer.papers.screen_picture import COLUMN
from explorer.views.experiment_chart import chart_of
from tests.explorer.measured_by_hand import experiment, rows


def test_the_picture_has_the_title_the_claim_the_axes_and_the_legend() -> None:
    one = experiment()
    chart = chart_of(one, rows(one))
    assert chart is not None
    root = ElementTree.fromstring(chart_picture("A <title> & more\x07", one.claim, chart))
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A <title> & more"
    for part in (
        "A <title> & more",
        one.claim,
        "contended (logarithmic)",
        "machine.colors (logarithmic)",
        "0.01",
    ):
        assert any(part in text for text in texts), part
    assert {"a", "b"} <= {text.strip() for text in texts}
    width = (WIDTH - MARGIN) * COLUMN
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        x, long = (float(element.get(name, "0")) for name in ("x", "textLength"))
        assert x + 0.1 >= MARGIN * COLUMN
        assert x + long <= width + 0.1
