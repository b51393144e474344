"""The letter of a version as exact text, for pairs of grids; each was read aloud."""

from dataclasses import replace
from datetime import date

import pytest

from raci.grid.grid import Activity, Departure
from raci.grid.levels import Level, Notation
from raci.publishing.letters import Edition, letter, parts, parts_for, subject_of, text_of
from raci.publishing.models import Version
from raci.publishing.news_sides import Lineage
from tests.factories import make_matrix
from tests.grid.builders import grid_of, keeping, references
from tests.publishing.making import publish
from tests.publishing.pairs import (
    BASE,
    DEVELOP,
    ENG,
    LAUNCH,
    PMM,
    SALES,
    WIN_LOSS,
    activity,
    levels,
    role,
    staged,
    without,
)

MOVED = levels(BASE, WIN_LOSS, pmm="L", sales="S")
DELIVERED = activity(BASE, WIN_LOSS, deliverer=PMM)


def written(before, after, notation=Notation.LEAD_SUPPORT, **more) -> str:
    """The letter of version 3 after version 2, without its first lines."""
    text = letter(Edition("Core", 3, after, **more), Edition("Core", 2, before), notation)
    start = "Version 3 of “Core” is published.\n\nWhat changed since version 2:\n\n"
    assert text.startswith(start)
    return text.removeprefix(start)


def kept(grid):
    departure = Departure(ENG, "market", Level.INFORMED, "They build the reports.", date(2027, 6, 30))
    return keeping(levels(grid, WIN_LOSS, eng="S"), WIN_LOSS, departure)


NEW = replace(
    BASE,
    activities=(*BASE.activities, Activity(9, "Pricing", deliverer=ENG)),
    cells={**BASE.cells, 9: {101: Level.LEAD, PMM: Level.SUPPORT, ENG: Level.SUPPORT, SALES: Level.INFORMED}},
)
STAGED = staged(BASE, "Learn", "Build", of=[201, 202, 202])

