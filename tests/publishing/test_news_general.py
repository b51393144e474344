"""What is new of roles, stages and the whole, as exact text."""

from dataclasses import replace

from raci.grid.grid import Role
from raci.grid.levels import Level, Notation
from raci.publishing.news import news
from tests.grid.builders import grid_of, references
from tests.publishing.pairs import BASE, DEVELOP, LAUNCH, PM, PMM, SALES, WIN_LOSS, levels, role, staged, without


def told(before, after, notation=Notation.LEAD_SUPPORT):
    return news(before, after, notation).general


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
    assert row.sentences == ("Product Marketing now leads; Sales, which led it, is no longer a role.",)


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


def test_a_role_that_only_changed_its_place_is_no_news():
    assert news(BASE, replace(BASE, roles=BASE.roles[::-1])).is_empty
    assert news(BASE, role(BASE, SALES, short="S", headcount=3)).is_empty
    assert DEVELOP in {row.id for row in BASE.activities}
