"""Who do I ask about …? Over all that is published in a workspace."""

import pytest
from django.urls import reverse

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.matrices.people import answer_for, take_part
from raci.matrices.structure import edit_role
from raci.publishing.versions import publish
from raci.workspaces.models import Member
from tests.factories import make_matrix

HTMX = {"HX-Request": "true"}


def url(member, q=None) -> str:
    return reverse("find", args=[member.workspace_id]) + (f"?q={q}" if q is not None else "")


def published(owner, *rows, name="Small") -> Matrix:
    matrix = make_matrix(owner, *(rows or ("LS.", ".LI", "L..")), name=name)
    publish(matrix=matrix, sender=Sender(owner), seen=matrix.revision)
    return Matrix.objects.get(pk=matrix.pk)


def role_of(matrix, name="Role 1"):
    return matrix.roles.get(name=name)


@pytest.fixture
def launch(matrix, owner):
    """The market-led reference, published once."""
    publish(matrix=matrix, sender=Sender(owner), seen=matrix.revision)
    return Matrix.objects.get(pk=matrix.pk)


def test_a_word_gives_the_activity_its_lead_and_where_it_stands(sign_in, viewer, launch):
    page = sign_in(viewer).get(url(viewer, "pricing"))
    assert page.status_code == 200
    for words in ("Pricing and Packaging", "Launch", "version 1", "Lead"):
        assert words in page.text
    assert reverse("version", args=[viewer.workspace_id, launch.pk, 1]) in page.text
    (found,) = page.context["page"].answers
    assert found.lead.role.name in page.text


def test_while_somebody_types_the_answers_come_alone(sign_in, viewer, launch):
    fragment = sign_in(viewer).get(url(viewer, "pricing"), headers=HTMX).text
    assert "Pricing and Packaging" in fragment
    assert "<html" not in fragment
    assert "<form" not in fragment


def test_members_who_fill_a_role_now_are_named_though_it_was_published_before(sign_in, viewer, editor, owner):
    matrix = published(owner)
    role = role_of(matrix)
    take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=editor.user_id)
    page = sign_in(viewer).get(url(viewer, "activity 1")).text
    assert "Eddie Editor" in page
    assert [one.activity.name for one in sign_in(viewer).get(url(viewer, "eddie")).context["page"].answers] == [
        "Activity 1",
        "Activity 3",
    ]


def test_it_says_of_a_role_what_the_page_of_the_version_says(sign_in, viewer, editor, owner):
    matrix = make_matrix(owner, "LS.", ".LI", "L..")
    role, at = role_of(matrix), {"matrix": matrix.pk, "sender": Sender(owner)}
    values = {"people": ["Ann Lee"], "contact": "https://wiki.example/1"}
    edit_role(**at, role=role.pk, values=values, seen=1)
    publish(matrix=Matrix.objects.get(pk=matrix.pk), sender=Sender(owner), seen=2)
    take_part(**at, role=role.pk, user=editor.user_id)
    values = {"people": ["Bob Ray"], "contact": "https://wiki.example/2"}
    edit_role(**at, role=role.pk, values=values, seen=Matrix.objects.get(pk=matrix.pk).revision)
    client = sign_in(viewer)
    version = reverse("version", args=[viewer.workspace_id, matrix.pk, 1]) + "?q=activity+1"
    here, there = client.get(url(viewer, "activity 1")).context["page"], client.get(version).context
    for found in (here.answers[0], there["answers"][0]):
        assert (found.lead.people, found.lead.contact) == (("Ann Lee", "Eddie Editor"), "https://wiki.example/1")


def test_without_a_contact_it_tells_the_address_of_who_answers_for_the_role(sign_in, viewer, editor, owner):
    matrix = published(owner)
    role = role_of(matrix)
    done = take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=editor.user_id)
    client = sign_in(viewer)
    assert editor.user.email not in client.get(url(viewer, "activity 1")).text
    answer_for(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=editor.user_id, seen=done.matrix.revision)
    assert f"mailto:{editor.user.email}" in client.get(url(viewer, "activity 1")).text
    Member.objects.filter(pk=editor.pk).delete()
    gone = client.get(url(viewer, "activity 1")).text
    assert editor.user.email not in gone
    assert "Eddie" not in gone


