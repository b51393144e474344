"""What is new in an activity, in sentences, as exact text."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from raci.grid.diff import diff
from raci.grid.grid import Activity, Departure, Grid, Named
from raci.grid.levels import Level, Notation
from raci.publishing.news import duties, news
from tests.grid.builders import grid_of, grids, keeping
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
    staged,
    without,
)

DELIVERED = activity(BASE, WIN_LOSS, deliverer=PMM)


def told(before: Grid, after: Grid, notation=Notation.LEAD_SUPPORT) -> dict[str, str]:
    """The sentences of each activity with news, as they are read one after the other."""
    return {each.name: " ".join(each.sentences) for each in news(before, after, notation).activities}


def test_a_move_of_the_lead_says_what_became_of_who_led():
    after = levels(BASE, WIN_LOSS, pmm="L", sales="S")
    assert told(BASE, after) == {"Win/Loss Analysis": "Product Marketing now leads; Sales, which led it, supports."}


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        ("C", "Sales, which led it, only contributes."),
        ("I", "Sales, which led it, is only informed."),
        ("-", "Sales, which led it, is no longer involved."),
    ],
)
def test_who_led_may_do_less_than_support(letter, said):
    assert told(BASE, levels(BASE, WIN_LOSS, pmm="L", sales=letter)) == {
        "Win/Loss Analysis": f"Product Marketing now leads; {said}"
    }


def test_the_others_of_the_row_are_told_after_the_lead():
    after = levels(BASE, WIN_LOSS, pmm="L", sales="S", eng="C")
    assert told(BASE, after)["Win/Loss Analysis"] == (
        "Product Marketing now leads; Sales, which led it, supports. "
        "Engineering now contributes, was only informed before."
    )


def test_two_roles_that_swap_are_told_in_both_rows():
    after = levels(levels(BASE, WIN_LOSS, pmm="L", sales="S"), LAUNCH, pmm="S", sales="L")
    assert told(BASE, after) == {
        "Win/Loss Analysis": "Product Marketing now leads; Sales, which led it, supports.",
        "Product Launch": "Sales now leads; Product Marketing, which led it, supports.",
    }


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("I", "S", "Engineering now supports, was only informed before."),
        ("C", "S", "Engineering now supports, only contributed before."),
        ("-", "C", "Engineering now contributes."),
        ("-", "I", "Engineering is now informed."),
        ("S", "C", "Engineering only contributes, no longer supports."),
        ("S", "I", "Engineering is only informed, no longer supports."),
        ("C", "I", "Engineering is only informed, no longer contributes."),
        ("S", "-", "Engineering, which supported, is no longer involved."),
        ("I", "-", "Engineering is no longer informed."),
    ],
)
def test_a_step_of_one_role_says_both_levels(before, after, said):
    assert told(levels(BASE, LAUNCH, eng=before), levels(BASE, LAUNCH, eng=after)) == {"Product Launch": said}


def test_roles_that_make_the_same_step_share_a_sentence():
    after = levels(levels(BASE, WIN_LOSS, pm="S"), LAUNCH, eng="S")
    both = levels(BASE, LAUNCH, pm="I", sales="I"), levels(BASE, LAUNCH, pm="C", sales="C", eng="S")
    assert told(BASE, after)["Win/Loss Analysis"] == "Product Management now supports, only contributed before."
    assert told(*both)["Product Launch"] == (
        "Engineering now supports, was only informed before. "
        "Product Management and Sales now contribute, were only informed before."
    )


def test_a_row_that_is_all_different_is_told_in_few_words():
    names = list("ABCDEFGHIJ")
    before, after = grid_of(("Launch", "LSSCCIIII-"), roles=names), grid_of(("Launch", "SLCSICS--C"), roles=names)
    assert told(before, after)["Launch"] == (
        "B now leads; A, which led it, supports. "
        "D and G now support; C, F and J now contribute; E is now informed; H and I are no longer involved."
    )


def test_in_raci_the_sentences_have_its_words():
    after = levels(levels(BASE, WIN_LOSS, pmm="L", sales="S"), LAUNCH, eng="S", pm="C")
    assert told(BASE, after, Notation.RACI) == {
        "Win/Loss Analysis": "Product Marketing is now accountable; Sales, which was accountable, is responsible.",
        "Product Launch": (
            "Engineering is now responsible, was only informed before. "
            "Product Management is only consulted, no longer responsible."
        ),
    }


# ---- Who delivers


def test_who_delivers_is_told_where_it_changes():
    assert told(BASE, DELIVERED) == {"Win/Loss Analysis": "Product Marketing now delivers it."}
    assert told(DELIVERED, activity(BASE, WIN_LOSS, deliverer=ENG)) == {
        "Win/Loss Analysis": "Engineering now delivers it, no longer Product Marketing."
    }
    assert told(DELIVERED, BASE) == {"Win/Loss Analysis": "Sales now delivers it itself, no longer Product Marketing."}


def test_who_goes_on_delivering_is_told_where_another_leads():
    after = levels(DELIVERED, WIN_LOSS, pm="L", sales="S")
    assert told(DELIVERED, after)["Win/Loss Analysis"] == (
        "Product Management now leads; Sales, which led it, supports. Product Marketing still delivers it."
    )


def test_who_led_may_go_on_delivering():
    after = activity(levels(BASE, WIN_LOSS, pmm="L", sales="S"), WIN_LOSS, deliverer=SALES)
    assert told(BASE, after)["Win/Loss Analysis"].endswith("Sales still delivers it.")


def test_who_delivered_may_come_to_lead_and_go_on_delivering():
    after = levels(BASE, WIN_LOSS, pmm="L", sales="S")
    assert told(DELIVERED, after)["Win/Loss Analysis"].endswith("Product Marketing still delivers it.")


def test_a_lead_that_is_named_as_delivering_is_no_news():
    assert news(BASE, activity(BASE, WIN_LOSS, deliverer=SALES)).is_empty


# ---- Rows that come, go, and are called otherwise


def test_a_new_activity_says_who_does_what():
    row = {PM: Level.LEAD, PMM: Level.SUPPORT, ENG: Level.SUPPORT, SALES: Level.INFORMED}
    after = replace(
        BASE, activities=(*BASE.activities, Activity(9, "Pricing", deliverer=ENG)), cells={**BASE.cells, 9: row}
    )
    (found,) = news(BASE, after).activities
    assert found.is_new
    assert " ".join(found.sentences) == (
        "New in the matrix. Product Management leads; Product Marketing and Engineering support; Sales is informed. "
        "Engineering delivers it."
    )


def test_an_activity_that_is_gone_comes_last_with_who_led_it():
    after = levels(without(BASE, activities={WIN_LOSS}), LAUNCH, eng="S")
    first, last = news(BASE, after).activities
    assert (first.activity, last.activity, last.is_gone) == (LAUNCH, WIN_LOSS, True)
    assert last.sentences == ("No longer in the matrix.", "Sales led it.")


def test_a_new_name_says_the_old_one():
    after = activity(BASE, WIN_LOSS, name="Won and lost deals")
    assert told(BASE, after) == {"Won and lost deals": "It was called “Win/Loss Analysis” before."}


def test_new_texts_are_said_to_be_new_without_being_quoted():
    after = activity(BASE, WIN_LOSS, description="Why we win.", notes="Ask Sales.", people=(Named(PM, "Ida Hall"),))
    assert told(BASE, after) == {
        "Win/Loss Analysis": "Its description changed. Its notes changed. Who is named on it changed."
    }


def test_the_stage_stands_beside_the_activity():
    before = staged(BASE, "Learn", "Build", of=[201, 202, 202])
    (found,) = news(before, levels(before, WIN_LOSS, eng="C")).activities
    assert found.stage == "Learn"


# ---- Why it is unlike the reference


REASON = "Sales hears the\n buyers  first."


def kept(grid, until=date(2027, 6, 30), *others):
    return keeping(grid, WIN_LOSS, Departure(SALES, "market", Level.SUPPORT, REASON, until), *others)


def test_a_new_reason_is_news_of_its_own():
    (found,) = news(BASE, kept(BASE)).activities
    assert found.sentences == ()
    assert found.reasons == ("Who leads is kept unlike the reference until 30 Jun 2027: Sales hears the buyers first.",)


def test_a_reason_that_stands_is_told_again_only_where_the_row_changed():
    assert news(kept(BASE), kept(BASE)).is_empty
    (found,) = news(kept(BASE), levels(kept(BASE), WIN_LOSS, eng="C")).activities
    assert len(found.reasons) == 1


def test_a_reason_that_goes_with_its_level_is_not_told():
    after = levels(kept(BASE), WIN_LOSS, pmm="L", sales="S")
    (found,) = news(kept(BASE), after).activities
    assert found.reasons == ()


def test_a_move_of_the_lead_that_is_kept_has_one_reason_and_a_cell_names_its_role():
    lead = Departure(PMM, "market", Level.LEAD, REASON, None)
    cell = Departure(ENG, "market", Level.CONTRIBUTE, "They only read it.")
    (found,) = news(BASE, kept(BASE, None, lead, cell), Notation.RACI).activities
    assert found.reasons == (
        "Who is accountable is kept unlike the reference: Sales hears the buyers first.",
        "What Engineering does is kept unlike the reference: They only read it.",
    )


# ---- All that is a role's


def test_duties_are_listed_by_level_and_delivering_is_for_another_lead():
    mine = duties(activity(DELIVERED, LAUNCH, deliverer=PMM), PMM)
    assert mine.leads == ("Product Launch",)
    assert mine.delivers == ("Win/Loss Analysis",)
    assert mine.supports == ("Win/Loss Analysis",)
    assert mine.contributes == ("Develop the Product",)
    assert mine.informed == ()


# ---- Whatever the two grids are


def test_nothing_changed_in_a_first_version():
    assert news(None, BASE).activities == ()


@given(grids())
def test_a_grid_has_no_news_beside_itself(grid):
    assert news(grid, grid).is_empty


@given(grids(), grids())
def test_every_cell_that_changed_is_told_with_its_role(before, after):
    roles = {each.id: each.name for each in after.roles}
    found = {each.activity: " ".join(each.sentences) for each in news(before, after).activities if not each.is_gone}
    for cell in diff(before, after, same=True).cells:
        assert roles[cell.role_b] in found[cell.activity_b]


@given(grids(), grids())
def test_no_news_means_that_both_say_the_same(before, after):
    if news(before, after).is_empty:
        found = diff(before, after, same=True)
        assert (found.cells, found.renamed_activities, found.renamed_roles, found.lead_moves) == ((), (), (), ())


def test_what_people_typed_is_never_read():
    after = levels(
        role(activity(BASE, WIN_LOSS, name="now leads; {x}"), SALES, name="A, which led it"), WIN_LOSS, eng="C"
    )
    assert told(BASE, after)["now leads; {x}"].startswith("Engineering now contributes")
    assert DEVELOP not in {each.activity for each in news(BASE, after).activities}
