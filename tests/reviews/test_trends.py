"""How a matrix stood at the end of each review, in numbers."""

import json
from datetime import date

from raci.grid.checks import findings
from raci.grid.grid import Departure
from raci.grid.levels import Level
from raci.reviews.health import Question, Said
from raci.reviews.models import Review
from raci.reviews.trends import Point, figures_of, series
from tests.factories import make_matrix
from tests.grid.builders import grid_of, keeping
from tests.reviews.ending import end
from tests.reviews.holding import running
from tests.reviews.polled import person, polled
from tests.reviews.polls import answered, closed, opened

PM, MARKETING, SALES = 101, 102, 104
GRID = grid_of("LSCI", "LSCI", "LSCI")
EMPTY = {"agreed": [0, 0], "errors": 0, "warnings": 0, "departures": 0, "healthy": [0, 0]}
SPRING, AUTUMN = date(2026, 4, 1), date(2026, 10, 1)


def said(*answers):
    return dict(zip(Question, map(Said, answers), strict=False))


def answers(*leads):
    return [person(role, *leads) for role in (PM, MARKETING, "Legal")]


def test_where_nothing_is_known_the_figures_say_so():
    assert figures_of(GRID, (), None, {}) == EMPTY


def test_agreement_is_counted_in_rows_that_were_asked_about():
    result = polled(*answers(PM, PM, PM)[:2], person("Legal", PM, SALES, PM), rows=2)
    assert figures_of(GRID, (), result, {})["agreed"] == [1, 2]


def test_too_few_answers_are_no_agreement():
    assert figures_of(GRID, (), polled(*answers(PM), asked=7), {})["agreed"] == [0, 0]
    assert figures_of(GRID, (), polled(*answers(PM)[:2]), {})["agreed"] == [0, 0]


def test_a_row_is_healthy_where_all_that_is_known_is_a_yes():
    health = {1: said("yes", "yes"), 2: said("yes", "partly"), 3: {}, 99: said("yes")}
    assert figures_of(GRID, (), None, health)["healthy"] == [1, 2]


def test_errors_and_warnings_are_those_of_the_checks():
    grid = grid_of("---", "LI-", "LC-")
    figures = figures_of(grid, [x for x in findings(grid) if x.activity], None, {})
    assert (figures["errors"], figures["warnings"]) == (1, 1)


def test_a_move_of_the_lead_is_one_departure():
    departures = Departure(PM, "market", Level.SUPPORT, "New."), Departure(102, "market", Level.LEAD, "New.")
    single = Departure(103, "market", None, "Asked for.")
    grid = keeping(keeping(GRID, 1, *departures), 2, single)
    assert figures_of(grid, (), None, {})["departures"] == 2


def test_figures_are_plain_json():
    figures = figures_of(GRID, findings(GRID), polled(*answers(PM)), {1: said("yes")})
    assert json.loads(json.dumps(figures)) == figures


# ---- side by side


def test_each_figure_is_a_chart_of_all_reviews_the_earliest_first():
    reviews = [(AUTUMN, EMPTY | {"errors": 1, "agreed": [9, 12]}), (SPRING, EMPTY | {"errors": 4, "agreed": [3, 12]})]
    charts = {chart.key: chart for chart in series(reviews)}
    assert charts["errors"].points == (Point(SPRING, 4), Point(AUTUMN, 1))
    assert (charts["errors"].most, charts["errors"].is_share) == (4, False)
    assert [(point.share, point.text) for point in charts["agreed"].points] == [(0.25, "3 of 12"), (0.75, "9 of 12")]
    assert (charts["agreed"].most, charts["agreed"].is_share) == (1, True)
    assert charts["errors"].points[0].text == "4"


def test_a_review_without_a_poll_has_no_point_in_agreement():
    charts = {chart.key: chart for chart in series([(SPRING, EMPTY), (AUTUMN, EMPTY | {"agreed": [9, 12]})])}
    assert charts["agreed"].points == (Point(AUTUMN, 9, 12),)
    assert "healthy" not in charts
    assert len(charts["warnings"].points) == 2


def test_a_review_that_kept_no_figures_is_in_no_chart():
    assert series([(SPRING, {})]) == series([]) == ()


def test_a_session_keeps_the_agreement_of_its_own_poll_and_none_where_it_looked_at_none(owner):
    matrix = make_matrix(owner, "LSC", "SLC")
    poll = opened(owner, matrix)
    first, second, third = (role["id"] for role in poll.asked["roles"])
    for role in (first, second, third):
        answered(poll, role, [first, first])
    closed(poll, owner)
    kept = []
    for looked_at in (poll, None):
        review = running(matrix, owner)
        Review.objects.filter(pk=review.pk).update(poll=looked_at)
        kept.append(end(review, owner).figures["agreed"])
    assert kept == [[1, 2], [0, 0]]
