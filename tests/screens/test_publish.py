"""Publishing on its page: what it would say, what stands in the way, and where one comes afterwards."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Activity, Matrix, Role
from raci.matrices.operations import Sender, archive, create_matrix, set_aside, set_level
from raci.matrices.structure import edit_role
from raci.publishing.models import Version
from raci.publishing.versions import grid_of, publish
from tests.factories import make_grid, make_matrix
from tests.matrices.operating import set_cell
from tests.matrices.reading import roles_of, rows_of


def page(matrix) -> str:
    return reverse("publish", args=[matrix.workspace_id, matrix.pk])


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", unescape(answer.text)))


def now(matrix) -> Matrix:
    return Matrix.objects.get(pk=matrix.pk)


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS.", ".LI", "L.S")


@pytest.fixture
def orphaned(small, owner) -> Matrix:
    """A matrix with an error that an owner may name as known: a role of nobody leads."""
    role = roles_of(small)[0]
    edit_role(matrix=small.pk, sender=Sender(owner), role=role.pk, values={"headcount": 0}, seen=now(small).revision)
    return now(small)


def test_an_editor_publishes_with_a_note_and_goes_on_to_the_letter(sign_in, editor, small):
    client = sign_in(editor)
    shown = words(client.get(page(small)))
    assert "Publish version 1" in shown
    assert "Nobody outside the draft has read it yet." in shown
    answer = client.post(page(small), {"seen": small.revision, "note": "Agreed in May."})
    version = Version.objects.get()
    assert (version.number, version.note, version.published_by) == (1, "Agreed in May.", editor.user)
    assert answer.headers["Location"] == reverse("letter", args=[small.workspace_id, small.pk, 1])


def test_what_changed_since_the_latest_version_stands_above_the_note(sign_in, owner, small):
    publish(matrix=small, sender=Sender(owner), seen=small.revision)
    client = sign_in(owner)
    assert "It would say the same as version 1" in words(client.get(page(small)))
    set_cell(small, owner, 1, 2, Level.CONTRIBUTE)
    shown = words(client.get(page(small)))
    assert "Publish version 2" in shown
    assert "1 change" in shown
    assert rows_of(small)[1].name in shown


def test_activities_without_a_lead_are_named_and_nothing_can_be_sent(sign_in, owner):
    lacking = make_matrix(owner, "LS", ".S", "..")
    answer = sign_in(owner).get(page(lacking))
    assert "Before it can be published" in words(answer)
    for row in rows_of(lacking)[1:]:
        assert row.name in words(answer)
    assert 'name="note"' not in answer.text
    refused = sign_in(owner).post(page(lacking), {"seen": now(lacking).revision})
    assert refused.status_code == 422
    assert not Version.objects.exists()


def test_an_empty_matrix_has_nothing_to_publish(sign_in, owner):
    empty = make_matrix(owner)
    assert "There is nothing to publish yet" in words(sign_in(owner).get(page(empty)))
    assert sign_in(owner).post(page(empty), {"seen": now(empty).revision}).status_code == 422


def test_an_owner_names_an_error_as_known_with_the_reason(sign_in, owner, orphaned):
    client, role = sign_in(owner), roles_of(orphaned)[0]
    shown = client.get(page(orphaned))
    name = f"known-C6::{role.pk}"
    assert f'name="{name}"' in shown.text
    missing = client.post(page(orphaned), {"seen": orphaned.revision, "note": "Kept", name: " "})
    assert missing.status_code == 422
    assert "Kept" in missing.text
    client.post(page(orphaned), {"seen": orphaned.revision, name: "Hiring until June"})
    (known,) = Version.objects.get().known
    assert (known["rule"], known["reason"]) == ("C6", "Hiring until June")


def test_one_reason_is_given_for_all_the_errors_of_a_rule_that_finds_many(sign_in, owner, editor, monkeypatch):
    grid = make_grid("LS", "LS", "LS")
    nobody = replace(grid.roles[0], headcount=0)
    rows = tuple(replace(row, deliverer=grid.roles[1].id) for row in grid.activities)
    cells = {row.id: {nobody.id: Level.LEAD} for row in rows}
    grid = replace(grid, roles=(nobody, *grid.roles[1:]), activities=rows, cells=cells)
    many = create_matrix(sender=Sender(owner), name="Many", grid=grid)
    monkeypatch.setattr("raci.screens.views.publish.MOST_REASONS", 2)
    shown = sign_in(owner).get(page(many))
    assert shown.text.count('name="known-R12') == shown.text.count('name="known-R12"') == 1
    assert "Deliverer off, 3 times: one reason for all of them" in words(shown)
    assert "Published with 4 known errors" in words(shown)
    assert "Deliverer off, 3 times" in words(sign_in(editor).get(page(many)))
    reasons = {"known-R12": "We buy it", f"known-C6::{roles_of(many)[0].pk}": "Hiring"}
    assert sign_in(owner).post(page(many), {"seen": many.revision, **reasons, "known-R12": " "}).status_code == 422
    sign_in(owner).post(page(many), {"seen": many.revision, **reasons})
    named = [(one["rule"], one["reason"]) for one in Version.objects.get().known]
    assert sorted(named) == [("C6", "Hiring"), *[("R12", "We buy it")] * 3]


def test_why_an_error_was_set_aside_is_offered_as_the_reason(sign_in, owner, orphaned):
    finding = f"C6::{roles_of(orphaned)[0].pk}"
    set_aside(matrix=orphaned.pk, sender=Sender(owner), finding=finding, reason="We are hiring")
    assert 'value="We are hiring"' in sign_in(owner).get(page(orphaned)).text


def test_an_editor_asks_an_owner_where_there_are_errors(sign_in, editor, orphaned):
    client = sign_in(editor)
    shown = client.get(page(orphaned))
    assert "An owner has to publish this" in words(shown)
    assert "Mend it, or ask an owner" in words(shown)
    assert roles_of(orphaned)[0].name in words(shown)
    for part in ("known-C6", 'name="note"', "Published with", 'method="post" action="' + page(orphaned)):
        assert part not in shown.text
    sent = {"seen": orphaned.revision, f"known-C6::{roles_of(orphaned)[0].pk}": "Mine"}
    assert client.post(page(orphaned), sent).status_code == 403
    assert not Version.objects.exists()


def test_what_others_changed_meanwhile_stays_in_the_draft(sign_in, owner, editor, small):
    seen, client = small.revision, sign_in(owner)
    set_cell(small, editor, 1, 2, Level.CONTRIBUTE)
    client.post(page(small), {"seen": seen})
    version = Version.objects.get()
    row, role = rows_of(small)[1], roles_of(small)[2]
    assert grid_of(version).level(row.pk, role.pk) is Level.INFORMED
    at = reverse("matrix", args=[small.workspace_id, small.pk])
    assert "1 unpublished change" in words(client.get(at))


def test_what_another_published_meanwhile_is_shown_first(sign_in, owner, editor, small):
    seen = small.revision
    publish(matrix=small, sender=Sender(editor), seen=seen)
    answer = sign_in(owner).post(page(small), {"seen": seen, "note": "My note"})
    assert answer.status_code == 409
    assert "Another version was published since you looked." in words(answer)
    assert "My note" in answer.text
    assert f'name="seen" value="{now(small).revision}"' in answer.text
    assert Version.objects.count() == 1


@pytest.mark.parametrize("seen", ["0", "99", "", "x"])
def test_a_revision_that_nobody_can_have_seen_is_refused(sign_in, owner, small, seen):
    assert sign_in(owner).post(page(small), {"seen": seen}).status_code == 400
    assert not Version.objects.exists()


def test_sent_twice_it_is_published_once(sign_in, owner, small):
    client = sign_in(owner)
    for _ in range(2):
        answer = client.post(page(small), {"seen": small.revision, "key": "the-same-key"})
        assert answer.headers["Location"] == reverse("letter", args=[small.workspace_id, small.pk, 1])
    assert Version.objects.count() == 1


def test_an_archived_matrix_is_not_published(sign_in, owner, small):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert sign_in(owner).get(page(small)).status_code == 409


def test_the_toolbar_says_what_people_read_and_what_is_waiting(sign_in, owner, viewer, small):
    at = reverse("matrix", args=[small.workspace_id, small.pk])
    assert "Draft" in words(sign_in(viewer).get(at))
    publish(matrix=small, sender=Sender(owner), seen=small.revision)
    published = sign_in(viewer).get(at)
    assert "Published v1" in words(published)
    assert "unpublished" not in words(published)
    activity, role = Activity.objects.filter(matrix=small).first(), Role.objects.filter(matrix=small).last()
    set_level(
        matrix=small.pk,
        sender=Sender(owner),
        activity=activity.pk,
        role=role.pk,
        level=Level.INFORMED,
        seen=now(small).revision,
    )
    waiting = sign_in(viewer).get(at)
    assert "1 unpublished change" in words(waiting)
    assert reverse("version_changes", args=[small.workspace_id, small.pk]) + "?from=1&amp;to=draft" in waiting.text


def test_publishing_is_the_first_thing_to_do_while_something_is_unpublished(sign_in, owner, small):
    def button() -> str:
        text = sign_in(owner).get(reverse("matrix", args=[small.workspace_id, small.pk])).text
        return re.search(rf'<a class="([^"]+)" href="{page(small)}"', text)[1]

    assert button() == "button is-primary"
    publish(matrix=small, sender=Sender(owner), seen=small.revision)
    assert button() == "button"
    set_cell(small, owner, 1, 2, Level.CONTRIBUTE)
    assert button() == "button is-primary"


def test_an_edit_brings_the_count_up_to_date(sign_in, owner, small):
    publish(matrix=small, sender=Sender(owner), seen=small.revision)
    row, role = rows_of(small)[1], roles_of(small)[2]
    sent = {"activity": row.pk, "role": role.pk, "level": "C", "seen": now(small).revision}
    at = reverse("level_set", args=[small.workspace_id, small.pk])
    answer = sign_in(owner).post(at, sent, headers={"HX-Request": "true"})
    assert "1 unpublished change" in words(answer)
