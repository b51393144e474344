"""A matrix beside a reference: what differs, what is taken, what is kept and why."""

import html
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from culture.references import reference_grid
from raci.grid.levels import Level
from raci.grid.plain import to_plain
from raci.matrices import departures, operations
from raci.matrices.models import Activity, Change, HouseReference, Matrix
from raci.matrices.operations import Sender, create_matrix, set_level
from raci.matrices.store import read_grid
from raci.matrices.structure import add_role
from raci.screens.asked import NOTATION_COOKIE
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}
GONE = "That difference is not there any more"


def url(name, matrix):
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def row(matrix, origin):
    return matrix.activities.get(origin=origin)


def column(matrix, origin):
    return matrix.roles.get(origin=origin)


def revision(matrix):
    return Matrix.objects.get(pk=matrix.pk).revision


def change(matrix, member, activity, role, level):
    """Sets a cell by the origins of its row and column; answers the key of the difference that makes."""
    one, other = row(matrix, activity), column(matrix, role)
    set_level(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=one.pk,
        role=other.pk,
        level=level,
        seen=revision(matrix),
    )
    return f"{one.pk}-{other.pk}"


def level_of(matrix, activity, role):
    found = row(matrix, activity).assignments.filter(role__origin=role).first()
    return found.level if found else None


def kept(matrix, activity):
    return row(matrix, activity).departures


def said(answer):
    """What a person reads, in one line."""
    body = answer.content.decode()
    return " ".join(html.unescape(strip_tags(body.partition("<main")[2] or body)).split())


def sent(matrix, key, **more):
    return {"with": "market", "difference": key, "seen": revision(matrix), **more}


@pytest.fixture
def one(matrix, owner) -> str:
    """Engineering supports the launch, where the market-led reference has it informed."""
    return change(matrix, owner, "product-launch", "engineering", Level.SUPPORT)


@pytest.fixture
def move(matrix, owner) -> str:
    """Sales leads the win/loss analysis instead of Product Marketing, which moved to Support."""
    change(matrix, owner, "win-loss-analysis", "sales", Level.LEAD)
    roles = sorted(column(matrix, name).pk for name in ("sales", "product-marketing"))
    return f"{row(matrix, 'win-loss-analysis').pk}-{roles[0]}-{roles[1]}"


@pytest.fixture
def client(sign_in, editor):
    return sign_in(editor)


def keep(matrix, member, key, reason="Our wins hang on it", until=None, seen=None):
    """Keeps a difference from the market-led reference, through the operation."""
    grid, reference = read_grid(matrix), reference_grid("market")
    activity, *roles = (int(part) for part in key.split("-"))
    origins = {role.id: role.origin for role in grid.roles}
    there = {role.origin: role.id for role in reference.roles}
    origin = next(each.origin for each in grid.activities if each.id == activity)
    partner = next(each.id for each in reference.activities if each.origin == origin)
    departures.keep(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=activity,
        ours={role: grid.level(activity, role) for role in roles},
        theirs={role: reference.level(partner, there[origins[role]]) for role in roles},
        against="market",
        reference="market-led",
        reason=reason,
        until=until,
        seen=revision(matrix) if seen is None else seen,
    )


def end(matrix, activity, until=date(2026, 9, 30)):
    """The end of what is kept on an activity passes, as it does by waiting."""
    found = row(matrix, activity)
    found.departures = {key: {**each, "until": until.isoformat()} for key, each in found.departures.items()}
    found.save()


# ---- What the page shows


def test_an_untouched_matrix_agrees_with_its_reference_and_says_so(matrix, client):
    page = said(client.get(url("compare", matrix)))
    assert "Compared with market-led All 72 cells agree." in page
    assert "72 of 72 cellsagree with market-led" in page
    assert "No difference" in page
    assert "This matrix follows it." in page
    assert "technology-led 40, sales-led 34 of 72" in page


