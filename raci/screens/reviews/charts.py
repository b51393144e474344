"""Reviews compared over time: each figure as a small chart, drawn by the server, with all its numbers beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from raci.grid.text import day, listed
from raci.publishing.due import day_of
from raci.reviews.models import Review
from raci.reviews.trends import Point, Series, series

WIDTH, HEIGHT, EDGE = 240, 64, 6  # the edge leaves room for the dots
DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Dot:
    """One review in a chart."""

    x: float
    y: float
    point: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` leads from dot to dot, as an SVG has it; `said` is all of it in words."""

    series: Series
    dots: tuple[Dot, ...]

    @property
    def line(self) -> str:
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)

    @property
    def last(self) -> Point:
        return self.series.points[-1]

    @property
    def first(self) -> Point:
        return self.series.points[0]

    @property
    def said(self) -> str:
        told = [f"{point.text} on {day(point.on)}" for point in self.series.points]
        return f"{self.series.name}: {listed(told)}."


def charts(reviews: Sequence[Review]) -> list[Chart]:
    """One for each figure that any of these reviews has, which have ended."""
    known = [(day_of(review.ended_at), review.figures) for review in reviews if review.ended_at and review.figures]
    return [Chart(each, _dots(each)) for each in series(known)]


def _dots(found: Series) -> tuple[Dot, ...]:
    """By their days; several of one day side by side would hide each other, so they all stand in their order then."""
    points = found.points
    days = [point.on.toordinal() for point in points]
    span = days[-1] - days[0]
    if len(set(days)) < len(days):
        days, span = list(range(len(points))), len(points) - 1
    across, down = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return tuple(
        Dot(
            round(EDGE + across * ((at - days[0]) / span if span else 1), DECIMALS),
            round(HEIGHT - EDGE - down * _height(point, found), DECIMALS),
            point,
        )
        for at, point in zip(days, points, strict=True)
    )


def _height(point: Point, found: Series) -> float:
    """0 at the bottom of the chart to 1 at its top."""
    value = point.share if point.share is not None else float(point.value)
    return value / found.most if found.most else 0.0