PAIRS = {
    "the lead moves": (
        BASE,
        MOVED,
        "- Win/Loss Analysis: Product Marketing now leads; Sales, which led it, supports.",
    ),
    "the lead moves and the deliverer stays": (
        DELIVERED,
        levels(DELIVERED, WIN_LOSS, pm="L", sales="C"),
        "- Win/Loss Analysis: Product Management now leads; Sales, which led it, only contributes. "
        "Product Marketing still delivers it.",
    ),
    "two swap": (
        BASE,
        levels(MOVED, LAUNCH, pmm="S", sales="L"),
        "- Win/Loss Analysis: Product Marketing now leads; Sales, which led it, supports.\n"
        "- Product Launch: Sales now leads; Product Marketing, which led it, supports.",
    ),
    "the deliverer changes": (
        BASE,
        activity(DELIVERED, LAUNCH, deliverer=SALES),
        "- Win/Loss Analysis: Product Marketing now delivers it.\n- Product Launch: Sales now delivers it.",
    ),
    "levels rise and fall": (
        BASE,
        levels(levels(BASE, LAUNCH, eng="S"), DEVELOP, pmm="I", sales="-"),
        "- Develop the Product: Product Marketing is only informed, no longer contributes. Sales is no longer informed.\n"
        "- Product Launch: Engineering now supports, was only informed before.",
    ),
    "an activity is new": (
        BASE,
        NEW,
        "- Pricing: New in the matrix. Product Management leads; Product Marketing and Engineering support; "
        "Sales is informed. Engineering delivers it.",
    ),
    "an activity is gone": (NEW, BASE, "- Pricing: No longer in the matrix. Product Management led it."),
    "an activity has another name": (
        BASE,
        activity(MOVED, WIN_LOSS, name="Won and lost deals"),
        "- Won and lost deals: Product Marketing now leads; Sales, which led it, supports. "
        "It was called “Win/Loss Analysis” before.",
    ),
    "a role has another name": (
        BASE,
        role(MOVED, SALES, name="Revenue"),
        "- Sales is now called Revenue.\n\n"
        "- Win/Loss Analysis: Product Marketing now leads; Revenue, which led it, supports.",
    ),
    "a role was removed": (
        BASE,
        levels(without(BASE, roles={SALES}), WIN_LOSS, pmm="L"),
        "- Sales is no longer a role. It led 1 activity; now Product Marketing does.\n\n"
        "- Win/Loss Analysis: Product Marketing now leads.",
    ),
    "a role is new": (
        without(BASE, roles={SALES}),
        BASE,
        "- Sales is a new role: it leads 1 activity, supports 1 and is informed of 1.\n\n"
        "- Win/Loss Analysis: Sales now leads; nobody did before.",
    ),
    "an activity stands in another stage": (
        STAGED,
        replace(STAGED, activities=tuple(replace(row, stage=202) for row in STAGED.activities)),
        "- “Win/Loss Analysis” moved to Build.",
    ),
    "there is a reason": (
        BASE,
        kept(BASE),
        "- Win/Loss Analysis: Engineering now supports, was only informed before. "
        "What Engineering does is kept unlike the reference until 30 Jun 2027: They build the reports.",
    ),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_letter_of(pair):
    before, after, text = PAIRS[pair]
    assert written(before, after) == text


def test_a_first_version_says_what_it_is():
    assert letter(Edition("Core", 1, BASE), None) == (
        "Version 1 of “Core” is published.\n\n"
        "This is the first version. It has 3 activities and 4 roles. "
        "Product Marketing leads 1 activity, Engineering 1 and Sales 1. Product Management leads none."
    )


def test_where_nothing_changed_it_says_so():
    assert letter(Edition("Core", 4, BASE), Edition("Core", 3, BASE)) == (
        "Version 4 of “Core” is published.\n\nVersion 4 says the same as version 3: nobody’s part has changed."
    )


def test_the_note_and_what_is_known_stand_in_it():
    known = (("nobody delivers “Pricing”.", "We hire in March"),)
    text = letter(
        Edition("Core", 2, MOVED, note="Agreed on 3 March.\nThanks to Sales.", known=known), Edition("Launch", 1, BASE)
    )
    assert text == (
        "Version 2 of “Core”, called “Launch” before, is published.\n\n"
        "Agreed on 3 March.\nThanks to Sales.\n\n"
        "What changed since version 1:\n\n"
        "- Win/Loss Analysis: Product Marketing now leads; Sales, which led it, supports.\n\n"
        "What is known and stays as it is for now:\n\n"
        "- Nobody delivers “Pricing”. We hire in March."
    )


def test_a_move_to_another_culture_begins_with_how_much_changed_hands():
    text = written(references()["sales"], references()["market"])
    assert text.startswith(
        "- Another role now leads 10 of 18 activities.\n"
        "- The matrix now follows the market-led reference, no longer the sales-led one.\n\n"
        "- Size the Market Opportunity: Product Management now leads; Product Marketing, which led it, supports. "
        "Sales is only informed, no longer supports.\n"
    )
    assert text.count("\n- ") == 19


def rows(letters: str, *, after: str, roles: str = "ABC"):
    """Two grids of one Lead a row, by the letter of its role."""
    sides = (["".join("L" if of == lead else "S" for of in roles) for lead in leads] for leads in (letters, after))
    return [grid_of(*side, roles=list(roles)) for side in sides]


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        ("AAAB", "BBBB", "- Another role now leads 3 of 4 activities."),
        ("AAB", "BBB", "- Task 1: B now leads; A, which led it, supports."),
        ("AAB-", "BBBA", "- Task 1: B now leads; A, which led it, supports."),
        ("----", "AAAB", "- Task 1: A now leads; nobody did before."),
        ("AAAA", "----", "- Task 1: Nobody now leads; A, which led it, supports."),
    ],
)
def test_it_begins_with_how_many_went_from_one_role_to_another_where_those_are_many(before, after, first):
    assert written(*rows(before, after=after)).splitlines()[0] == first


def test_how_much_went_over_from_a_role_that_is_gone_or_to_a_new_one_is_told_once():
    before, after = rows("AAAB", after="BBBB")
    assert written(before, without(after, roles={101})) == (
        "- A is no longer a role. It led 3 activities; now B does.\n\n"
        "- Task 1: B now leads.\n- Task 2: B now leads.\n- Task 3: B now leads."
    )
    assert written(without(before, roles={102}), after).splitlines()[0] == "- B is a new role: it leads 4 activities."
    before, after = rows("AAABB", after="BBBCC")
    assert written(before, without(after, roles={101})).splitlines()[:2] == [
        "- Another role now leads 5 of 5 activities.",
        "- A is no longer a role. It led 3 activities; now B does.",
    ]


def test_in_raci_it_has_its_words():
    assert written(BASE, MOVED, Notation.RACI) == (
        "- Win/Loss Analysis: Product Marketing is now accountable; Sales, which was accountable, is responsible."
    )


def test_a_letter_of_very_many_changes_says_how_many_more_there_are():
    rows = tuple(Activity(pk, f"Row {pk}") for pk in range(1, 151))
    before = replace(BASE, activities=rows, cells={row.id: {SALES: Level.LEAD} for row in rows})
    after = replace(before, cells={row.id: {PMM: Level.LEAD} for row in rows})
    text = written(before, after)
    assert text.count(" now leads;") == 100
    assert text.endswith("\n- And 50 more.")


