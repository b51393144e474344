"""Whom to ask, as pure answers from one grid."""

from dataclasses import replace

import pytest

from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level, Notation
from raci.screens.who import Place, answers, best
from raci.web.contacts import contact_url

SALES = Role(1, "Sales", contact="deals@tidewater.example", people=("Priya Raman",), members=(7,), answers=7)
MARKETING = Role(2, "Product Marketing", people=("Mei Tanaka",))
GRID = Grid(
    activities=(
        Activity(
            11, "Pricing", 5, description="With the deal desk", deliverer=2, people=(Named(2, "Ann Lee", "model"),)
        ),
        Activity(12, "Launch", 5, deliverer=2, notes="Not for everyone"),
    ),
    roles=(SALES, MARKETING),
    stages=(Stage(5, "Sell"),),
    cells={11: {1: Level.LEAD, 2: Level.SUPPORT}, 12: {2: Level.LEAD}},
)


def test_an_answer_says_who_leads_who_delivers_and_how_to_reach_them():
    (found,) = answers(GRID, "pricing", shows_people=True)
    assert (found.activity.name, found.stage, found.rank, found.place) == ("Pricing", "Sell", 0, None)
    assert (found.lead.role.name, found.lead.people, found.lead.contact) == (
        "Sales",
        ("Priya Raman",),
        "deals@tidewater.example",
    )
    assert (found.deliverer.role.name, found.deliverer.contact) == ("Product Marketing", "")
    assert [person.task for person in found.deliverer.named] == ["model"]
    assert found.chip.letter == "L"
    assert answers(GRID, "pricing", notation=Notation.RACI)[0].chip.letter == "A"


def test_who_is_named_on_the_activity_is_not_named_again_with_the_role():
    named = replace(GRID.activities[0], people=(Named(1, "priya raman", "deal desk"),))
    (found,) = answers(replace(GRID, activities=(named,)), "pricing", shows_people=True)
    assert (found.lead.people, [person.task for person in found.lead.named]) == ((), ["deal desk"])


def test_a_lead_that_does_the_work_itself_stands_there_once():
    (found,) = answers(GRID, "launch", notation=Notation.RACI)
    assert found.deliverer is None
    assert found.chip.letter == "A/R"


def test_visitors_are_told_no_name_and_no_contact_and_cannot_find_by_them():
    (found,) = answers(GRID, "pricing")
    for holder in (found.lead, found.deliverer):
        assert (holder.people, holder.named, holder.contact) == ((), (), "")
    for word in ("priya", "ann", "deals", "desk", "everyone"):
        assert answers(GRID, word) == []


def test_with_people_shown_they_are_found_but_what_is_the_teams_own_is_not():
    assert [one.activity.id for one in answers(GRID, "priya", shows_people=True)] == [11]
    for word in ("desk", "everyone"):
        assert answers(GRID, word, shows_people=True) == []
    (found,) = answers(GRID, "desk", shows_people=True, mails={})
    assert (found.activity.id, found.because) == (11, "With the deal desk")


def test_members_are_told_the_address_of_who_answers_for_a_role_without_a_contact():
    mails = {1: "priya@tidewater.example", 2: "mei@tidewater.example"}
    (found,) = answers(GRID, "pricing", shows_people=True, mails=mails)
    assert found.lead.contact == "deals@tidewater.example"
    assert found.deliverer.contact == "mei@tidewater.example"


def test_answers_of_several_grids_stand_best_first():
    near, far = Place("Near", "version 1", "/1"), Place("Far", "version 2", "/2")
    other = Grid((Activity(1, "Repricing"), Activity(2, "Pricing abroad")), (SALES,), (), {})
    found = best([*answers(other, "pricing", place=far), *answers(GRID, "pricing", place=near)])
    assert [(one.activity.name, one.place.matrix) for one in found] == [
        ("Pricing abroad", "Far"),
        ("Pricing", "Near"),
        ("Repricing", "Far"),
    ]


@pytest.mark.parametrize(
    ("contact", "url"),
    [
        ("deals@tidewater.example", "mailto:deals@tidewater.example"),
        ("a+b@tidewater.example", "mailto:a+b@tidewater.example"),
        ("https://wiki.tidewater.example/pricing?a=1", "https://wiki.tidewater.example/pricing?a=1"),
        ("http://wiki.tidewater.example/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://", ""),
        ("https:// evil", ""),
        ("#deal-desk", ""),
        ("a@b.example?bcc=c@d.example", ""),
        ("https://intranet.example@evil.example", ""),
        ("https://intranet.example:443@evil.example/a", ""),
        ("https://wiki.example/@mei", "https://wiki.example/@mei"),
        ("https://wiki.example/\u202egpj.exe", ""),
        ("https://wiki\u200b.example/", ""),
        ("mei@exam\u202eple.example", ""),
        ("a@b.example, c@d.example", ""),
        ("Room 4", ""),
        ("", ""),
    ],
)
def test_only_a_mail_address_or_an_https_page_is_a_link(contact, url):
    assert contact_url(contact) == url
