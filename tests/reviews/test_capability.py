"""What each role carries, whether it can, and what helps where it cannot."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from raci.grid.checks import findings
from raci.grid.grid import Departure
from raci.grid.levels import Level, Notation
from raci.grid.rules import RULES, rules_in
from raci.reviews.capability import (
    Rating,
    Way,
    capability,
    capability_findings,
    heard_in_poll,
    options,
    rating_of,
)
from tests.grid.builders import grid_of, keeping
from tests.grid.test_checks_in_raci import LEAD_SUPPORT
from tests.reviews.polled import people, person, polled

PM, MARKETING, ENGINEERING, SALES = 101, 102, 103, 104
TODAY = date(2026, 6, 1)
GRID = grid_of(("Pricing", "LSCI"), ("Launch", "SL-C"))


def own(skill=None, time=None, *, activity=1, role=PM, note=""):
    return {f"{activity}:{role}": {"skill": skill, "time": time, "note": note, "on": "2026-06-01", "by": 7}}


def of(grid, rule, **options):
    (finding,) = [x for x in findings(grid, **options) if x.rule == rule]
    return finding


# ---- ratings


def test_a_rating_of_its_own_says_when_who_and_why():
    skill, time = rating_of(own(2, note="Joined in May."), None, 1, PM)
    assert skill == Rating(2, True, "Joined in May.", date(2026, 6, 1), 7)
    assert time is None


def test_without_one_the_poll_is_heard_question_by_question():
    result = polled(*people(2, SALES, PM, skill="no", time="partly"), person(PM, PM, skill="yes", time="yes"))
    assert rating_of({}, result, 1, PM) == (Rating(1, False), Rating(3, False))
    assert rating_of(own(skill=4), result, 1, PM)[0].value == 4
    assert rating_of(own(skill=4), result, 1, PM)[1] == Rating(3, False)


@pytest.mark.parametrize(("answer", "value"), [("yes", 5), ("partly", 3), ("no", 1)])
def test_what_a_poll_says_stands_for_a_number(answer, value):
    assert rating_of({}, polled(person(SALES, PM, skill=answer)), 1, PM)[0] == Rating(value, False)


def test_of_a_role_that_nobody_named_or_a_row_that_was_not_asked_nothing_is_known():
    result = polled(person(SALES, PM, skill="no"))
    assert rating_of({}, result, 1, SALES) == rating_of({}, result, 2, PM) == rating_of({}, None, 1, PM) == (None, None)


# ---- what each carries


def test_a_role_is_seen_beside_all_roles():
    grid = grid_of("LSCI", "LSCI", "SLCI", headcounts=[1, 3, 4, 2], deliverers={1: MARKETING})
    pm, marketing, engineering, _ = capability(grid, own(2, 2, activity=2))
    assert (pm.leads, pm.deliveries, pm.all_leads, pm.all_deliveries, pm.people) == (2, 1, 3, 3, 10)
    assert (pm.share_of_people, pm.share_of_leads, pm.share_of_deliveries) == (0.1, 2 / 3, 1 / 3)
    assert (marketing.leads, marketing.deliveries) == (1, 2)
    assert (engineering.share_of_leads, engineering.led) == (0, ())
    assert [(led.activity.id, led.is_weak, led.is_stretched) for led in pm.led] == [(1, False, False), (2, True, True)]


@pytest.mark.parametrize(("value", "is_low"), [(1, True), (2, True), (3, False), (5, False)])
def test_two_of_five_is_little(value, is_low):
    led = capability(GRID, own(value, value))[0].led[0]
    assert (led.is_weak, led.is_stretched) == (is_low, is_low)


def test_where_a_headcount_is_missing_no_share_of_people_can_be_told():
    (pm, *_) = capability(grid_of("LSCI", headcounts=[1, 3, None, 2]), {})
    assert (pm.people, pm.share_of_people, pm.is_swamped) == (None, None, False)


def test_a_matrix_without_leads_has_no_shares():
    (pm, *_) = capability(grid_of("SSCI"), {})
    assert pm.share_of_leads is None


@pytest.mark.parametrize(
    "headcounts", [[10, 20, 10, 0], [10, 20, 11, 0], [1, 20, 20, 5], [0, 0, 0, 0], [1, 20, 20, None]]
)
def test_a_role_is_swamped_where_c8_says_so(headcounts):
    grid = grid_of("LSCI", "LSCI", "SLCI", "SCLI", headcounts=headcounts)
    swamped = {x.role for x in findings(grid) if x.rule == "C8"}
    assert {x.role.id for x in capability(grid, {}) if x.is_swamped} == swamped


# ---- C7


def c7(ratings, result=None, grid=GRID, **options):
    return [x.key for x in capability_findings(grid, ratings, result, **{"today": TODAY} | options)]


def test_a_role_that_rates_its_skill_2_of_5_for_what_it_leads_is_weak_there_and_3_is_not():
    (finding,) = capability_findings(GRID, own(2), today=TODAY)
    assert (finding.key, finding.severity) == ("C7:1:101", RULES["C7"].severity)
    assert finding.text == ("Role 1 leads Pricing and its skill is rated 2 of 5, so the work may be uneven or late.")
    assert finding.step == "Pair it, train it, or give the work to another role until a day that you set."
    assert c7(own(3)) == []


def test_little_time_alone_is_not_little_skill():
    assert c7(own(5, 1)) == []


def test_a_role_that_does_not_lead_may_be_new_to_it():
    assert c7(own(1, role=SALES)) == []
    assert c7(own(1), grid=grid_of("SSCI")) == []


def test_without_a_rating_of_its_own_the_poll_is_heard():
    weak = polled(person(SALES, PM, skill="no"))
    (finding,) = capability_findings(GRID, {}, weak, today=TODAY)
    assert "the poll says that it lacks the skill" in finding.text
    assert c7({}, polled(person(SALES, PM, skill="partly"))) == []
    assert c7({}, polled(person(SALES, SALES, skill="no"))) == []
    assert c7(own(4), weak) == []


KEPT = Departure(PM, "market", Level.SUPPORT, "Until they have learnt.", TODAY)


def test_a_departure_with_a_reason_says_why_the_lead_leads():
    assert c7(own(1), grid=keeping(GRID, 1, KEPT)) == []
    assert c7(own(1), grid=keeping(GRID, 1, replace(KEPT, until=None))) == []
    assert c7(own(1), grid=keeping(GRID, 1, replace(KEPT, role=MARKETING, theirs=Level.LEAD))) == []


def test_it_says_so_up_to_its_last_day():
    grid = keeping(GRID, 1, KEPT)
    assert c7(own(1), grid=grid, today=TODAY) == []
    assert c7(own(1), grid=grid, today=TODAY + timedelta(days=1)) == ["C7:1:101"]


def test_a_departure_on_another_row_or_of_a_role_that_only_helps_says_nothing_of_the_lead():
    assert c7(own(1), grid=keeping(GRID, 2, KEPT)) == ["C7:1:101"]
    assert c7(own(1), grid=keeping(GRID, 1, replace(KEPT, role=SALES))) == ["C7:1:101"]


def test_nor_does_one_without_a_reason_or_one_whose_cell_went_back():
    assert c7(own(1), grid=keeping(GRID, 1, replace(KEPT, reason=""))) == ["C7:1:101"]
    assert c7(own(1), grid=keeping(GRID, 1, replace(KEPT, theirs=Level.LEAD))) == ["C7:1:101"]


def test_what_the_poll_says_ends_with_a_decision_and_what_a_role_says_of_itself_does_not():
    weak = polled(person(SALES, PM, skill="no"))
    assert c7({}, weak, settled=[1]) == []
    assert c7(own(1), weak, settled=[1]) == ["C7:1:101"]


def test_switched_off_it_is_silent():
    assert c7(own(1), off=["C7"]) == []


def test_weak_leads_stand_in_the_order_of_the_rows():
    assert c7({**own(1, activity=2, role=MARKETING), **own(1)}) == ["C7:1:101", "C7:2:102"]


# ---- what C6 and C8 gain


def test_c6_tells_how_many_of_its_activities_people_gave_to_another():
    grid = grid_of("LSCI", "LSCI", headcounts=[0, None, None, None])
    finding = of(grid, "C6")
    result = polled(person(SALES, SALES, PM), person(MARKETING, SALES, SALES), rows=2)
    heard = heard_in_poll(finding, grid, result)
    assert heard.text == f"{finding.text} In the poll, most who named a role gave 1 of 2 to another."
    assert replace(heard, text=finding.text) == finding


def test_c8_tells_for_how_many_it_lacks_the_time():
    grid = grid_of("LSCI", "LSCI", headcounts=[1, 20, 20, 20])
    finding = of(grid, "C8")
    result = polled(*people(2, SALES, PM, PM, time="no"), person(PM, PM, PM, time="yes"), rows=2)
    assert heard_in_poll(finding, grid, result).text == (
        f"{finding.text} In the poll, it lacks the time for 1 of 2 that it leads."
    )


@pytest.mark.parametrize("rule", ["C6", "C8"])
def test_where_the_poll_says_nothing_of_it_the_finding_stays_as_it_is(rule):
    grid = grid_of("LSCI", headcounts=[0, 1, 1, 1] if rule == "C6" else [1, 20, 20, 20])
    finding = of(grid, rule)
    for result in (None, polled(person(SALES, PM, time="yes")), polled(rows=0)):
        assert heard_in_poll(finding, grid, result) == finding


def test_no_other_finding_changes():
    grid = grid_of("LI--")
    result = polled(person(SALES, SALES))
    assert [heard_in_poll(x, grid, result) for x in findings(grid)] == list(findings(grid))


# ---- options


def test_there_are_three_ways_and_no_verdict():
    pair, split, elsewhere = options(GRID, 1, own(1))
    assert [x.way for x in (pair, split, elsewhere)] == list(Way)
    assert pair.text == ("Pair: a role that knows this supports Role 1 in it. Role 2 and Role 3 come to mind.")
    assert split.text == "Split Pricing in two, and leave Role 1 the part that it can carry."
    assert elsewhere.text == (
        "For now another role leads Pricing, until a day that you choose and for a reason that you give. "
        "Role 2 and Role 3 come to mind."
    )


def test_who_is_good_at_it_comes_first_then_the_deeper_involved():
    ratings = {**own(4, role=SALES), **own(3, role=MARKETING), **own(2, role=ENGINEERING)}
    pair, _, elsewhere = options(GRID, 1, ratings)
    assert pair.roles == elsewhere.roles == (SALES, MARKETING)


def test_who_carries_too_much_or_has_nobody_does_not_come_to_mind():
    grid = grid_of("LSSI", headcounts=[1, 0, None, 4])
    assert options(grid, 1, {}, swamped=[ENGINEERING])[0].roles == ()
    assert options(grid, 1, {}, swamped=[ENGINEERING])[0].text == "Pair: a role that knows this supports Role 1 in it."
    assert options(grid, 1, {})[0].roles == (ENGINEERING,)
    assert options(grid, 1, {})[0].text.endswith("Role 3 comes to mind.")


def test_a_row_that_nobody_leads_has_no_options():
    assert options(grid_of("SSCI"), 1, {}) == ()


def test_all_of_it_speaks_raci_where_the_reader_does():
    weak = grid_of("LSCI", headcounts=[1, 20, 20, 20])
    result = polled(person(SALES, PM, skill="no", time="no"))
    (finding,) = capability_findings(weak, {}, result, today=TODAY, notation=Notation.RACI)
    swamped = heard_in_poll(of(weak, "C8", notation=Notation.RACI), weak, result, notation=Notation.RACI)
    rule = rules_in(Notation.RACI)["C7"]
    said = [rule.name, rule.about, finding.text, finding.step, swamped.text]
    said += [x.text for x in options(weak, 1, {}, result, notation=Notation.RACI)]
    assert finding.text.startswith("Role 1 is accountable for Task 1 and the poll says")
    assert not [text for text in said if LEAD_SUPPORT.search(text)]
