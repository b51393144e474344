"""Further activities and roles, from the catalogue into a matrix."""

import pytest
from django.urls import reverse

from culture.models import CatalogueActivity
from culture.references import reference_grid
from raci.grid.grid import Grid
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix
from raci.matrices.store import read_grid
from raci.matrices.structure import NewActivity, add_activities, edit_activity, remove_activity, remove_stage

KEY = "11111111-2222-3333-4444-555555555555"


def of(name, matrix) -> str:
    return reverse(name, args=[matrix.workspace_id, matrix.pk])


def offered(page) -> set[str]:
    return {offer.entry.name for group in page.context["groups"] for offer in group.offers}


def test_a_matrix_from_a_reference_is_offered_the_further_activities(sign_in, editor, matrix):
    page = sign_in(editor).get(of("catalogue", matrix))
    assert page.status_code == 200
    assert offered(page) == set(CatalogueActivity.objects.filter(in_references=False).values_list("name", flat=True))
    for words in ("Set what it would cost against what it would bring", "Proposed Lead: Product Marketing"):
        assert words in page.text
    assert "Proposed Lead: Customer Success, a role this matrix does not have" in page.text


def test_what_was_removed_is_offered_again_with_the_lead_of_the_reference(sign_in, editor, matrix):
    launch = Activity.objects.get(matrix=matrix, name="Product Launch")
    remove_activity(matrix=matrix.pk, sender=Sender(editor), activity=launch.pk)
    page = sign_in(editor).get(of("catalogue", matrix))
    assert "Product Launch" in offered(page)
    assert "In the reference you follow, Product Marketing leads" in page.text
    sign_in(editor).post(of("catalogue_add", matrix), {"activity": "product-launch"})
    grid = read_grid(matrix)
    added = next(a for a in grid.activities if a.name == "Product Launch")
    assert next(role.name for role in grid.roles if role.id == grid.lead(added.id)) == "Product Marketing"


def test_a_renamed_activity_is_still_had_and_so_is_one_of_the_same_name(sign_in, editor, matrix):
    launch = Activity.objects.get(matrix=matrix, name="Product Launch")
    edit_activity(matrix=matrix.pk, sender=Sender(editor), activity=launch.pk, values={"name": "Go live"}, seen=1)
    add_activities(matrix=matrix.pk, sender=Sender(editor), activities=[NewActivity("business  CASE")])
    found = offered(sign_in(editor).get(of("catalogue", matrix)))
    assert "Product Launch" not in found
    assert "Business Case" not in found


def test_the_chosen_are_added_as_one_change_in_their_stages(sign_in, editor, matrix):
    answer = sign_in(editor).post(
        of("catalogue_add", matrix), {"activity": ["positioning", "business-case"], "key": KEY}
    )
    assert answer.headers["Location"] == of("matrix", matrix)
    assert Change.objects.get(matrix=matrix, revision=2).kind == "activity_add"
    grid = read_grid(matrix)
    rows = {a.name: a for a in grid.activities}
    stages = {stage.id: stage.name for stage in grid.stages}
    assert stages[rows["Positioning"].stage] == "Take it to market"
    assert stages[rows["Business Case"].stage] == "Decide what to build"
    assert rows["Business Case"].origin == "business-case"
    assert rows["Business Case"].description.startswith("Set what it would cost")
    assert grid.lead(rows["Business Case"].id) is None
    leads = next(role.name for role in grid.roles if role.id == grid.lead(rows["Positioning"].id))
    assert leads == "Product Marketing"


def test_a_double_submission_adds_once(sign_in, editor, matrix):
    client = sign_in(editor)
    for _ in range(2):
        assert client.post(of("catalogue_add", matrix), {"activity": "positioning", "key": KEY}).status_code == 302
    assert Activity.objects.filter(matrix=matrix, origin="positioning").count() == 1
    assert Change.objects.filter(matrix=matrix).count() == 2


def test_a_stage_the_matrix_lacks_leaves_the_activity_without_one(sign_in, editor, matrix):
    stage = matrix.stages.get(origin="run")
    remove_stage(matrix=matrix.pk, sender=Sender(editor), stage=stage.pk, into=None)
    client = sign_in(editor)
    assert "no such stage in this matrix" in client.get(of("catalogue", matrix)).text
    client.post(of("catalogue_add", matrix), {"activity": "growth-plan"})
    assert Activity.objects.get(matrix=matrix, origin="growth-plan").stage is None


