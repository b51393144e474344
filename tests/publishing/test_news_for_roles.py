"""What changed for one role, told to those who fill it, as exact text."""

from dataclasses import replace

import pytest
from hypothesis import given

from raci.grid.grid import Activity, Role
from raci.grid.levels import Level, Notation
from raci.publishing.news import gone_roles, news, news_by_role, news_for
from raci.publishing.news_sides import Lineage
from tests.grid.builders import grids, references
from tests.publishing.pairs import (
    BASE,
    DEVELOP,
    ENG,
    LAUNCH,
    PM,
    PMM,
    SALES,
    WIN_LOSS,
    activity,
    levels,
    role,
    without,
)

MOVED = levels(BASE, WIN_LOSS, pmm="L", sales="S")


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (PMM, "You now lead “Win/Loss Analysis”, which Sales led."),
        (SALES, "You no longer lead “Win/Loss Analysis”: Product Marketing does, and you support."),
        (PM, "Product Marketing now leads “Win/Loss Analysis”, no longer Sales; you still contribute."),
        (ENG, "Product Marketing now leads “Win/Loss Analysis”, no longer Sales; you are still informed."),
    ],
)
def test_a_move_of_the_lead_is_told_to_each_in_its_own_words(of, said):
    assert news_for(BASE, MOVED, of) == (said,)


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (PMM, "You are now accountable for “Win/Loss Analysis”, as Sales was before."),
        (
            SALES,
            "You are no longer accountable for “Win/Loss Analysis”: Product Marketing is, and you are responsible.",
        ),
        (PM, "Product Marketing is now accountable for “Win/Loss Analysis”, no longer Sales; you are still consulted."),
    ],
)
def test_in_raci_it_has_its_words(of, said):
    assert news_for(BASE, MOVED, of, Notation.RACI) == (said,)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("I", "S", "You now support “Product Launch”; you were only informed before."),
        ("S", "C", "You no longer support “Product Launch”: you only contribute."),
        ("C", "I", "You no longer contribute to “Product Launch”: you are only informed."),
        ("-", "I", "You are now informed of “Product Launch”."),
        ("S", "-", "You are no longer involved in “Product Launch”."),
    ],
)
def test_a_step_says_both_levels(before, after, said):
    assert news_for(levels(BASE, LAUNCH, eng=before), levels(BASE, LAUNCH, eng=after), ENG) == (said,)


def test_who_has_no_part_hears_nothing():
    assert news_for(levels(BASE, WIN_LOSS, eng="-"), levels(MOVED, WIN_LOSS, eng="-"), ENG) == ()
    assert news_for(BASE, BASE, ENG) == ()
    assert news_for(None, BASE, ENG) == ()


def test_activities_to_which_the_same_happened_share_a_sentence():
    by_culture = references()
    ids = {each.name: each.id for each in by_culture["market"].roles}
    said = news_for(by_culture["sales"], by_culture["market"], ids["Product Management"])
    assert said[0] == (
        "You now lead “Size the Market Opportunity” and “Product Strategy/Roadmap”, which Product Marketing led."
    )
    assert "You now contribute to “Influencer Marketing (AR/PR)”; you were only informed before." in said
    assert len(said) == 6


@pytest.mark.parametrize(
    ("before", "after", "of", "said"),
    [
        (None, PMM, PMM, ("You now deliver “Win/Loss Analysis”.",)),
        (None, PMM, SALES, ("Product Marketing now delivers “Win/Loss Analysis”, which you lead.",)),
        (PMM, None, PMM, ("You no longer deliver “Win/Loss Analysis”: Sales does.",)),
        (PMM, None, SALES, ("You now deliver “Win/Loss Analysis” yourself.",)),
        (PMM, ENG, PMM, ("You no longer deliver “Win/Loss Analysis”: Engineering does.",)),
        (PMM, ENG, PM, ()),
    ],
)
def test_who_delivers_is_told_to_those_it_concerns(before, after, of, said):
    grids = [activity(BASE, WIN_LOSS, deliverer=deliverer) for deliverer in (before, after)]
    assert news_for(*grids, of) == said


def test_who_led_and_goes_on_delivering_is_told_so_on_both_sides():
    after = activity(MOVED, WIN_LOSS, deliverer=SALES)
    assert news_for(BASE, after, SALES)[1] == "You still deliver “Win/Loss Analysis”."
    assert news_for(BASE, after, PMM)[1] == "Sales still delivers “Win/Loss Analysis”, which you lead."