def test_the_lede_counts_what_differs_what_is_kept_and_what_is_to_decide(matrix, owner, client, one, move):
    page = said(client.get(url("compare", matrix)))
    assert "You differ in 3 of 72 cells. 2 decisions are to be made. A difference is no mistake" in page
    keep(matrix, owner, move)
    page = said(client.get(url("compare", matrix)))
    assert "1 of 2 decisions is still to be made; 1 you keep for a reason." in page
    assert "There, another role leads 1 of 18 activities." in page
    keep(matrix, owner, one)
    assert "You keep all of it for a reason." in said(client.get(url("compare", matrix)))


def test_roles_are_scored_each_with_its_whole(matrix, client, one):
    page = said(client.get(url("compare", matrix)))
    assert "Engineering17 of 18" in page
    assert "Sales18 of 18" in page


def test_a_move_of_the_lead_is_one_block_with_both_cells_and_why_the_other_leads_there(matrix, client, move):
    body = client.get(url("compare", matrix)).content.decode()
    assert body.count('class="difference-unit"') == 1
    assert body.count('class="difference-cell"') == 2
    assert body.count("Use the reference") == body.count("Keep ours") == 1
    assert "Market-led: Product marketing has no quota riding on the answer" in body


def test_a_cell_and_a_move_in_one_activity_are_two_decisions_in_one_article(matrix, owner, client, move):
    change(matrix, owner, "win-loss-analysis", "engineering", Level.CONTRIBUTE)
    body = client.get(url("compare", matrix)).content.decode()
    assert (body.count("<article"), body.count('class="difference-unit"')) == (1, 2)


def test_roles_and_activities_without_a_partner_are_named_on_both_sides(matrix, owner, client):
    add_role(matrix=matrix.pk, sender=Sender(owner), values={"name": "Legal & <b>risk</b>"})
    row(matrix, "product-launch").delete()
    page = said(client.get(url("compare", matrix)))
    assert "Legal & <b>risk</b> is a role of your own, so the reference says nothing about it." in page
    assert "“Product Launch” is an activity of the reference and not in this matrix. Add from the catalogue" in page
    column(matrix, "sales").delete()
    page = said(client.get(url("compare", matrix)))
    assert "Sales is a role of the reference and not in this matrix." in page


def test_many_without_a_partner_are_counted_and_listed(editor, client, matrix):
    own = make_matrix(editor, *["L"] * 6, name="Own")
    page = said(client.get(url("compare", matrix), {"with": f"matrix-{own.pk}"}))
    assert "Nothing to compare" in page
    assert "18 activities are your own, so “Own” has nothing like them." in page
    assert "6 activities of “Own” are not in this matrix." in page
    assert "Add from the catalogue" not in page


def test_the_map_says_in_words_what_it_shows(matrix, client, one):
    body = client.get(url("compare", matrix)).content.decode()
    assert '<path class="f-differs"' in body
    assert "1 cell differs and is outlined: 1 of Engineering." in body


def test_it_can_be_laid_beside_the_other_cultures_house_references_and_matrices(matrix, owner, client):
    house = HouseReference.objects.create(
        workspace=owner.workspace, name="Agreed", grid=to_plain(reference_grid("sales"))
    )
    other = create_matrix(sender=Sender(owner), name="Payments", grid=reference_grid("technology"))
    page = client.get(url("compare", matrix)).content.decode()
    for key in ("technology", "sales", "market", f"house-{house.pk}", f"matrix-{other.pk}"):
        assert f"?with={key}" in page
    assert f"?with=matrix-{matrix.pk}" not in page
    shown = {
        key: said(client.get(url("compare", matrix), {"with": key}))
        for key in ("technology", f"house-{house.pk}", f"matrix-{other.pk}")
    }
    assert "40 of 72 cells" in shown["technology"]
    assert "Compared with Agreed" in shown[f"house-{house.pk}"]
    assert "34 of 72 cells" in shown[f"house-{house.pk}"]
    assert "the other matrix is a comparison, not a rule" in shown[f"matrix-{other.pk}"]
    assert "Use theirs" in shown[f"matrix-{other.pk}"]