def test_a_stage_is_known_by_its_name_where_it_has_no_origin(sign_in, editor, matrix):
    matrix.stages.filter(origin="run").update(origin="", name="run AND learn")
    sign_in(editor).post(of("catalogue_add", matrix), {"activity": "growth-plan"})
    assert Activity.objects.get(matrix=matrix, origin="growth-plan").stage.name == "run AND learn"


def test_choosing_nothing_is_asked_again(sign_in, editor, matrix):
    answer = sign_in(editor).post(of("catalogue_add", matrix))
    assert answer.status_code == 422
    assert "Choose at least one activity." in answer.text


def test_what_the_catalogue_does_not_have_is_refused(sign_in, editor, matrix):
    assert sign_in(editor).post(of("catalogue_add", matrix), {"activity": "astrology"}).status_code == 400
    assert sign_in(editor).post(of("catalogue_role_add", matrix), {"role": "astrologer"}).status_code == 400
    assert Change.objects.filter(matrix=matrix).count() == 1


def test_a_role_is_added_with_its_purpose(sign_in, editor, matrix):
    client = sign_in(editor)
    page = client.get(of("catalogue", matrix)).text
    assert "Keeps contracts, claims and the use of data within the law." in page
    for _ in range(2):
        answer = client.post(of("catalogue_role_add", matrix), {"role": "legal", "key": KEY})
        assert answer.headers["Location"] == of("catalogue", matrix)
    role = matrix.roles.get(name="Legal")
    assert (role.short, role.origin) == ("Legal", "legal")
    assert role.purpose.startswith("Keeps contracts")
    assert "Legal" not in {role.name for role in client.get(of("catalogue", matrix)).context["roles"]}


def test_an_empty_matrix_is_offered_everything(sign_in, editor):
    matrix = create_matrix(sender=Sender(editor), name="Bare", grid=Grid())
    page = sign_in(editor).get(of("catalogue", matrix))
    assert len(offered(page)) == CatalogueActivity.objects.count()
    assert len(page.context["roles"]) == 10


def test_viewers_may_look_and_not_add(sign_in, viewer, reviewer, matrix):
    for member in (viewer, reviewer):
        page = sign_in(member).get(of("catalogue", matrix))
        assert page.status_code == 200
        assert 'type="checkbox"' not in page.text
        assert "Add the chosen" not in page.text
        assert 'name="role"' not in page.text


@pytest.mark.parametrize(
    ("name", "values"), [("catalogue_add", {"activity": "positioning"}), ("catalogue_role_add", {"role": "legal"})]
)
def test_only_editors_add(name, values, sign_in, viewer, reviewer, editor, stranger, matrix):
    url = of(name, matrix)
    for member in (viewer, reviewer):
        assert sign_in(member).post(url, values).status_code == 403
    client = sign_in(stranger)
    foreign = client.post(url, values)
    none = client.post(reverse(name, args=[stranger.workspace_id, 999_999]), values)
    assert foreign.status_code == none.status_code == 404
    assert foreign.content == none.content
    assert sign_in(editor).get(url).status_code == 405
    archive(matrix=matrix.pk, sender=Sender(editor), archived=True)
    assert sign_in(editor).post(url, values).status_code == 409
    assert Change.objects.filter(matrix=matrix).count() == 2


def test_a_strangers_look_is_not_found(sign_in, stranger, matrix):
    assert sign_in(stranger).get(of("catalogue", matrix)).status_code == 404
    through_own = reverse("catalogue", args=[stranger.workspace_id, matrix.pk])
    assert sign_in(stranger).get(through_own).status_code == 404


def test_an_archived_matrix_offers_nothing(sign_in, editor, matrix):
    archive(matrix=matrix.pk, sender=Sender(editor), archived=True)
    page = sign_in(editor).get(of("catalogue", matrix)).text
    assert "Add the chosen" not in page
    assert "Bring it back" in page


def test_the_catalogue_stays_within_its_queries(sign_in, editor, matrix, django_assert_max_num_queries):
    client = sign_in(editor)
    bare = create_matrix(sender=Sender(editor), name="Bare", grid=Grid(roles=reference_grid("sales").roles))
    with django_assert_max_num_queries(12) as full:
        client.get(of("catalogue", matrix))
    with django_assert_max_num_queries(12) as empty:
        client.get(of("catalogue", bare))
    assert len(full) == len(empty)
    assert Matrix.objects.count() == 2
