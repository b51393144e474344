"""What if we followed another reference: the look ahead, and the step as one change that can be undone."""

import re
from html import unescape
from itertools import permutations

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from culture.references import reference_grid
from raci.grid.checks import findings
from raci.grid.levels import Level
from raci.matrices.departures import keep
from raci.matrices.house import put_away, save_reference
from raci.matrices.models import Activity, Change, Matrix, Role
from raci.matrices.operations import Sender, archive, create_matrix, set_aside, set_level
from raci.matrices.store import read_grid
from raci.screens import what_if as looking
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, revision
from tests.screens.test_notation import of_lead_support

CULTURES = ("technology", "sales", "market")
KEY = "11111111-2222-3333-4444-555555555555"
HTMX = {"HX-Request": "true"}


def url(name, matrix):
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def made_from(member, culture, name="Made"):
    return create_matrix(sender=Sender(member), name=name, grid=reference_grid(culture))


def page(client, matrix, to):
    return client.get(url("what_if", matrix), {"to": to})


def keys(answer):
    """What can be chosen on a page."""
    return re.findall(r'name="move" value="([0-9-]+)"', answer.text)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))


def take(client, matrix, to, moves, *, seen=None, **more):
    sent = {"to": to, "move": moves, "seen": revision(matrix) if seen is None else seen, **more}
    return client.post(url("what_if_take", matrix), sent)


def set_cell(member, matrix, row, role, level):
    """Row and role by their places, from 0."""
    cell = {"activity": matrix.activities.all()[row].pk, "role": matrix.roles.all()[role].pk, "level": level}
    return set_level(matrix=matrix.pk, sender=Sender(member), seen=revision(matrix), **cell)


# ---- The references alone


@pytest.mark.parametrize(
    ("old", "new", "leads", "cells"),
    [("technology", "sales", 11, 35), ("sales", "market", 10, 38), ("technology", "market", 9, 32)],
)
def test_the_leads_that_change_hands_are_counted_with_their_whole(sign_in, viewer, old, new, leads, cells):
    answer = sign_in(viewer).get(reverse("reference_what_if", args=[viewer.workspace_id]), {"from": old, "to": new})
    assert f"{leads} of 18 activities change their Lead. 6 of 18 keep it in all three references." in words(answer)
    assert answer.text.count('class="hand-over"') == leads
    assert answer.text.count('class="cell-step"') == cells


def test_each_hand_over_says_why_the_new_lead_leads(sign_in, viewer):
    answer = sign_in(viewer).get(reverse("reference_what_if", args=[viewer.workspace_id]))
    assert answer.context["old"].key == "sales"
    assert answer.context["new"].key == "market"
    moved = [row.lead for row in answer.context["page"].rows if row.lead]
    assert moved
    assert all(step.why and step.why in unescape(answer.text) for step in moved)
    assert all(step.leads[0] and step.leads[1] and step.leads[0] != step.leads[1] for step in moved)


def test_the_leads_of_each_role_stand_before_and_after(sign_in, viewer):
    answer = sign_in(viewer).get(
        reverse("reference_what_if", args=[viewer.workspace_id]), {"from": "technology", "to": "market"}
    )
    loads = answer.context["page"].loads
    assert sum(load.counts[0].before for load in loads) == sum(load.counts[0].after for load in loads) == 18


def test_the_same_reference_twice_changes_nothing_and_an_unknown_one_is_none(sign_in, viewer):
    client, path = sign_in(viewer), reverse("reference_what_if", args=[viewer.workspace_id])
    assert "Choose two different ones" in client.get(path, {"from": "sales", "to": "sales"}).text
    assert client.get(path, {"to": "astrology"}).status_code == 404
    assert client.post(path).status_code == 405


def test_the_references_lead_there(sign_in, viewer):
    page = sign_in(viewer).get(reverse("references", args=[viewer.workspace_id])).text
    assert reverse("reference_what_if", args=[viewer.workspace_id]) in page


