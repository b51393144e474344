"""Reviews as small charts: where their dots stand."""

from datetime import UTC, datetime

import pytest

from raci.reviews.models import Review
from raci.screens.reviews.charts import EDGE, HEIGHT, WIDTH, charts

LEFT, MIDDLE, RIGHT = EDGE, WIDTH / 2, WIDTH - EDGE
TOP, BOTTOM = EDGE, HEIGHT - EDGE


def ended(*on: str) -> list[Review]:
    """Reviews that ended on these days, with 0 errors at the first, 1 at the next, and so on."""
    days = [datetime.fromisoformat(day).replace(hour=9 + n, tzinfo=UTC) for n, day in enumerate(on)]
    return [Review(ended_at=at, figures={"errors": n}) for n, at in enumerate(days)]


def places(reviews) -> list[tuple[float, float]]:
    (chart,) = charts(reviews)
    return [(dot.x, dot.y) for dot in chart.dots]


@pytest.mark.parametrize(
    ("days", "across"),
    [
        (["2026-03-01"], [RIGHT]),
        (["2026-03-01", "2026-03-02", "2026-03-05"], [LEFT, LEFT + (RIGHT - LEFT) / 4, RIGHT]),
        (["2026-03-01", "2026-03-01"], [LEFT, RIGHT]),
        (["2026-03-01", "2026-03-01", "2026-03-05"], [LEFT, MIDDLE, RIGHT]),
        (["2026-03-01", "2026-03-05", "2026-03-05"], [LEFT, MIDDLE, RIGHT]),
    ],
)
def test_dots_stand_by_their_days_and_those_of_one_day_side_by_side(days, across):
    assert [x for x, _ in places(ended(*days))] == across


def test_two_of_one_day_stand_in_the_order_in_which_they_ended():
    assert places(ended("2026-03-01", "2026-03-01")) == [(LEFT, BOTTOM), (RIGHT, TOP)]
    (chart,) = charts(ended("2026-03-01", "2026-03-01"))
    assert chart.said == "Errors: 0 on 1 Mar 2026 and 1 on 1 Mar 2026."
