"""The log as people read it, and the ways back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, rename_matrix, set_level
from raci.matrices.store import read_grid
from raci.matrices.structure import add_role, move_activity, remove_activity
from tests.factories import make_matrix

KEY = "11111111-2222-3333-4444-555555555555"


def of(name, matrix, *more) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk, *more])


def named(matrix, name) -> Activity:
    return Activity.objects.get(matrix=matrix, name=name)


def lead(matrix, member, activity, role, seen=None):
    role = matrix.roles.get(name=role)
    seen = Matrix.objects.get(pk=matrix.pk).revision if seen is None else seen
    return set_level(
        matrix=matrix.pk, sender=Sender(member), activity=activity.pk, role=role.pk, level=Level.LEAD, seen=seen
    )


@pytest.fixture
def launch(matrix):
    return named(matrix, "Product Launch")


@pytest.fixture
def moved(matrix, editor, launch):
    """Sales leads the launch: revision 2, by the editor."""
    lead(matrix, editor, launch, "Sales")
    return matrix


def test_the_log_says_in_plain_sentences_who_changed_what(sign_in, editor, viewer, moved):
    page = sign_in(viewer).get(of("history", moved))
    assert page.status_code == 200
    assert "Sales now leads “Product Launch”; Product Marketing moved to Support." in page.text
    assert "Eddie Editor" in page.text
    assert "Created with 18 activities and 4 roles." in page.text
    assert ">You " not in page.text
    assert "You <" in sign_in(editor).get(of("history", moved)).text


def test_the_newest_change_comes_first_and_days_are_apart(sign_in, viewer, moved):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    Change.objects.filter(matrix=moved, revision=1).update(at=yesterday)
    days = sign_in(viewer).get(of("history", moved)).context["days"]
    assert [[entry.change.revision for entry in entries] for _, entries in days] == [[2], [1]]


def test_raci_readers_get_raci_words(sign_in, viewer, moved):
    client = sign_in(viewer)
    client.cookies["notation"] = "raci"
    assert "is now accountable for “Product Launch”" in client.get(of("history", moved)).text


def test_what_a_line_cannot_hold_opens_below_it(sign_in, viewer, matrix):
    page = sign_in(viewer).get(of("history", matrix)).text
    assert "<summary>What changed</summary>" in page
    assert "“Pricing and Packaging” was added." in page


def test_fifty_changes_fill_a_page_and_the_next_begins_below(sign_in, owner, viewer, matrix):
    for number in range(60):
        rename_matrix(matrix=matrix.pk, sender=Sender(owner), name=f"Name {number}")
    client = sign_in(viewer)
    first = client.get(of("history", matrix))
    shown = [entry.change.revision for _, entries in first.context["days"] for entry in entries]
    assert shown == list(range(61, 11, -1))
    assert "?before=12" in first.text
    second = client.get(f"{of('history', matrix)}?before=12")
    shown = [entry.change.revision for _, entries in second.context["days"] for entry in entries]
    assert shown == list(range(11, 0, -1))
    assert "Older changes" not in second.text


def test_the_history_of_one_activity_leaves_the_others_out(sign_in, owner, viewer, moved, launch):
    lead(moved, owner, named(moved, "Pricing and Packaging"), "Sales")
    page = sign_in(viewer).get(f"{of('history', moved)}?activity={launch.pk}")
    assert [e.change.revision for _, entries in page.context["days"] for e in entries] == [2, 1]
    assert "What happened to" in page.text
    assert "Pricing and Packaging" not in page.text


def test_a_row_that_only_gave_way_has_no_entry(sign_in, owner, viewer, matrix, launch):
    first = named(matrix, "Size the Market Opportunity")
    move_activity(matrix=matrix.pk, sender=Sender(owner), activity=first.pk, stage=first.stage_id, before=None)
    page = sign_in(viewer).get(f"{of('history', matrix)}?activity={named(matrix, 'Competitive Intelligence').pk}")
    assert [e.change.revision for _, entries in page.context["days"] for e in entries] == [1]


def test_a_removed_activity_keeps_its_history(sign_in, owner, viewer, moved, launch):
    remove_activity(matrix=moved.pk, sender=Sender(owner), activity=launch.pk)
    page = sign_in(viewer).get(f"{of('history', moved)}?activity={launch.pk}")
    assert "“Product Launch” was removed." in page.text


def test_the_history_of_a_foreign_activity_is_none(sign_in, viewer, matrix, foreign_matrix):
    foreign = foreign_matrix.activities.first().pk
    client = sign_in(viewer)
    answers = [client.get(f"{of('history', matrix)}?activity={pk}") for pk in (foreign, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert client.get(f"{of('history', matrix)}?activity=x").status_code == 400
    assert client.get(f"{of('history', matrix)}?before=-1").status_code == 400


def test_an_activity_named_like_an_edit_is_found_by_id_alone(sign_in, owner, viewer):
    matrix = make_matrix(owner, "L", "L")
    first, second = matrix.activities.all()
    Activity.objects.filter(pk=second.pk).update(name=f'"table": "activity", "id": {first.pk},')
    remove_activity(matrix=matrix.pk, sender=Sender(owner), activity=second.pk)
    page = sign_in(viewer).get(f"{of('history', matrix)}?activity={first.pk}")
    assert [e.change.revision for _, entries in page.context["days"] for e in entries] == [1]


def test_viewers_see_nothing_to_take_back(sign_in, viewer, editor, moved):
    assert "Take back" in sign_in(editor).get(of("history", moved)).text
    assert "Take back" not in sign_in(viewer).get(of("history", moved)).text


def test_any_change_can_be_taken_back_even_of_others(sign_in, owner, moved, launch):
    answer = sign_in(owner).post(of("history_take_back", moved), {"revision": 2, "key": KEY})
    assert answer.headers["Location"] == of("history", moved)
    grid = read_grid(moved)
    assert next(role.name for role in grid.roles if role.id == grid.lead(launch.pk)) == "Product Marketing"
    entries = [e for _, es in sign_in(owner).get(of("history", moved)).context["days"] for e in es]
    assert [(e.change.revision, e.is_undone) for e in entries] == [(3, False), (2, True), (1, False)]


def test_a_double_taking_back_is_one_change(sign_in, owner, moved):
    client = sign_in(owner)
    for _ in range(2):
        assert client.post(of("history_take_back", moved), {"revision": 2, "key": KEY}).status_code == 302
    assert Change.objects.filter(matrix=moved).count() == 3


def test_a_change_that_others_built_on_is_not_taken_back(sign_in, owner, moved, launch):
    lead(moved, owner, launch, "Engineering")
    answer = sign_in(owner).post(of("history_take_back", moved), {"revision": 2})
    assert answer.status_code == 409
    assert "changed “Product Launch” since" in answer.text
    assert Change.objects.filter(matrix=moved).count() == 3


def test_the_creation_cannot_be_taken_back(sign_in, owner, matrix):
    assert sign_in(owner).post(of("history_take_back", matrix), {"revision": 1}).status_code == 422
    assert sign_in(owner).post(of("history_take_back", matrix), {"revision": 99}).status_code == 422
    assert sign_in(owner).post(of("history_take_back", matrix)).status_code == 400


def test_an_earlier_revision_is_shown_as_it_was(sign_in, owner, viewer, moved, launch):
    add_role(matrix=moved.pk, sender=Sender(owner), values={"name": "Legal"})
    rename_matrix(matrix=moved.pk, sender=Sender(owner), name="Core")
    page = sign_in(viewer).get(of("history_at", moved, 1)).text
    assert "As it was at revision 1" in page
    assert "It was called “<bdi>Launch</bdi>” then." in page
    assert "Legal" not in page
    assert page.count('<tr class="activity">') == 18
    assert page.count('data-level="lead"') == 18
    assert of("history_at", moved, 2) in page
    assert "Go back to this" not in page


def test_the_latest_revision_says_that_it_is_how_it_is_now(sign_in, owner, moved):
    page = sign_in(owner).get(of("history_at", moved, 2)).text
    assert "As it is now" in page
    assert "Go back to this" not in page


def test_a_revision_that_never_was_is_not_found(sign_in, owner, matrix):
    assert sign_in(owner).get(of("history_at", matrix, 2)).status_code == 404


def test_the_matrix_goes_back_to_how_it_was(sign_in, owner, editor, moved, launch):
    add_role(matrix=moved.pk, sender=Sender(owner), values={"name": "Legal"})
    client = sign_in(editor)
    assert "Go back to this" in client.get(of("history_at", moved, 1)).text
    answer = client.post(of("history_restore", moved, 1), {"key": KEY})
    assert answer.headers["Location"] == of("matrix", moved)
    grid = read_grid(Matrix.objects.get(pk=moved.pk))
    assert len(grid.roles) == 4
    assert next(role.name for role in grid.roles if role.id == grid.lead(launch.pk)) == "Product Marketing"
    client.post(of("history_restore", moved, 1), {"key": KEY})
    assert Change.objects.filter(matrix=moved, kind="restore").count() == 1


@pytest.mark.parametrize("name", ["history_take_back", "history_restore"])
def test_only_editors_go_back(name, sign_in, viewer, reviewer, editor, stranger, moved):
    url = of(name, moved, *([1] if name == "history_restore" else []))
    for member in (viewer, reviewer):
        assert sign_in(member).post(url, {"revision": 2}).status_code == 403
    assert sign_in(stranger).post(url, {"revision": 2}).status_code == 404
    assert sign_in(editor).get(url).status_code == 405
    assert Change.objects.filter(matrix=moved).count() == 2


@pytest.mark.parametrize("name", ["history", "history_at"])
def test_a_strangers_look_at_the_history_is_not_found(name, sign_in, stranger, owner, moved):
    more = [1] if name == "history_at" else []
    client = sign_in(stranger)
    foreign = client.get(of(name, moved, *more))
    through_own = client.get(reverse(name, args=[stranger.workspace_id, moved.pk, *more]))
    none = client.get(reverse(name, args=[stranger.workspace_id, 999_999, *more]))
    assert foreign.status_code == through_own.status_code == none.status_code == 404
    assert foreign.content == through_own.content == none.content
    assert sign_in(owner).post(of(name, moved, *more)).status_code == 405


def test_an_archived_matrix_can_be_read_and_not_changed(sign_in, editor, viewer, moved):
    archive(matrix=moved.pk, sender=Sender(editor), archived=True)
    page = sign_in(editor).get(of("history", moved)).text
    assert "Take back" not in page
    assert "Bring it back" in page
    assert "Bring it back" not in sign_in(viewer).get(of("history", moved)).text
    assert sign_in(editor).post(of("history_restore", moved, 1)).status_code == 409
    assert sign_in(editor).post(of("history_take_back", moved), {"revision": 2}).status_code == 409


def test_the_pages_need_as_many_queries_after_many_changes(
    sign_in, owner, moved, launch, django_assert_max_num_queries
):
    client = sign_in(owner)
    urls = [of("history", moved), f"{of('history', moved)}?activity={launch.pk}", of("history_at", moved, 1)]
    counts = []
    for _ in range(2):
        for url in urls:
            with django_assert_max_num_queries(12) as asked:
                client.get(url)
            counts.append(len(asked))
        for number in range(5):
            rename_matrix(matrix=moved.pk, sender=Sender(owner), name=f"Name {number}")
    assert counts[:3] == counts[3:]


def test_hostile_names_stay_text_in_the_history(sign_in, owner, viewer, matrix):
    rename_matrix(matrix=matrix.pk, sender=Sender(owner), name="<script>alert(1)</script>")
    add_role(matrix=matrix.pk, sender=Sender(owner), values={"name": "<b>Legal</b>", "short": "<i>"})
    for url in (of("history", matrix), of("history_at", matrix, 3)):
        page = sign_in(viewer).get(url).text
        assert "<script>alert" not in page
        assert "<b>Legal" not in page
        assert "&lt;b&gt;Legal" in page