def test_activities_come_go_and_are_called_otherwise():
    new = replace(
        BASE, activities=(*BASE.activities, Activity(9, "Pricing")), cells={**BASE.cells, 9: {PM: Level.LEAD}}
    )
    assert news_for(BASE, new, PM) == ("You lead “Pricing”, which is new.",)
    assert news_for(BASE, new, SALES) == ()
    assert news_for(BASE, without(BASE, activities={WIN_LOSS, DEVELOP}), PM) == (
        "“Win/Loss Analysis” and “Develop the Product” are no longer in the matrix.",
    )
    assert news_for(BASE, activity(BASE, LAUNCH, name="Go live"), PM) == ("“Product Launch” is now called “Go live”.",)


def test_a_role_hears_what_became_of_itself():
    assert news_for(BASE, role(BASE, SALES, name="Revenue"), SALES) == ("Sales is now called Revenue.",)
    assert news_for(without(BASE, roles={PM}), BASE, PM)[0] == "Product Management is a new role."


def test_a_role_that_is_gone_hears_who_has_now_what_was_its_own():
    before = activity(levels(BASE, DEVELOP, eng="S", sales="L"), LAUNCH, deliverer=SALES)
    after = levels(levels(without(before, roles={SALES}), WIN_LOSS, pmm="L"), DEVELOP, pmm="L")
    after = activity(after, LAUNCH, deliverer=PM)
    assert news_for(before, after, SALES) == (
        "Sales is no longer a role.",
        "Product Marketing now leads “Win/Loss Analysis” and “Develop the Product”, which you led.",
        "Product Management now delivers “Product Launch”, which you delivered.",
    )
    assert news_for(before, after, SALES, Notation.RACI)[1] == (
        "Product Marketing is now accountable for “Win/Loss Analysis” and “Develop the Product”, as you were before."
    )
    left = levels(without(after, activities={LAUNCH, DEVELOP}), WIN_LOSS, pmm="-")
    assert news_for(before, left, SALES) == (
        "Sales is no longer a role.",
        "Nobody now leads “Win/Loss Analysis”, which you led.",
        "“Develop the Product”, which you led, is no longer in the matrix.",
        "“Product Launch”, which you delivered, is no longer in the matrix.",
    )


def test_both_roles_of_a_merge_hear_of_it():
    after, merged = levels(without(BASE, roles={SALES}), WIN_LOSS, pmm="L"), Lineage(merged={SALES: PMM})
    assert news_for(BASE, after, SALES, lineage=merged) == (
        "Sales was merged into Product Marketing.",
        "Product Marketing now leads “Win/Loss Analysis”, which you led.",
    )
    assert news_for(BASE, after, PMM, lineage=merged) == (
        "Sales was merged into Product Marketing.",
        "You now lead “Win/Loss Analysis”, which Sales led.",
    )
    assert "merged" not in "".join(news_for(BASE, after, ENG, lineage=merged))


def test_both_roles_of_a_split_hear_of_it():
    after = replace(
        BASE,
        roles=(*BASE.roles, Role(105, "Field marketing")),
        cells={**BASE.cells, LAUNCH: {**BASE.cells[LAUNCH], 105: Level.SUPPORT}},
    )
    split = Lineage(split={105: PMM})
    assert news_for(BASE, after, PMM, lineage=split) == ("Field marketing was split off Product Marketing.",)
    assert news_for(BASE, after, 105, lineage=split) == (
        "Field marketing was split off Product Marketing.",
        "You now support “Product Launch”.",
    )
    assert news_for(BASE, after, SALES, lineage=split) == ()


def test_a_role_that_was_removed_and_made_again_goes_on():
    again = replace(levels(without(BASE, roles={SALES}), WIN_LOSS), roles=(*BASE.roles[:3], Role(105, "Sales")))
    cells = {pk: {**row, 105: BASE.cells[pk][SALES]} for pk, row in again.cells.items()}
    again = replace(again, cells=cells)
    assert news(BASE, again).is_empty
    assert news_for(BASE, again, SALES) == news_for(BASE, again, 105) == ()
    assert gone_roles(BASE, again) == ()


@given(grids(), grids())
def test_each_role_hears_the_same_alone_and_with_others(before, after):
    roles = [each.id for each in after.roles]
    assert news_by_role(before, after, roles) == {pk: news_for(before, after, pk) for pk in roles}
