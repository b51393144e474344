"""What is new of roles, stages and the whole, as exact text."""

from dataclasses import replace

from raci.grid.grid import Role
from raci.grid.levels import Level, Notation
from raci.publishing.news import News, news
from raci.publishing.news_sides import UNKNOWN, Lineage
from tests.grid.builders import grid_of, references
from tests.publishing.pairs import (
    BASE,
    DEVELOP,
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


def told(before, after, notation=Notation.LEAD_SUPPORT, lineage=UNKNOWN):
    return news(before, after, notation, lineage).general


def test_a_first_version_says_how_much_it_holds_and_who_leads_how_much():
    assert told(None, BASE) == (
        "This is the first version. It has 3 activities and 4 roles.",
        "Product Marketing leads 1 activity, Engineering 1 and Sales 1.",
        "Product Management leads none.",
    )
    assert told(None, BASE, Notation.RACI)[1] == (
        "Product Marketing is accountable for 1 activity, Engineering for 1 and Sales for 1."
    )


def test_a_role_that_is_gone_says_who_leads_what_it_led():
    after = levels(without(BASE, roles={SALES}), WIN_LOSS, pmm="L")
    assert told(BASE, after) == ("Sales is no longer a role. It led 1 activity; now Product Marketing does.",)
    assert told(BASE, after, Notation.RACI) == (
        "Sales is no longer a role. It was accountable for 1 activity; now Product Marketing is.",
    )
    (row,) = news(BASE, after).activities
    assert row.sentences == ("Product Marketing now leads.",)


def test_what_a_role_led_may_go_to_several_or_away():
    names = ["Sales", "Marketing", "Engineering"]
    before = grid_of("L--", "L--", "L--", "L--", roles=names)
    after = without(grid_of("-L-", "-L-", "--L", "-L-", roles=names), roles={101}, activities={4})
    assert told(before, after) == (
        "Sales is no longer a role. It led 4 activities; now Marketing leads 2 of them, Engineering 1 and 1 is gone.",
    )
    assert told(before, without(after, activities={1, 2, 3})) == (
        "Sales is no longer a role. It led 4 activities, which are gone too.",
    )


def test_a_role_that_led_nothing_is_just_gone():
    assert told(BASE, without(BASE, roles={PM})) == ("Product Management is no longer a role.",)


def test_a_new_role_says_how_much_it_does():
    support = replace(
        BASE,
        roles=(*BASE.roles, Role(105, "Customer Success")),
        cells={**BASE.cells, LAUNCH: {**BASE.cells[LAUNCH], 105: Level.SUPPORT}},
    )
    assert told(BASE, support) == ("Customer Success is a new role: it supports 1 activity.",)
    before = without(BASE, roles={SALES})
    assert told(before, BASE) == ("Sales is a new role: it leads 1 activity, supports 1 and is informed of 1.",)
    assert told(BASE, replace(BASE, roles=(*BASE.roles, Role(105, "Legal")))) == ("Legal is a new role.",)


def test_a_role_that_was_split_off_is_a_new_one():
    after = replace(
        levels(BASE, WIN_LOSS, sales="S"),
        roles=(*BASE.roles, Role(105, "Revenue Operations")),
    )
    after = replace(after, cells={**after.cells, WIN_LOSS: {**after.cells[WIN_LOSS], 105: Level.LEAD}})
    assert told(BASE, after) == ("Revenue Operations is a new role: it leads 1 activity.",)
    assert news(BASE, after).activities[0].sentences == (
        "Revenue Operations now leads; Sales, which led it, supports.",
    )


def test_what_is_known_of_a_role_changes():
    after = role(
        role(BASE, SALES, name="Revenue", contact="#revenue", people=("Ida Hall",)), PMM, contact="ask@x.example"
    )
    assert told(BASE, role(after, PM, purpose="What to build")) == (
        "Sales is now called Revenue.",
        "How to reach Product Marketing and Revenue changed.",
        "Who fills Revenue changed.",
        "What Product Management is for changed.",
    )


def test_stages_come_go_and_are_called_otherwise():
    before = staged(BASE, "Learn", "Build", of=[201, 202, 202])
    after = replace(staged(BASE, "Listen", of=[201, 201, None]), cells=BASE.cells)
    assert told(before, after) == (
        "The stage Learn is now called Listen.",
        "The stage Build is gone.",
        "“Develop the Product” moved to Listen.",
        "“Product Launch” stands without a stage now.",
    )
    assert told(BASE, before)[:2] == ("The stage Learn is new.", "The stage Build is new.")


def test_many_activities_that_move_to_one_stage_are_counted():
    grid = grid_of(*("LS" for _ in range(9)))
    before, after = staged(grid, "A", "B", of=[201] * 9), staged(grid, "A", "B", of=[202] * 9)
    assert told(before, after) == ("“Task 1”, “Task 2”, “Task 3”, “Task 4”, “Task 5” and 4 more moved to B.",)


def test_another_reference_is_said_first():
    by_culture = references()
    before, after = by_culture["sales"], by_culture["market"]
    assert told(before, after)[0] == "The matrix now follows the market-led reference, no longer the sales-led one."
    assert told(replace(before, culture=""), after)[0] == "The matrix now follows the market-led reference."
    assert told(before, replace(after, culture=""))[0] == "The matrix no longer follows the sales-led reference."


def test_a_short_name_and_a_headcount_are_no_news():
    assert news(BASE, role(BASE, SALES, short="S", headcount=3)).is_empty


# ---- Merged and split off


def test_a_role_that_was_merged_says_into_which_and_what_that_leads_for_it():
    after, merged = levels(without(BASE, roles={SALES}), WIN_LOSS, pmm="L"), Lineage(merged={SALES: PMM})
    assert told(BASE, after, lineage=merged) == (
        "Sales was merged into Product Marketing, which now leads its one activity.",
    )
    assert told(BASE, after, Notation.RACI, merged) == (
        "Sales was merged into Product Marketing, which is now accountable for its one activity.",
    )
    both = levels(BASE, DEVELOP, sales="L", eng="S")
    after = levels(levels(without(both, roles={SALES}), WIN_LOSS, pmm="L"), DEVELOP, pmm="L")
    assert told(both, role(after, PMM, name="Growth"), lineage=merged) == (
        "Sales was merged into Growth, which now leads its 2 activities.",
        "Product Marketing is now called Growth.",
    )


def test_what_a_merged_role_led_may_be_led_by_others_by_now():
    names = ["Sales", "Marketing", "Engineering"]
    before = grid_of("L--", "L--", "L--", roles=names)
    after = without(grid_of("-L-", "--L", "-L-", roles=names), roles={101}, activities={3})
    assert told(before, after, lineage=Lineage(merged={101: 102})) == (
        "Sales was merged into Marketing. It led 3 activities; now Marketing leads 1 of them, Engineering 1 and "
        "1 is gone.",
    )


def test_a_merged_role_that_led_nothing_and_one_merged_into_a_role_that_is_gone_too():
    merged = Lineage(merged={PM: SALES})
    assert told(BASE, without(BASE, roles={PM}), lineage=merged) == ("Product Management was merged into Sales.",)
    after = levels(without(BASE, roles={PM, SALES}), WIN_LOSS, pmm="L")
    assert told(BASE, after, lineage=merged) == (
        "Product Management was merged into Sales.",
        "Sales is no longer a role. It led 1 activity; now Product Marketing does.",
    )


def test_one_merged_into_a_role_that_neither_version_has_is_just_gone():
    lineage = Lineage(merged={PM: 999}, split={105: 999})
    after = replace(without(BASE, roles={PM}), roles=(*BASE.roles[1:], Role(105, "Legal")))
    assert told(BASE, after, lineage=lineage) == (
        "Product Management is no longer a role.",
        "Legal is a new role.",
    )


def test_a_role_that_was_split_off_says_from_which():
    after = replace(BASE, roles=(*BASE.roles, Role(105, "Field marketing")))
    split = Lineage(split={105: PMM})
    assert told(BASE, after, lineage=split) == ("Field marketing was split off Product Marketing.",)
    after = replace(after, cells={**BASE.cells, LAUNCH: {**BASE.cells[LAUNCH], 105: Level.SUPPORT}})
    assert told(BASE, after, lineage=split) == (
        "Field marketing was split off Product Marketing: it supports 1 activity.",
    )


# ---- Another order


def test_another_order_is_one_change():
    assert told(BASE, replace(BASE, roles=BASE.roles[::-1])) == ("The order of roles changed.",)
    rows = replace(BASE, activities=BASE.activities[::-1])
    assert told(BASE, rows) == ("The order of activities changed.",)
    assert news(BASE, replace(rows, roles=rows.roles[::-1])) == News(("The order of activities and roles changed.",))


def test_a_stage_that_moved_takes_its_activities_with_it():
    before = staged(BASE, "Learn", "Build", of=[201, 202, 202])
    after = replace(before, stages=before.stages[::-1], activities=(*before.activities[1:], before.activities[0]))
    assert told(before, after) == ("The order of stages changed.",)
    within = replace(before, activities=(before.activities[0], before.activities[2], before.activities[1]))
    assert told(before, within) == ("The order of activities changed.",)


def test_what_came_went_or_went_to_another_stage_is_not_said_to_have_changed_its_order():
    assert told(BASE, without(BASE, activities={WIN_LOSS})) == ()
    assert told(BASE, replace(BASE, roles=(Role(105, "Legal"), *BASE.roles))) == ("Legal is a new role.",)
    before = staged(BASE, "Learn", "Build", of=[201, 202, 202])
    moved = replace(before.activities[0], stage=202)
    after = replace(before, activities=(*before.activities[1:], moved))
    assert told(before, after) == ("“Win/Loss Analysis” moved to Build.",)


# ---- Names that turn the direction of writing


def test_a_name_that_turns_the_direction_of_writing_ends_where_it_ends():
    after = role(BASE, SALES, name="\u202eselaS\u2067")
    assert told(BASE, after) == ("Sales is now called \u2068\u202eselaS\u2069.",)
    (row,) = news(after, activity(levels(after, WIN_LOSS, sales="S"), WIN_LOSS, name="\u202bWin")).activities
    assert row.name == "\u2068\u202bWin\u2069"
    assert row.sentences[0] == "Nobody now leads; \u2068\u202eselaS\u2069, which led it, supports."
    assert "and \u2068\u202eselaS\u2069 1." in told(None, after)[1]