def test_each_role_is_told_what_changed_for_it_and_all_that_is_its_own():
    after = activity(MOVED, LAUNCH, deliverer=SALES)
    found = parts(Edition("Core", 3, after), Edition("Core", 2, BASE), [PMM, SALES, 999])
    assert found[PMM] == (
        "Product Marketing\n\n"
        "What changed for you:\n\n"
        "- You now lead “Win/Loss Analysis”, which Sales led.\n"
        "- Sales now delivers “Product Launch”, which you lead.\n\n"
        "All that is yours now:\n\n"
        "- You lead: Win/Loss Analysis; Product Launch.\n"
        "- You contribute to: Develop the Product."
    )
    assert found[SALES].endswith(
        "- You deliver: Product Launch.\n"
        "- You support: Win/Loss Analysis; Product Launch.\n"
        "- You are informed of: Develop the Product."
    )
    assert found[999] == ""


def test_a_role_for_which_nothing_changed_is_told_so():
    (text,) = parts(Edition("Core", 3, BASE), Edition("Core", 2, BASE), [ENG]).values()
    assert text.startswith("Engineering\n\nNothing changed for you.\n\nAll that is yours now:\n\n")
    (first,) = parts(Edition("Core", 1, BASE), None, [ENG], Notation.RACI).values()
    assert first == (
        "Engineering\n\nAll that is yours now:\n\n"
        "- You are accountable for: Develop the Product.\n"
        "- You are informed of: Win/Loss Analysis; Product Launch."
    )


def test_a_role_that_is_gone_is_told_what_became_of_its_part():
    after = levels(without(BASE, roles={SALES}), WIN_LOSS, pmm="L")
    lineage = Lineage(merged={SALES: PMM})
    (text,) = parts(Edition("Core", 3, after, lineage=lineage), Edition("Core", 2, BASE), [SALES]).values()
    assert text == (
        "Sales\n\n"
        "What became of your part:\n\n"
        "- Sales was merged into Product Marketing.\n"
        "- Product Marketing now leads “Win/Loss Analysis”, which you led."
    )
    assert letter(Edition("Core", 3, after, lineage=lineage), Edition("Core", 2, BASE)).endswith(
        "- Sales was merged into Product Marketing, which now leads its one activity.\n\n"
        "- Win/Loss Analysis: Product Marketing now leads."
    )
    assert parts(Edition("Core", 1, after), None, [SALES]) == {SALES: ""}


def test_what_turns_the_direction_of_writing_ends_where_it_ends():
    known = (("nobody delivers “\u202ePricing”.", "We \u202ehire."),)
    after = kept(role(BASE, SALES, name="\u202eSales"))
    after = activity(after, WIN_LOSS, departures=(Departure(ENG, "market", None, "So \u202esaid they."),))
    text = letter(Edition("\u202eCore", 3, after, known=known), Edition("Core", 2, BASE))
    assert text == (
        "Version 3 of “\u2068\u202eCore\u2069”, called “Core” before, is published.\n\n"
        "What changed since version 2:\n\n"
        "- Sales is now called \u2068\u202eSales\u2069.\n\n"
        "- Win/Loss Analysis: Engineering now supports, was only informed before. "
        "What Engineering does is kept unlike the reference: \u2068So \u202esaid they\u2069.\n\n"
        "What is known and stays as it is for now:\n\n"
        "- \u2068Nobody delivers “\u202ePricing”\u2069. \u2068We \u202ehire\u2069."
    )
    (text,) = parts(Edition("Core", 1, after), None, [SALES]).values()
    assert text.startswith("\u2068\u202eSales\u2069\n\nAll that is yours now:")


def test_the_subject_fits_into_its_column():
    assert subject_of(Version(name="Core", number=1)) == "Core, version 1: who leads what"
    assert subject_of(Version(name="Core", number=12)) == "Core, version 12: what changed"
    long = subject_of(Version(name="x" * 200, number=3))
    assert len(long) == 200
    assert long.endswith("x…, version 3: what changed")
    turned = subject_of(Version(name="\u202e" + "x" * 199, number=3))
    assert len(turned) == 200
    assert turned.endswith("x…\u2069, version 3: what changed")


def test_versions_are_written_about_as_they_were_published(owner, django_assert_max_num_queries):
    matrix = make_matrix(owner, "LS.", ".LI", "L..", name="Core")
    first = publish(matrix, owner, note="Agreed.")
    second = publish(matrix, owner)
    with django_assert_max_num_queries(1):
        assert text_of(second, first).endswith("Version 2 says the same as version 1: nobody’s part has changed.")
    assert "Agreed.\n\nThis is the first version." in text_of(first, None)
    role = matrix.roles.first().pk
    assert parts_for(second, first, [role])[role].startswith("Role 1\n\nNothing changed for you.")
