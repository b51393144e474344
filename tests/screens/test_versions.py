"""The versions of a matrix as a list, what changed between two of them, and the way back."""

from dataclasses import replace

import pytest
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, set_level
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity, merge_roles, move_activity
from raci.publishing.versions import obstacles
from raci.screens.published_state import unpublished
from tests.factories import make_grid, make_matrix
from tests.publishing.making import publish

KEY = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def small(owner):
    """Two activities and three roles; version 1 stands, and the second role leads the first row since."""
    matrix = make_matrix(owner, "LS.", ".LI", name="Core")
    publish(matrix, owner, note="Agreed by all three.")
    lead(matrix, owner, 0, 1)
    return matrix


def of(name, matrix, *more) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *more])


def lead(matrix, member, row, column, level=Level.LEAD):
    set_level(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=matrix.activities.all()[row].pk,
        role=matrix.roles.all()[column].pk,
        level=level,
        seen=Matrix.objects.get(pk=matrix.pk).revision,
    )


def shown(page) -> str:
    """The text of a page, each run of blanks as one."""
    return " ".join(page.text.split())


def test_every_member_reads_which_versions_there_are(sign_in, owner, viewer, small):
    publish(small, owner)
    page = sign_in(viewer).get(of("versions", small))
    assert page.status_code == 200
    assert [(line.version.number, line.changes) for line in page.context["lines"]] == [
        (2, "1 change since version 1"),
        (1, ""),
    ]
    assert "Olive Owner" in page.text
    assert "Agreed by all three." in page.text
    assert "0 of 3 roles signed" in page.text
    assert "People read version 2. The draft says the same." in shown(page)
    assert of("readers", small, 2) in page.text
    assert of("letter", small, 2) not in page.text
    assert "Restore" not in page.text
    assert "Publish version" not in page.text


def test_editors_publish_the_next_and_see_how_far_the_draft_has_moved_on(sign_in, editor, small):
    page = sign_in(editor).get(of("versions", small))
    assert "1 unpublished change</a>" in page.text
    assert "Publish version 2" in page.text
    assert of("letter", small, 1) in page.text


def test_before_the_first_version_it_says_how_there_comes_to_be_one(sign_in, editor, viewer, owner):
    matrix = make_matrix(owner, "L")
    assert "Publish version 1" in sign_in(editor).get(of("versions", matrix)).text
    page = sign_in(viewer).get(of("versions", matrix)).text
    assert "Nothing is published yet" in page
    assert "Publish version 1" not in page


def test_a_version_that_says_the_same_as_the_one_before_is_listed_so(sign_in, owner, viewer, small):
    publish(small, owner)
    publish(small, owner)
    assert "nothing new since version 2" in sign_in(viewer).get(of("versions", small)).text


def test_errors_that_were_named_as_known_stand_beside_their_version(sign_in, owner, viewer):
    grid = make_grid("LS", "SL")
    grid = replace(grid, roles=(replace(grid.roles[0], headcount=0), grid.roles[1]))
    matrix = create_matrix(sender=Sender(owner), name="Faulty", grid=grid)
    (error,) = obstacles(matrix, read_grid(matrix)).nameable
    publish(matrix, owner, known={error.key: "We hire in March."})
    page = shown(sign_in(viewer).get(of("versions", matrix)))
    assert "1 error named as known" in page
    assert "We hire in March." in page


def test_older_versions_stand_on_further_pages(sign_in, owner, viewer):
    matrix = make_matrix(owner, "L")
    for _ in range(12):
        publish(matrix, owner)
    client = sign_in(viewer)
    first = client.get(of("versions", matrix))
    assert [line.version.number for line in first.context["lines"]] == list(range(12, 2, -1))
    assert first.context["lines"][-1].changes == "nothing new since version 2"
    second = client.get(of("versions", matrix), {"before": first.context["older"]})
    assert [line.version.number for line in second.context["lines"]] == [2, 1]
    assert second.context["older"] is None


# ---- The way back


def test_a_version_is_restored_as_one_change_that_can_be_undone(sign_in, editor, small):
    before = read_grid(small)
    page = sign_in(editor).post(of("version_restore", small, 1), {"key": KEY}, follow=True)
    assert page.redirect_chain == [(of("matrix", small), 302)]
    assert "Back at version 1." in page.text
    row, change = Matrix.objects.get(pk=small.pk), Change.objects.order_by("-pk").first()
    assert (change.kind, change.by) == ("restore", editor.user)
    assert unpublished(row, read_grid(row)) == 0
    assert "Went back to version 1." in sign_in(editor).get(of("history", small)).text
    sign_in(editor).post(of("undo", small), {"key": KEY.replace("1", "2")})
    assert read_grid(small).cells == before.cells


def test_restoring_what_stands_already_changes_nothing(sign_in, owner, editor, small):
    publish(small, owner)
    revision = Matrix.objects.get(pk=small.pk).revision
    page = sign_in(editor).post(of("version_restore", small, 2), {"key": KEY}, follow=True)
    assert "It is already as it was then." in page.text
    assert Matrix.objects.get(pk=small.pk).revision == revision


def test_versions_of_an_archived_matrix_are_no_longer_in_force(sign_in, owner, small):
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    text = shown(sign_in(owner).get(of("versions", small)))
    assert "Version 1 was the latest. It is archived: no longer in force." in text
    assert "People read" not in text
    assert of("upkeep", small) not in text