# ---- A matrix


@pytest.mark.parametrize(("old", "new"), list(permutations(CULTURES, 2)))
def test_an_untouched_matrix_becomes_the_other_reference_cell_by_cell_and_undo_restores_it(sign_in, owner, old, new):
    matrix, client = made_from(owner, old), sign_in(owner)
    before = letters(matrix)
    answer = take(client, matrix, new, keys(page(client, matrix, new)))
    assert answer.headers["Location"] == url("matrix", matrix)
    wanted = reference_grid(new)
    assert [read_grid(matrix).row(row.id) for row in read_grid(matrix).activities] == [
        wanted.row(row.id) for row in wanted.activities
    ]
    assert Matrix.objects.get(pk=matrix.pk).culture_id == new
    assert Change.objects.filter(matrix=matrix).count() == 2
    client.post(url("undo", matrix))
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == old
    client.post(url("redo", matrix))
    assert Matrix.objects.get(pk=matrix.pk).culture_id == new
    invariants.check()


def test_the_toast_offers_to_undo_it(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    take(client, matrix, "market", keys(page(client, matrix, "market")))
    shown = client.get(url("matrix", matrix)).text
    assert "The matrix follows the market-led reference now" in shown
    assert f'action="{url("undo", matrix)}"' in shown


def test_only_what_is_chosen_moves(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    before, offered = letters(matrix), keys(page(client, matrix, "market"))
    take(client, matrix, "market", offered[:1])
    after = letters(matrix)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"


def test_with_nothing_chosen_it_follows_the_new_reference_and_its_levels_stay(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    before = letters(matrix)
    take(client, matrix, "market", [])
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"
    assert revision(matrix) == 2


def test_an_own_edit_stays_and_is_said(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    grid, target = read_grid(matrix), reference_grid("market")
    row, column = _cell_that_moves(grid, target)
    set_cell(owner, matrix, row, column, Level.INFORMED if _other(grid, target, row, column) else None)
    answer = page(client, matrix, "market")
    name = grid.activities[row].name
    assert "Your own choice: Sales-led has another level there already." in words(answer)
    assert [stay.activity.name for stay in answer.context["page"].stays] == [name]
    kept = letters(matrix)[row][column]
    take(client, matrix, "market", keys(answer))
    assert letters(matrix)[row][column] == kept


def test_a_departure_stays_with_its_reason_whatever_it_was_against(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    grid = read_grid(matrix)
    row, column = _cell_that_moves(grid, reference_grid("market"))
    activity, role = grid.activities[row], grid.roles[column]
    offered = keys(page(client, matrix, "market"))
    keep(
        matrix=matrix.pk,
        sender=Sender(owner),
        activity=activity.id,
        ours={role.id: grid.level(activity.id, role.id)},
        theirs={role.id: None},
        against="technology",
        reference="technology-led",
        reason="Two of us know how.",
        until=None,
        seen=1,
    )
    answer = page(client, matrix, "market")
    assert "Kept Two of us know how." in words(answer)
    assert set(offered) - set(keys(answer)) == {f"{activity.id}-{role.id}"}
    before = letters(matrix)[row][column]
    take(client, matrix, "market", keys(answer))
    assert letters(matrix)[row][column] == before
    assert len(read_grid(matrix).activities[row].departures) == 1


def test_after_a_conflict_what_was_chosen_and_is_still_there_stands_ticked(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    offered = keys(page(client, matrix, "market"))
    answer = take(client, matrix, "market", [offered[0], "1-2"])
    assert answer.status_code == 409
    assert re.findall(r'name="move" value="([0-9-]+)" form="follow" checked', answer.text) == offered[:1]
    assert keys(answer) == offered


def test_where_nothing_would_move_the_button_says_so(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    house = save_reference(by=owner, matrix=matrix, name="The same")
    shown = page(client, matrix, f"house-{house.pk}").text
    assert "No cell would move." in shown
    assert "Follow it, and keep every level" in shown
    assert "With nothing chosen" not in shown


def _cell_that_moves(grid, target, after=0):
    """A cell without a Lead on either side that differs: its places."""
    for at, (a, b) in list(enumerate(zip(grid.activities, target.activities, strict=True)))[after:]:
        for column, levels in enumerate(zip(grid.row(a.id), target.row(b.id), strict=True)):
            if levels[0] != levels[1] and Level.LEAD not in levels:
                return at, column
    raise AssertionError


def _other(grid, target, row, column):
    """Whether Informed is neither here nor there."""
    levels = (grid.row(grid.activities[row].id)[column], target.row(target.activities[row].id)[column])
    return Level.INFORMED not in levels


def test_the_page_names_what_comes_and_goes_among_the_checks(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    found = page(client, matrix, "market").context["checks"]
    assert "R13" in {line.rule.id for line in found.closed.notes}
    assert "R13" not in {line.rule.id for line in found.opened.notes}
    said = [{line.finding.key for line in (*part.grave, *part.notes)} for part in (found.closed, found.opened)]
    assert not said[0] & said[1]
    back = made_from(owner, "market", "Back")
    assert "R13" in {line.rule.id for line in page(client, back, "sales").context["checks"].opened.notes}
    assert "What the checks would say" in page(client, back, "sales").text


def test_a_check_that_is_off_or_set_aside_is_not_said(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    first = page(client, matrix, "market").context["checks"].closed.notes
    set_aside(matrix=matrix.pk, sender=Sender(owner), finding=first[0].finding.key, reason="Agreed so")
    assert len(page(client, matrix, "market").context["checks"].closed.notes) == len(first) - 1


def test_a_page_shown_before_somebodys_edit_is_not_taken(sign_in, owner, editor):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    offered, seen = keys(page(client, matrix, "market")), revision(matrix)
    row, column = _cell_that_moves(read_grid(matrix), reference_grid("market"))
    set_cell(editor, matrix, row, column, Level.LEAD)
    before = letters(matrix)
    answer = take(client, matrix, "market", offered, seen=seen)
    assert answer.status_code == 409
    assert "Nothing was changed; this is what would move now." in words(answer)
    assert f'name="seen" value="{revision(matrix)}"' in answer.text
    assert set(keys(answer)) < set(offered)
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "sales"


def test_a_key_that_was_never_offered_is_refused(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    for key in ("1-2", "x", "9" * 40):
        assert take(client, matrix, "market", [key]).status_code == 409
    assert revision(matrix) == 1


def test_a_reference_chosen_by_somebody_else_meanwhile_is_a_conflict(sign_in, owner, editor):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    take(sign_in(editor), matrix, "technology", [])
    answer = take(client, matrix, "market", [], seen=1)
    assert answer.status_code == 409
    assert "Somebody chose another reference" in words(answer)
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "technology"


def test_a_double_submission_is_one_change(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    offered = keys(page(client, matrix, "market"))
    answers = [take(client, matrix, "market", offered, seen=1, key=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Change.objects.filter(matrix=matrix).count() == 2


def test_a_matrix_that_follows_nothing_can_begin_to(sign_in, owner):
    matrix, client = make_matrix(owner, "LS", "SL"), sign_in(owner)
    answer = page(client, matrix, "market")
    assert "It follows no reference" in answer.text
    take(client, matrix, "market", [])
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"
    assert letters(matrix) == ["LS", "SL"]
    client.post(url("undo", matrix))
    assert Matrix.objects.get(pk=matrix.pk).culture_id is None


def test_what_it_follows_already_is_said(sign_in, owner, matrix):
    client = sign_in(owner)
    assert "follows market-led already" in words(page(client, matrix, "market")).replace("It ", "")
    assert "what_if_take" not in page(client, matrix, "market").text
    take(client, matrix, "market", [])
    assert revision(matrix) == 1


def test_the_first_reference_it_does_not_follow_is_shown_unless_one_is_asked_for(sign_in, owner, matrix):
    assert sign_in(owner).get(url("what_if", matrix)).context["new"].key != "market"


def test_an_archived_matrix_and_a_viewer_get_no_form(sign_in, owner, viewer, matrix):
    path = url("what_if_take", matrix)
    assert path in page(sign_in(owner), matrix, "sales").text
    shown = page(sign_in(viewer), matrix, "sales").text
    assert path not in shown
    assert 'name="move"' not in shown
    assert take(sign_in(viewer), matrix, "sales", []).status_code == 403
    archive(matrix=matrix.pk, sender=Sender(owner), archived=True)
    shown = page(sign_in(owner), matrix, "sales").text
    assert path not in shown
    assert 'name="move"' not in shown
    assert take(sign_in(owner), matrix, "sales", []).status_code == 409


def test_the_comparison_leads_there_unless_the_matrix_follows_what_it_is_compared_with(sign_in, viewer, owner, matrix):
    house = save_reference(by=owner, matrix=matrix, name="House 2026")
    client, compared = sign_in(viewer), url("compare", matrix)

    def offered(key):
        return f'href="{url("what_if", matrix)}?to={key}"' in client.get(compared, {"with": key}).text

    assert [offered(key) for key in ("market", "sales", f"house-{house.pk}")] == [False, True, True]
    Matrix.objects.filter(pk=matrix.pk).update(house=house)
    assert [offered(key) for key in ("market", "sales", f"house-{house.pk}")] == [True, True, False]


# ---- House references


def test_a_matrix_can_follow_a_house_reference_and_go_back(sign_in, owner):
    ours = made_from(owner, "sales", "Ours")
    set_cell(owner, ours, 0, 3, Level.LEAD)
    house = save_reference(by=owner, matrix=ours, name="House 2026")
    matrix, client = made_from(owner, "market"), sign_in(owner)
    answer = page(client, matrix, f"house-{house.pk}")
    assert "What if we followed House 2026 ?" in words(answer)
    take(client, matrix, f"house-{house.pk}", keys(answer))
    row = Matrix.objects.get(pk=matrix.pk)
    assert (row.house_id, row.culture_id) == (house.pk, "sales")
    assert letters(matrix) == letters(ours)
    assert "“House 2026”" in words(client.get(url("matrix", matrix)))
    client.post(url("undo", matrix))
    row.refresh_from_db()
    assert (row.house_id, row.culture_id) == (None, "market")
    take(client, matrix, f"house-{house.pk}", [])
    take(client, matrix, "market", [])
    row.refresh_from_db()
    assert (row.house_id, row.culture_id) == (None, "market")
    invariants.check()


def test_a_foreign_house_reference_is_answered_like_none(sign_in, owner, matrix, stranger, foreign_matrix):
    foreign = save_reference(by=stranger, matrix=foreign_matrix, name="Bolt's own")
    client = sign_in(owner)
    answers = [page(client, matrix, key) for key in (f"house-{foreign.pk}", "house-999999", "matrix-1", "x")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    for key in (f"house-{foreign.pk}", "house-999999", f"matrix-{matrix.pk}", ""):
        assert take(client, matrix, key, []).status_code == 404
    assert revision(matrix) == 1
    assert "Bolt" not in page(client, matrix, "sales").text


def test_one_that_is_put_away_is_no_longer_offered_but_still_followed(sign_in, owner, matrix):
    house = save_reference(by=owner, matrix=matrix, name="House 2026")
    client = sign_in(owner)
    take(client, matrix, f"house-{house.pk}", [])
    put_away(by=owner, house=house.pk)
    other = made_from(owner, "sales")
    assert page(client, other, f"house-{house.pk}").status_code == 404
    shown = page(client, matrix, "sales")
    assert shown.status_code == 200
    assert keys(shown)


def test_roles_and_rows_without_a_counterpart_are_named(sign_in, owner, matrix):
    Role.objects.filter(matrix=matrix, name="Sales").update(name="Field", origin="")
    answer = page(sign_in(owner), matrix, "sales")
    assert "Roles the new reference does not have, which stay as they are: Field" in words(answer)
    assert "Roles of the new reference that are not here: Sales" in words(answer)


def test_a_reader_of_raci_reads_raci(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    set_cell(owner, matrix, 0, 0, None)
    client.cookies["notation"] = "raci"
    for answer in (
        page(client, matrix, "market"),
        client.get(reverse("reference_what_if", args=[owner.workspace_id])),
        take(client, matrix, "market", ["1-2"]),
    ):
        assert of_lead_support(_but_for_reasons(answer)) == []
        assert "change their accountable role" in words(answer)


def _but_for_reasons(answer):
    """The page without the lines why a role leads in a culture, which are the catalogue's own words."""
    return re.sub(r'<small class="quiet">.*?</small>|<p class="list-note">.*?</p>', "", answer.text)


# ---- Bounds


def test_of_what_all_moves_together_the_first_alone_is_listed(sign_in, owner, monkeypatch):
    monkeypatch.setattr(looking, "MOST_CHOSEN", 5)
    monkeypatch.setattr(looking, "MOST_LISTED", 4)
    answer = page(sign_in(owner), made_from(owner, "sales"), "market")
    shown = answer.context["page"]
    listed = sum(len(row.steps) for row in shown.rows)
    assert 0 < listed <= 4
    assert answer.text.count('class="cell-steps"') == listed
    left_out = len({move.activity for move in shown.step.moves}) - len(shown.rows)
    assert f"{left_out} of {left_out + len(shown.rows)} activities are not listed here." in words(answer)
    assert f"{shown.cells_moved} of 72 cells would move in all." in words(answer)
    assert shown.cells_moved == 38


def test_of_many_cells_that_stay_the_first_alone_are_listed(sign_in, owner, matrix, monkeypatch):
    monkeypatch.setattr(looking, "MOST_LISTED", 2)
    for row in range(4):
        set_cell(owner, matrix, row, 3, Level.LEAD)
    answer = page(sign_in(owner), matrix, "technology")
    number = len(answer.context["page"].step.stays)
    assert number > 2
    assert len(answer.context["page"].stays) == 2
    assert f"{number - 2} of {number} cells that stay are not listed here." in words(answer)


# ---- What is chosen, counted


def counted(client, matrix, to, moves, **options):
    return client.get(url("what_if", matrix), {"to": to, "counted": "1", "move": moves}, **options)


def test_the_numbers_are_those_of_what_is_chosen(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    everything = page(client, matrix, "market")
    assert "10 of 18 activities would change their Lead, and 38 of 72 cells would move in all." in words(everything)
    assert "Counted with everything moved." in words(everything)
    moves = everything.context["page"].step.moves
    lead = next(move for move in moves if move.moves_lead)
    answer = counted(client, matrix, "market", [lead.key, "1-2"])
    assert f"1 of 18 activities would change their Lead, and {len(lead.cells)} of 72 cells" in words(answer)
    assert f"Counted with the 1 of {len(moves)} moves that are chosen." in words(answer)
    assert re.findall(r'name="move" value="([0-9-]+)" form="follow" checked', answer.text) == [lead.key]
    leads = [(load.counts[0].before, load.counts[0].after) for load in answer.context["page"].loads]
    assert sum(abs(before - after) for before, after in leads) == 2
    assert "0 of 18 activities would change their Lead" in words(counted(client, matrix, "market", []))
    assert revision(matrix) == 1


def test_htmx_gets_the_numbers_alone(sign_in, owner, viewer):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    asked = f'hx-get="{url("what_if", matrix)}?to=market&amp;counted=1"'
    assert asked in page(client, matrix, "market").text
    assert asked not in page(sign_in(viewer), matrix, "market").text
    answer = counted(sign_in(owner), matrix, "market", [], headers=HTMX)
    targets = re.findall(r'<hx-partial hx-target="#([a-z-]+)"', answer.text)
    assert targets == ["what-if-lede", "what-if-loads", "what-if-checks"]
    assert all(f'id="{target}"' in page(client, matrix, "market").text for target in targets)
    assert "<html" not in answer.text
    assert "0 of 18 activities would change their Lead" in words(answer)


@pytest.mark.parametrize(("old", "new"), list(permutations(CULTURES, 2)))
@pytest.mark.parametrize("part", [1, 2])
def test_the_checks_say_afterwards_what_the_page_said_before(sign_in, owner, old, new, part):
    """With all of it taken, and with every other move; with deliverers, and departures old and ended."""
    matrix, client = made_from(owner, old), sign_in(owner)
    grid, target = read_grid(matrix), reference_grid(new)
    for at, (ours, theirs) in enumerate(zip(grid.activities, target.activities, strict=True)):
        if at % 2:
            Activity.objects.filter(pk=ours.id).update(deliverer=grid.roles[_lead_at(target, theirs)].id)
    for row in (0, 5):
        _keep_ours(owner, matrix, row, old)
    Activity.objects.filter(pk=grid.activities[5].id).update(departures=_ended(matrix, 5))
    chosen = keys(page(client, matrix, new))[::part]
    ahead = counted(client, matrix, new, chosen).context["page"]
    said = said_by(Matrix.objects.get(pk=matrix.pk), ahead.after, ahead.step.new)
    answer = take(client, matrix, new, chosen)
    assert answer.status_code == 302
    row = Matrix.objects.get(pk=matrix.pk)
    after = read_grid(row)
    assert said_by(row, after, ahead.step.new) == said
    assert _decided(after) == _decided(ahead.after)
    assert after.cells == ahead.after.cells
    assert [each.deliverer for each in after.activities] == [each.deliverer for each in ahead.after.activities]


def said_by(matrix, grid, reference):
    return {finding.key for finding in findings(grid, off=matrix.rules_off, reference=reference, today=localdate())}


def _lead_at(grid, row):
    return [role.id for role in grid.roles].index(grid.lead(row.id))


def _keep_ours(member, matrix, row, against, column=None):
    """Takes a role from a row in which it does not lead, and says why."""
    grid = read_grid(matrix)
    activity = grid.activities[row]
    if column is None:
        column = next(at for at, role in enumerate(grid.roles) if role.id != grid.lead(activity.id))
    role = grid.roles[column]
    there = reference_grid(against)
    theirs = there.row(there.activities[row].id)[grid.roles.index(role)]
    set_level(
        matrix=matrix.pk, sender=Sender(member), seen=revision(matrix), activity=activity.id, role=role.id, level=None
    )
    told = {"ours": {role.id: None}, "theirs": {role.id: theirs}, "against": against, "reference": against}
    keep(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=activity.id,
        reason="Two of us know how.",
        until=None,
        seen=revision(matrix),
        **told,
    )


def _ended(matrix, row):
    """The departures of a row, each of them ended in September."""
    kept = Activity.objects.get(matrix=matrix, pk=read_grid(matrix).activities[row].id).departures
    return {key: {**departure, "until": "2026-09-30"} for key, departure in kept.items()}


def _decided(grid):
    return {
        (row.id, each.role): (each.against, each.theirs, each.until)
        for row in grid.activities
        for each in row.departures
    }


# ---- What was decided against the reference followed so far


@pytest.mark.parametrize("chosen", ["all", "none"])
def test_what_was_kept_against_the_old_reference_is_kept_against_the_new_one(sign_in, owner, chosen):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    _keep_ours(owner, matrix, 0, "sales")
    moves = keys(page(client, matrix, "market")) if chosen == "all" else []
    take(client, matrix, "market", moves)
    (kept,) = read_grid(matrix).activities[0].departures
    assert (kept.against, kept.reason) == ("market", "Two of us know how.")
    client.post(url("undo", matrix))
    (kept,) = read_grid(matrix).activities[0].departures
    assert kept.against == "sales"


def test_a_departure_whose_end_has_passed_still_stays_and_says_so(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    _keep_ours(owner, matrix, 0, "sales")
    Activity.objects.filter(pk=read_grid(matrix).activities[0].id).update(departures=_ended(matrix, 0))
    said = words(page(client, matrix, "market"))
    assert "Was kept until 30 Sep 2026 Two of us know how." in said
    assert " Kept " not in said


def test_why_cells_stay_is_counted(sign_in, owner):
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    assert "would stay" not in words(page(client, matrix, "market"))
    row, column = _cell_that_moves(read_grid(matrix), reference_grid("market"))
    _keep_ours(owner, matrix, row, "sales", column)
    assert "1 cell that differs would stay: 1 kept for a reason." in words(page(client, matrix, "market"))
    row, column = _cell_that_moves(read_grid(matrix), reference_grid("market"), after=row + 1)
    grid, target = read_grid(matrix), reference_grid("market")
    set_cell(owner, matrix, row, column, Level.INFORMED if _other(grid, target, row, column) else None)
    said = words(page(client, matrix, "market"))
    assert "2 cells that differ would stay: 1 kept for a reason and 1 as your own choice." in said
    assert " and would otherwise be " in said
    assert said.index("What the checks would say") < said.index("What would stay")


def test_a_house_reference_put_away_meanwhile_is_a_conflict(sign_in, owner, matrix):
    house = save_reference(by=owner, matrix=matrix, name="House 2026")
    client, before = sign_in(owner), revision(matrix)
    put_away(by=owner, house=house.pk)
    answer = take(client, matrix, f"house-{house.pk}", [])
    assert answer.status_code == 409
    assert "“House 2026” was put away meanwhile. Nothing was changed." in words(answer)
    assert revision(matrix) == before


@pytest.mark.parametrize("to", ["sales", "house"])
def test_the_pages_stay_within_their_queries(sign_in, owner, to, django_assert_max_num_queries):
    matrix, other = made_from(owner, "market"), made_from(owner, "sales", "Other")
    houses = [save_reference(by=owner, matrix=row, name=f"House {row.name}") for row in (matrix, other)]
    client = sign_in(owner)
    if to == "house":
        take(client, matrix, f"house-{houses[0].pk}", [])
        to = f"house-{houses[1].pk}"
    with django_assert_max_num_queries(12):
        assert page(client, matrix, to).status_code == 200
    with django_assert_max_num_queries(12):
        client.get(reverse("reference_what_if", args=[owner.workspace_id]))


def test_with_too_many_to_choose_from_all_move_together(sign_in, owner, monkeypatch):
    monkeypatch.setattr(looking, "MOST_CHOSEN", 5)
    matrix, client = made_from(owner, "sales"), sign_in(owner)
    answer = page(client, matrix, "market")
    assert keys(answer) == []
    assert "They would all move together" in words(answer).replace("they", "They")
    assert take(client, matrix, "market", [], seen=0, all="1").status_code == 409
    take(client, matrix, "market", [], all="1")
    wanted = reference_grid("market")
    assert [read_grid(matrix).row(row.id) for row in read_grid(matrix).activities] == [
        wanted.row(row.id) for row in wanted.activities
    ]


def test_a_hostile_name_stays_text(sign_in, owner):
    matrix = made_from(owner, "sales")
    for row in matrix.activities.all():
        row.name = f"<img src=x onerror=alert({row.pk})>"
        row.save()
    assert "<img" not in page(sign_in(owner), matrix, "market").text