def test_it_opens_with_what_the_matrix_follows(owner, client):
    grid = reference_grid("technology")
    technical = create_matrix(sender=Sender(owner), name="Technical", grid=grid)
    house = HouseReference.objects.create(workspace=owner.workspace, name="Agreed", grid=to_plain(grid))
    at_home = create_matrix(sender=Sender(owner), name="At home", grid=grid, house=house.pk)
    alone = make_matrix(owner, "LS")
    assert "Compared with technology-led" in said(client.get(url("compare", technical)))
    assert "Compared with Agreed" in said(client.get(url("compare", at_home)))
    assert "Compared with market-led" in said(client.get(url("compare", alone)))


def test_what_is_unknown_foreign_or_the_matrix_itself_is_not_there(matrix, foreign_matrix, stranger, client):
    house = HouseReference.objects.create(workspace=stranger.workspace, name="Theirs", grid={})
    for key in ("product", "house-999", f"house-{house.pk}", f"matrix-{foreign_matrix.pk}", f"matrix-{matrix.pk}"):
        assert client.get(url("compare", matrix), {"with": key}).status_code == 404


def test_a_viewer_sees_what_differs_and_why_without_a_button(matrix, owner, sign_in, viewer, one, move):
    keep(matrix, owner, move)
    answer = sign_in(viewer).get(url("compare", matrix), {"keep": one})
    page = answer.content.decode().partition("<main")[2]
    assert "Our wins hang on it" in page
    assert "Olive Owner, no end date." in page
    assert "<form" not in page
    assert "Keep ours" not in page


def test_an_archived_matrix_has_no_buttons_and_takes_nothing(matrix, owner, client, one):
    operations.archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    assert "<form" not in client.get(url("compare", matrix)).content.decode().partition("<main")[2]
    for name in ("difference_take", "difference_keep", "difference_let_go"):
        assert client.post(url(name, matrix), sent(matrix, one, reason="So")).status_code == 409
    assert client.get(url("difference_keep", matrix), {"with": "market", "difference": one}).status_code == 409


# ---- Taking the reference


def test_the_reference_is_taken_and_the_focus_goes_to_the_next(matrix, client, one, move):
    answer = client.post(url("difference_take", matrix), sent(matrix, move), headers=HTMX)
    body = answer.content.decode()
    assert level_of(matrix, "win-loss-analysis", "product-marketing") == "L"
    assert level_of(matrix, "win-loss-analysis", "sales") == "S"
    assert Change.objects.filter(matrix=matrix, kind="take").count() == 1
    assert re.search(rf'value="{one}:SI"[^>]* autofocus', body)
    assert 'id="compare"' in body
    assert "#toasts" in body
    assert "Undo" in body
    assert "You differ in 1 of 72 cells. 1 decision is to be made." in body
    assert "<html" not in body


def test_after_the_last_one_nothing_is_left_to_decide_and_the_focus_is_there(matrix, client, one):
    body = client.post(url("difference_take", matrix), sent(matrix, one), headers=HTMX).content.decode()
    assert "autofocus>No difference" in body


def test_without_htmx_it_goes_back_to_the_page_with_the_toast(matrix, client, one):
    answer = client.post(url("difference_take", matrix), sent(matrix, one), follow=True)
    assert answer.redirect_chain[-1][0] == f"{url('compare', matrix)}?with=market"
    assert f'action="{url("undo", matrix)}"' in answer.content.decode()
    assert f'name="next" value="{url("compare", matrix)}?with=market"' in answer.content.decode()


def test_of_a_matrix_its_levels_are_taken_as_they_are(matrix, owner, client, one):
    other = create_matrix(sender=Sender(owner), name="Payments", grid=reference_grid("market"))
    client.post(url("difference_take", matrix), sent(matrix, one, **{"with": f"matrix-{other.pk}"}))
    assert level_of(matrix, "product-launch", "engineering") == "I"