def test_a_role_that_is_gone_since_stays_as_it_was_published(sign_in, viewer, owner):
    matrix = make_matrix(owner, "LS", "L.")
    role = role_of(matrix)
    edit_role(matrix=matrix.pk, sender=Sender(owner), role=role.pk, values={"people": ["Ann Lee"]}, seen=1)
    publish(matrix=Matrix.objects.get(pk=matrix.pk), sender=Sender(owner), seen=2)
    matrix.roles.filter(pk=role.pk).delete()
    page = sign_in(viewer).get(url(viewer, "activity 1")).text
    assert "Role 1" in page
    assert "Ann Lee" in page


def test_what_is_not_published_or_put_away_is_not_searched_and_it_says_so(sign_in, viewer, owner, launch):
    make_matrix(owner, "LS", name="Unagreed")
    away = published(owner, "L.", name="Put away")
    archive(matrix=away.pk, sender=Sender(owner), archived=True)
    page = sign_in(viewer).get(url(viewer, "activity"))
    assert page.context["page"].answers == []
    assert "1 matrix is not searched" in page.text
    assert "Nothing here goes by “activity”." in page.text


def test_the_latest_version_answers_not_the_draft_and_not_an_older_one(sign_in, viewer, owner):
    matrix = published(owner, "L.", name="Moving")
    matrix.activities.update(name="Renamed")
    client = sign_in(viewer)
    assert "Renamed" not in client.get(url(viewer, "renamed"), headers=HTMX).text.replace("“renamed”", "")
    assert client.get(url(viewer, "activity 1")).context["page"].answers
    publish(matrix=Matrix.objects.get(pk=matrix.pk), sender=Sender(owner), seen=matrix.revision)
    (found,) = client.get(url(viewer, "renamed")).context["page"].answers
    assert found.place.version == "version 2"
    assert client.get(url(viewer, "activity 1")).context["page"].answers == []


def test_where_nothing_is_published_it_says_what_would_be_there(sign_in, viewer, editor, matrix):
    assert "Nothing is published yet" in sign_in(viewer).get(url(viewer, "pricing")).text
    assert '<form class="ask"' not in sign_in(editor).get(url(editor)).text


def test_an_empty_question_is_not_answered(sign_in, viewer, launch):
    for q in (None, "", "%20"):
        page = sign_in(viewer).get(url(viewer, q))
        assert page.context["page"].answers == []
        assert "Nothing here goes by" not in page.text


def test_a_question_of_any_length_is_cut_and_stays_text(sign_in, viewer, launch):
    page = sign_in(viewer).get(url(viewer, "<img src=x>" + "y" * 5000))
    assert page.status_code == 200
    assert "<img src=x" not in page.text
    assert "y" * 201 not in page.text


def test_another_workspace_is_neither_searched_nor_told_of(sign_in, stranger, viewer, foreign_matrix, launch):
    publish(matrix=foreign_matrix, sender=Sender(stranger), seen=foreign_matrix.revision)
    assert "Bolt" not in sign_in(viewer).get(url(viewer, "pricing")).text
    assert sign_in(stranger).get(url(viewer, "pricing")).status_code == 404


def test_it_takes_as_many_queries_for_twelve_matrices_as_for_one(
    sign_in, viewer, editor, owner, django_assert_max_num_queries
):
    def staffed(name):
        made = published(owner, name=name)
        take_part(matrix=made.pk, sender=Sender(owner), role=role_of(made).pk, user=editor.user_id)

    client = sign_in(viewer)
    staffed("M 0")
    with django_assert_max_num_queries(12) as one:
        client.get(url(viewer, "activity"))
    for number in range(1, 12):
        staffed(f"M {number}")
    with django_assert_max_num_queries(12) as twelve:
        page = client.get(url(viewer, "activity"))
    assert len(page.context["page"].answers) == 36
    assert len(twelve) <= len(one) + 1  # the grids this process has not read yet
    assert "16 more" in page.text


def test_it_hangs_among_the_tabs(sign_in, viewer, launch):
    assert url(viewer) in sign_in(viewer).get(reverse("matrices", args=[viewer.workspace_id])).text