def test_reviewers_do_not_restore_and_nobody_restores_what_is_archived(sign_in, owner, reviewer, editor, small):
    assert sign_in(reviewer).post(of("version_restore", small, 1), {"key": KEY}).status_code == 403
    archive(matrix=small.pk, sender=Sender(owner), archived=True)
    assert sign_in(editor).post(of("version_restore", small, 1), {"key": KEY}).status_code == 409
    assert sign_in(editor).post(of("version_restore", small, 9), {"key": KEY}).status_code == 404


# ---- What changed


def test_the_unpublished_changes_are_told_in_sentences(sign_in, viewer, small):
    page = sign_in(viewer).get(of("version_changes", small))
    assert "1 change from version 1 to the draft." in shown(page)
    assert "Role 2 now leads; Role 1, which led it, supports." in page.text
    activity = small.activities.first()
    assert of("activity", small, activity.pk) in page.text
    assert of("publish", small) not in page.text


def test_any_two_are_compared_in_either_direction(sign_in, owner, editor, small):
    publish(small, owner)
    lead(small, owner, 0, 2, Level.CONTRIBUTE)
    client = sign_in(editor)
    there = client.get(of("version_changes", small), {"from": 1, "to": 2})
    back = client.get(of("version_changes", small), {"from": 2, "to": 1})
    assert "Role 2 now leads; Role 1, which led it, supports." in there.text
    assert "Role 1 now leads; Role 2, which led it, supports." in back.text
    assert "?from=2&amp;to=1" in there.text
    draft = client.get(of("version_changes", small), {"from": "latest", "to": "draft"})
    assert "Role 3 now contributes." in draft.text
    assert of("publish", small) in draft.text


def test_where_nothing_changed_it_says_so(sign_in, owner, viewer, small):
    publish(small, owner)
    publish(small, owner)
    client = sign_in(viewer)
    page = client.get(of("version_changes", small), {"from": 2, "to": 3})
    assert "Both say the same: version 2 and version 3." in page.text
    assert "Choose two that are not." in client.get(of("version_changes", small), {"from": 2, "to": 2}).text
    assert "Both say the same: version 3 and the draft." in client.get(of("version_changes", small)).text


def test_another_order_is_unpublished_until_a_version_has_it(sign_in, owner, viewer, small):
    publish(small, owner)
    first, second = small.activities.all()
    move_activity(matrix=small.pk, sender=Sender(owner), activity=second.pk, stage=None, before=first.pk)
    page = sign_in(viewer).get(of("version_changes", small))
    assert "1 change from version 2 to the draft." in shown(page)
    assert "The order of activities changed." in page.text
    publish(small, owner)
    assert "1 change since version 2" in sign_in(viewer).get(of("versions", small)).text


def test_what_was_merged_is_told_as_that_in_the_draft_and_between_versions(sign_in, owner, viewer, small):
    publish(small, owner)
    one, _, three = small.roles.all()
    seen = Matrix.objects.get(pk=small.pk).revision
    merge_roles(matrix=small.pk, sender=Sender(owner), role=one.pk, into=three.pk, seen=seen)
    client, said = sign_in(viewer), "Role 1 was merged into Role 3."
    assert said in client.get(of("version_changes", small)).text
    publish(small, owner)
    assert said in client.get(of("version_changes", small), {"from": 2, "to": 3}).text
    assert "Role 1 is a new role" in client.get(of("version_changes", small), {"from": 3, "to": 2}).text


def test_in_raci_it_has_its_words(sign_in, viewer, small):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    assert "Role 2 is now accountable" in client.get(of("version_changes", small)).text


def test_an_activity_that_is_gone_is_named_without_a_link(sign_in, owner, viewer, small):
    row = small.activities.all()[1]
    Activity.objects.filter(pk=row.pk).delete()
    page = sign_in(viewer).get(of("version_changes", small)).text
    assert "No longer in the matrix. Role 2 led it." in page
    assert of("activity", small, row.pk) not in page


@pytest.mark.parametrize(
    ("query", "status"), [({"from": 9}, 404), ({"to": 0}, 404), ({"from": "x"}, 400), ({"from": ""}, 404)]
)
def test_what_is_no_version_is_not_there(sign_in, viewer, small, query, status):
    assert sign_in(viewer).get(of("version_changes", small), query).status_code == status


def test_a_matrix_without_versions_has_no_changes_to_tell(sign_in, viewer, owner):
    assert sign_in(viewer).get(of("version_changes", make_matrix(owner, "L"))).status_code == 404


def test_the_log_leads_to_the_version(sign_in, viewer, small):
    page = sign_in(viewer).get(of("history", small))
    assert "Published as version 1." in page.text
    assert f'href="{of("version", small, 1)}">Open version 1</a>' in page.text


# ---- What it costs


def test_the_pages_need_few_queries(sign_in, owner, viewer, small, django_assert_max_num_queries):
    for _ in range(4):
        publish(small, owner)
    lead(small, owner, 0, 2, Level.CONTRIBUTE)
    client = sign_in(viewer)
    with django_assert_max_num_queries(12):
        client.get(of("versions", small))
    with django_assert_max_num_queries(12):
        client.get(of("version_changes", small))


def test_how_much_is_unpublished_is_counted_without_a_query(owner, small, django_assert_num_queries):
    edit_activity(
        matrix=small.pk,
        sender=Sender(owner),
        activity=small.activities.all()[1].pk,
        values={"name": "Another"},
        seen=Matrix.objects.get(pk=small.pk).revision,
    )
    row = Matrix.objects.select_related("publication__latest").get(pk=small.pk)
    grid = read_grid(row)
    assert unpublished(row, grid) == 2
    with django_assert_num_queries(0):
        assert unpublished(row, grid) == 2