def test_a_role_of_our_own_that_leads_moves_to_support_and_the_page_says_so(matrix, owner, client):
    role = add_role(matrix=matrix.pk, sender=Sender(owner), values={"name": "Partners", "origin": "own"})
    assert role.change
    change(matrix, owner, "product-launch", "own", Level.LEAD)
    page = said(client.get(url("compare", matrix)))
    assert "Partners leads this here, and moves to Support if you use the reference." in page
    key = f"{row(matrix, 'product-launch').pk}-{column(matrix, 'product-marketing').pk}"
    client.post(url("difference_take", matrix), sent(matrix, key))
    assert level_of(matrix, "product-launch", "own") == "S"
    assert level_of(matrix, "product-launch", "product-marketing") == "L"


def test_where_the_reference_can_not_be_taken_the_button_is_off_and_says_why(matrix, owner, client, move):
    column(matrix, "product-marketing").delete()
    body = client.get(url("compare", matrix)).content.decode()
    key = f"{row(matrix, 'win-loss-analysis').pk}-{column(matrix, 'sales').pk}"
    assert re.search(rf'value="{key}:LS" disabled aria-describedby="no-{key}"', body)
    assert "In the reference Product Marketing answers for this, and Product Marketing is no role here." in body
    refused = client.post(url("difference_take", matrix), sent(matrix, key))
    assert refused.status_code == 422
    assert "Add that role first." in refused.content.decode()


# ---- Who was faster


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_difference_that_is_gone_is_a_conflict(matrix, client, one, owner, headers):
    body = sent(matrix, one, reason="So")
    change(matrix, owner, "product-launch", "engineering", Level.INFORMED)
    for name in ("difference_take", "difference_keep", "difference_let_go"):
        answer = client.post(url(name, matrix), body, headers=headers)
        assert answer.status_code == 409
        assert GONE in said(answer)
        assert ('id="compare"' in answer.content.decode()) is bool(headers)
    assert client.get(url("difference_keep", matrix), {"with": "market", "difference": one}).status_code == 409


@pytest.mark.parametrize("name", ["difference_take", "difference_keep"])
def test_levels_other_than_those_shown_are_a_conflict(matrix, client, owner, one, name):
    body = sent(matrix, f"{one}:SI", reason="So")
    change(matrix, owner, "product-launch", "engineering", Level.CONTRIBUTE)
    answer = client.post(url(name, matrix), body, headers=HTMX)
    assert answer.status_code == 409
    assert "That has changed since you looked." in answer.content.decode()
    assert f'value="{one}:CI"' in answer.content.decode()
    assert (level_of(matrix, "product-launch", "engineering"), kept(matrix, "product-launch")) == ("C", {})


def test_a_cell_that_somebody_changed_meanwhile_is_a_conflict_in_the_words_of_the_reader(matrix, client, owner, one):
    body = sent(matrix, one)
    change(matrix, owner, "product-launch", "engineering", Level.CONTRIBUTE)
    client.cookies[NOTATION_COOKIE] = "raci"
    answer = client.post(url("difference_take", matrix), body, headers=HTMX)
    assert answer.status_code == 409
    assert "Engineering is Consulted now" in said(answer)


