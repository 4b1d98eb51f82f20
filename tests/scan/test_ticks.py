"""Tick boxes by the way people mark them: the table that parts the thresholds."""

import pytest

from tests.scan import paper_fixture
from tests.scan.paper_fixture import Bend, form_page, open_page, printed, scanned, town
from todoku.scan.find_code import find_code
from todoku.scan.reading import Tick
from todoku.scan.register import register
from todoku.scan.ticks import judge

PLAIN, HARD = Bend(skew=0.6), Bend(skew=-2.5, noise=20, blur=1.0)


def judged(how: str, width_mm: float, tone: int, bend: Bend, seed: int = 1) -> Tick:
    boxes = town().layouts[paper_fixture.FORM].boxes
    page = printed(form_page(0)).copy()
    if how:
        paper_fixture.tick(page, 200, boxes["kind_ordinary"], how, width_mm, tone)
    grey = open_page(scanned(page, bend=bend, seed=seed)).grey
    found = find_code(grey, 200, boxes["qr"]).found
    place = register(grey, 200, boxes, found)
    assert place is not None
    return judge(grey, place.matrix, boxes["kind_ordinary"])


@pytest.mark.parametrize("bend", [PLAIN, HARD], ids=["plain", "hard"])
@pytest.mark.parametrize(
    ("how", "width_mm", "tone", "state", "why"),
    [
        ("", 0, 0, "empty", ""),
        ("check", 0.7, 30, "marked", ""),
        ("check", 0.35, 110, "marked", ""),  # a thin pencil
        ("small_check", 0.4, 60, "marked", ""),
        ("cross", 0.5, 40, "marked", ""),
        ("slash", 0.5, 40, "marked", ""),
        ("circle", 0.5, 40, "marked", ""),
        ("long_check", 0.6, 40, "marked", ""),  # most of it outside the box
        ("filled", 0.5, 40, "marked", "filled"),
        ("struck", 0.5, 40, "unsure", "struck"),  # 二重線: taken back
        ("around", 0.5, 40, "unsure", "beside"),  # a circle around the box: meant, or not?
    ],
)
def test_a_box_is_judged_by_the_ink_that_a_person_left(
    how: str, width_mm: float, tone: int, state: str, why: str, bend: Bend
) -> None:
    tick = judged(how, width_mm, tone, bend)
    assert (tick.state, tick.why) == (state, why), tick


def test_a_dot_is_never_an_empty_box_and_dirt_is_never_a_tick() -> None:
    assert judged("dot", 0.8, 40, PLAIN).state in ("unsure", "marked")
    assert judged("dot", 0.25, 90, PLAIN).state in ("unsure", "empty")
    assert {judged("", 0, 0, HARD, seed).state for seed in range(5)} == {"empty"}


def test_a_box_that_is_not_where_it_should_be_is_not_judged() -> None:
    boxes = town().layouts[paper_fixture.FORM].boxes
    grey = scanned(printed(form_page(0)))
    scale = 200 / 25.4
    elsewhere = boxes["kind_ordinary"]._replace(y=boxes["kind_ordinary"].y + 40)
    tick = judge(grey, (scale, 0, 0, 0, scale, 0, 0, 0, 1), elsewhere)
    assert tick.state == "unsure" and tick.why in ("no_frame", "faint")