def test_the_same_submission_twice_is_done_once(matrix, client, one):
    body = {**sent(matrix, one), "key": "a-key-of-ours-1"}
    answers = [client.post(url("difference_take", matrix), body, headers=HTMX) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Change.objects.filter(matrix=matrix, kind="take").count() == 1


# ---- Keeping ours


def test_ours_is_kept_with_a_reason_and_an_end(matrix, client, one, editor):
    until = timezone.localdate() + timedelta(days=30)
    answer = client.post(
        url("difference_keep", matrix), sent(matrix, f"{one}:SI", reason=" On call <b> ", until=until.isoformat())
    )
    assert answer.status_code == 302
    (found,) = kept(matrix, "product-launch").values()
    assert found == {
        "ours": "S",
        "theirs": "I",
        "reason": "On call <b>",
        "until": until.isoformat(),
        "by": editor.user.pk,
    }
    page = said(client.get(url("compare", matrix)))
    assert "Kept for a reason 1" in page
    assert "On call <b> Eddie Editor, until" in page
    assert "Nothing left to decide" in page


def test_both_cells_of_a_move_are_kept_together(matrix, client, move):
    client.post(url("difference_keep", matrix), sent(matrix, move, reason="Three long deals"))
    assert len(kept(matrix, "win-loss-analysis")) == 2
    page = client.get(url("compare", matrix)).content.decode().partition("<main")[2]
    assert page.count("Three long deals") == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_reason_is_needed_and_what_was_typed_stays(matrix, client, one, headers):
    for reason, sentence in [("", "one sentence is enough"), ("x" * 501, "Shorten it."), ("  ", "sentence is enough")]:
        answer = client.post(
            url("difference_keep", matrix), sent(matrix, one, reason=reason, until="2031-01-31"), headers=headers
        )
        body = answer.content.decode()
        assert answer.status_code == 422
        assert sentence in body
        assert 'value="2031-01-31"' in body
        assert reason.strip() in body
    assert kept(matrix, "product-launch") == {}
    assert client.post(url("difference_keep", matrix), sent(matrix, one, reason="x" * 500)).status_code == 302


def test_an_end_today_is_one_and_one_that_has_passed_is_refused(matrix, client, one):
    today = timezone.localdate()
    past = sent(matrix, one, reason="So it is", until=(today - timedelta(days=1)).isoformat())
    answer = client.post(url("difference_keep", matrix), past)
    assert answer.status_code == 422
    assert "That day has passed." in answer.content.decode()
    assert "So it is" in answer.content.decode()
    assert client.post(url("difference_keep", matrix), {**past, "until": "31.12.2031"}).status_code == 422
    assert kept(matrix, "product-launch") == {}
    assert client.post(url("difference_keep", matrix), {**past, "until": today.isoformat()}).status_code == 302


def test_the_question_opens_in_place_and_as_a_page(matrix, client, one):
    asked = {"with": "market", "difference": one}
    part = client.get(url("difference_keep", matrix), asked, headers=HTMX).content.decode()
    assert part.strip().startswith("<li")
    assert "Why do you keep yours?" in part
    for address, query in [("difference_keep", asked), ("compare", {"keep": one})]:
        page = client.get(url(address, matrix), query).content.decode()
        assert "<html" in page
        assert "Why do you keep yours?" in page
    closed = client.get(url("compare", matrix), {"with": "market", "at": one}, headers=HTMX).content.decode()
    assert closed.strip().startswith("<li")
    assert "Why do you keep yours?" not in closed


def test_what_is_kept_is_changed_and_keeps_the_focus(matrix, client, owner, one):
    keep(matrix, owner, one, "Before", date(2031, 1, 31))
    part = client.get(url("difference_keep", matrix), {"difference": one}, headers=HTMX).content.decode()
    assert "Before</textarea>" in part
    assert 'value="2031-01-31"' in part
    body = client.post(url("difference_keep", matrix), sent(matrix, one, reason="After"), headers=HTMX).content.decode()
    assert "After" in body
    assert re.search(r"autofocus>Change<", body)
    (found,) = kept(matrix, "product-launch").values()
    assert (found["reason"], found["until"]) == ("After", None)


def test_what_has_ended_comes_first_and_is_renewed_without_the_old_end(matrix, client, owner, one, move):
    keep(matrix, owner, one, "No deal desk yet", timezone.localdate())
    end(matrix, "product-launch")
    page = said(client.get(url("compare", matrix)))
    assert "1 of them because the end you set has passed" in page
    assert page.index("Ended on 30 Sep 2026: No deal desk yet Olive Owner.") < page.index("Win/Loss Analysis")
    part = client.get(url("difference_keep", matrix), {"difference": one}, headers=HTMX).content.decode()
    assert "No deal desk yet</textarea>" in part
    assert "2026-09-30" not in part
    client.post(url("difference_keep", matrix), sent(matrix, one, reason="Still none"))
    assert "Ended on" not in said(client.get(url("compare", matrix)))


def test_what_is_kept_until_today_has_not_ended(matrix, client, owner, one):
    keep(matrix, owner, one, until=timezone.localdate())
    assert "To decide" not in said(client.get(url("compare", matrix)))


def test_it_is_decided_again(matrix, client, owner, one, move):
    keep(matrix, owner, one)
    keep(matrix, owner, move)
    body = client.post(url("difference_let_go", matrix), sent(matrix, move), headers=HTMX).content.decode()
    assert kept(matrix, "win-loss-analysis") == {}
    assert kept(matrix, "product-launch")
    assert re.search(r"autofocus>Change<[^>]*> the reason for Product Launch", body)


def test_what_no_longer_differs_is_let_go(matrix, client, owner, one):
    other = create_matrix(sender=Sender(owner), name="Payments", grid=reference_grid("market"))
    against = f"matrix-{other.pk}"
    client.post(url("difference_keep", matrix), sent(matrix, one, reason="On call", **{"with": against}))
    change(other, owner, "product-launch", "engineering", Level.SUPPORT)
    page = said(client.get(url("compare", matrix), {"with": against}))
    assert "No longer different 1" in page
    assert "The reason was: On call" in page
    body = sent(matrix, one, reason="x", **{"with": against})
    for name in ("difference_take", "difference_keep"):
        assert client.post(url(name, matrix), body).status_code == 409
    assert client.post(url("difference_let_go", matrix), body).status_code == 302
    assert kept(matrix, "product-launch") == {}


def test_whose_account_is_gone_is_somebody(matrix, client, owner, one):
    keep(matrix, owner, one)
    found = row(matrix, "product-launch")
    found.departures = {key: {**each, "by": 999_999} for key, each in found.departures.items()}
    found.save()
    assert "Somebody, no end date." in said(client.get(url("compare", matrix)))


# ---- Large comparisons


@pytest.fixture
def wide(editor):
    """Two matrices of 30 activities and 12 roles that differ in every cell but for the Lead."""
    first = make_matrix(editor, *["L" + "S" * 11] * 30, name="One")
    return first, make_matrix(editor, *["L" + "C" * 11] * 30, name="Other")


def test_a_page_holds_a_hundred_decisions_and_leads_to_the_next(wide, client):
    first, other = wide
    page = client.get(url("compare", first), {"with": f"matrix-{other.pk}"}).content.decode()
    assert page.count('class="difference-unit"') == 99
    assert "21 more activities with differences" in page
    assert f"?with=matrix-{other.pk}&amp;start=9" in page
    second = client.get(url("compare", first), {"with": f"matrix-{other.pk}", "start": 9}).content.decode()
    assert second.count('class="difference-unit"') == 99
    assert "Activity 10<" in second
    assert "Back to those before" in second
    last = client.get(url("compare", first), {"with": f"matrix-{other.pk}", "start": 999}).content.decode()
    assert "Activity 30<" in last
    assert "more activit" not in last
    assert client.get(url("compare", first), {"start": "x"}).status_code == 400


def test_a_decision_on_a_later_page_stays_there(wide, client):
    first, other = wide
    role, activity = first.roles.last(), first.activities.all()[9]
    body = {**sent(first, f"{activity.pk}-{role.pk}"), "with": f"matrix-{other.pk}", "start": "9"}
    answer = client.post(url("difference_take", first), body, headers=HTMX).content.decode()
    assert "Activity 10<" in answer
    assert "Activity 9<" not in answer


def test_where_the_next_is_on_another_page_the_list_itself_has_the_focus(wide, client):
    first, other = wide
    role, activity = first.roles.last(), first.activities.all()[8]
    body = {**sent(first, f"{activity.pk}-{role.pk}"), "with": f"matrix-{other.pk}"}
    answer = client.post(url("difference_take", first), body, headers=HTMX).content.decode()
    assert re.search(r'id="differences"[^>]* autofocus>', answer)


@pytest.mark.parametrize("key", ["market", "house", "matrix"])
def test_few_queries_with_sixty_departures(matrix, owner, editor, client, key):
    grid = reference_grid("technology")
    house = HouseReference.objects.create(workspace=owner.workspace, name="Agreed", grid=to_plain(grid))
    other = create_matrix(sender=Sender(owner), name="Payments", grid=grid)
    against = {"market": "market", "house": f"house-{house.pk}", "matrix": f"matrix-{other.pk}"}[key]
    roles = list(matrix.roles.values_list("pk", flat=True))
    for place, activity in enumerate(Activity.objects.filter(matrix=matrix)):
        by = (owner, editor)[place % 2].user.pk
        activity.departures = {
            f"{role}:{against}": {"theirs": None, "reason": "So", "until": None, "by": by} for role in roles
        }
        activity.save()
    address = f"{url('compare', matrix)}?with={against}"
    client.get(address)  # what is laid beside it is read once, until it changes
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    assert len(asked) <= 12


# ---- Who may


WRITES = ("difference_take", "difference_keep", "difference_let_go")


@pytest.mark.parametrize("name", WRITES)
def test_only_editors_decide(matrix, sign_in, viewer, reviewer, stranger, one, name):
    before = Change.objects.count()
    answers = [sign_in(m).post(url(name, matrix), sent(matrix, one, reason="So")) for m in (viewer, reviewer, stranger)]
    assert [answer.status_code for answer in answers] == [403, 403, 404]
    assert Change.objects.count() == before


def test_a_stranger_gets_the_answer_of_a_page_that_does_not_exist(matrix, sign_in, stranger):
    client = sign_in(stranger)
    none = client.get(reverse("compare", args=[matrix.workspace_id + 1000, matrix.pk]))
    theirs = client.get(url("compare", matrix))
    assert (theirs.status_code, theirs.content) == (404, none.content)


def test_the_tab_stands_beside_that_of_the_matrix(matrix, client):
    body = client.get(url("compare", matrix)).content.decode()
    assert re.search(r">Matrix</a>\s*<a [^>]*aria-current=\"page\">Compare</a>", body)


# ---- What was kept and says nothing any more


def lapse(matrix, activity):
    """The level that was departed from is another now, as when the reference itself changes."""
    found = row(matrix, activity)
    found.departures = {key: {**each, "theirs": "L"} for key, each in found.departures.items()}
    found.save()


def test_what_was_kept_from_another_level_is_open_with_its_reason_and_is_let_go(matrix, client, owner, one):
    keep(matrix, owner, one, reason="An engineer is on call")
    lapse(matrix, "product-launch")
    page = said(client.get(url("compare", matrix)))
    assert "To decide 1" in page
    assert "Was kept when market-led had Lead: An engineer is on call Let go of the reason for Product Launch" in page
    answer = client.post(url("difference_let_go", matrix), sent(matrix, f"{one}:SI"), headers=HTMX)
    assert "Was kept when" not in said(answer)
    assert "To decide 1" in said(answer)
    assert kept(matrix, "product-launch") == {}


def test_what_was_kept_from_another_level_is_kept_again_with_the_same_reason(matrix, client, owner, one):
    keep(matrix, owner, one, reason="An engineer is on call", until=date(2099, 1, 31))
    lapse(matrix, "product-launch")
    form = client.get(url("difference_keep", matrix), {"with": "market", "difference": one}, headers=HTMX)
    assert ">\nAn engineer is on call</textarea>" in form.content.decode()
    assert 'value="2099-01-31"' in form.content.decode()
    client.post(url("difference_keep", matrix), sent(matrix, f"{one}:SI", reason="An engineer is on call"))
    assert [each["theirs"] for each in kept(matrix, "product-launch").values()] == ["I"]


def test_a_viewer_reads_why_it_was_kept_without_a_button(matrix, sign_in, viewer, owner, one):
    keep(matrix, owner, one, reason="An engineer is on call")
    lapse(matrix, "product-launch")
    page = said(sign_in(viewer).get(url("compare", matrix)))
    assert "Was kept when market-led had Lead: An engineer is on call" in page
    assert "Let go" not in page


# ---- What is typed meanwhile


def typed(*keys, reason="Half a sen"):
    return {"open": [*keys], "reason": [reason] * len(keys), "until": ["2099-01-31"] * len(keys)}


@pytest.mark.parametrize("name", ["difference_take", "difference_let_go"])
def test_forms_that_stand_open_stay_with_what_is_typed(matrix, client, owner, one, move, name):
    keep(matrix, owner, move)
    client.post(url("difference_let_go", matrix), sent(matrix, move)) if name == "difference_take" else None
    answer = client.post(url(name, matrix), {**sent(matrix, move), **typed(one)}, headers=HTMX)
    assert answer.status_code == 200
    body = answer.content.decode()
    assert f'id="keep-{one}-reason"' in body
    assert ">\nHalf a sen</textarea>" in body
    assert 'value="2099-01-31"' in body


def test_of_two_open_forms_the_one_that_is_sent_closes_and_the_other_stays(matrix, client, one, move):
    both = {"open": [one, move], "reason": ["On call", "Half a sen"], "until": ["", ""]}
    answer = client.post(url("difference_keep", matrix), {**sent(matrix, f"{one}:SI"), **both}, headers=HTMX)
    assert [each["reason"] for each in kept(matrix, "product-launch").values()] == ["On call"]
    assert kept(matrix, "win-loss-analysis") == {}
    body = answer.content.decode()
    assert ">\nHalf a sen</textarea>" in body
    assert f'id="keep-{one}-reason"' not in body


def test_of_two_open_forms_neither_is_lost_when_one_is_refused(matrix, client, one, move):
    both = {"open": [one, move], "reason": ["", "Half a sen"], "until": ["2020-01-01", ""]}
    answer = client.post(url("difference_keep", matrix), {**sent(matrix, one), **both}, headers=HTMX)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert "one sentence is enough" in body
    assert ">\nHalf a sen</textarea>" in body
    assert f'id="keep-{one}-reason"' in body


def test_a_conflict_leaves_the_form_open_with_what_was_typed(matrix, client, one):
    data = {**sent(matrix, f"{one}:CI"), **typed(one)}
    answer = client.post(url("difference_keep", matrix), data, headers=HTMX)
    assert answer.status_code == 409
    assert ">\nHalf a sen</textarea>" in answer.content.decode()


# ---- Back and forth


def test_what_was_decided_is_taken_back_and_done_again_in_place(matrix, client, one, move):
    client.post(url("difference_take", matrix), sent(matrix, one), headers=HTMX)
    page = {"from": "compare", "with": "market", **typed(move)}
    back = client.post(url("undo", matrix), page, headers=HTMX)
    assert level_of(matrix, "product-launch", "engineering") == "S"
    assert "You differ in 3 of 72 cells." in back.content.decode()
    assert re.search(f'value="{one}:SI" autofocus', back.content.decode())
    assert ">\nHalf a sen</textarea>" in back.content.decode()
    again = client.post(url("redo", matrix), page, headers=HTMX)
    assert level_of(matrix, "product-launch", "engineering") == "I"
    assert "You differ in 2 of 72 cells." in again.content.decode()


def test_without_htmx_it_is_taken_back_on_the_page_that_asked(matrix, client, one):
    client.post(url("difference_take", matrix), sent(matrix, one))
    page = f"{url('compare', matrix)}?with=market"
    answer = client.post(url("undo", matrix), {"from": "compare", "next": page})
    assert (answer.status_code, answer.url) == (302, page)


# ---- The letters


def test_in_raci_a_lead_has_the_letters_of_the_grid_on_both_sides(matrix, client, owner, move):
    client.cookies[NOTATION_COOKIE] = "raci"
    page = said(client.get(url("compare", matrix)))
    assert "Sales Ours: A/R Accountable" in page
    assert "Market-led: A/R Accountable" in page
    found = row(matrix, "win-loss-analysis")
    found.deliverer = column(matrix, "engineering")
    found.save()
    page = said(client.get(url("compare", matrix)))
    assert "Sales Ours: A Accountable" in page
    assert "Market-led: A/R Accountable" in page
