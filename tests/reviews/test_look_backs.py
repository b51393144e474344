"""Looking back: which rows turned out wrong, said once, for the next agenda."""

import pytest
from django.http import Http404

from raci.matrices.operations import Sender, archive
from raci.matrices.structure import remove_activity
from raci.publishing.models import Publication
from raci.reviews import look_backs
from raci.reviews.models import Evidence, LookBack
from raci.web.refusals import Conflict, Forbidden, Refused
from tests.factories import make_matrix
from tests.publishing.making import publish


@pytest.fixture
def agreed(owner):
    matrix = make_matrix(owner, "LS.", ".LI", name="Launch")
    publish(matrix, owner)
    return matrix


def look_back(matrix, by, *wrong, version=1, note=""):
    rows = {row.pk: note for row in wrong}
    return look_backs.look_back(matrix=matrix.pk, by=by, version=version, wrong=rows)


def test_what_turned_out_wrong_is_kept_for_the_next_agenda(agreed, editor):
    row = agreed.activities.first()
    said = look_back(agreed, editor, row, note="Sales does it")
    wrong = {str(row.pk): {"name": row.name, "note": "Sales does it"}}
    assert (said.wrong, said.by, said.version.number) == (wrong, editor.user, 1)
    assert Evidence.objects.get(matrix=agreed).wrong == wrong
    assert Publication.objects.get(matrix=agreed).looked_back_at is not None


def test_that_nothing_was_wrong_is_said_too(agreed, editor):
    assert look_back(agreed, editor).wrong == {}
    assert Publication.objects.get(matrix=agreed).looked_back_at is not None


def test_said_anew_it_takes_the_place_of_what_was_said_and_the_same_again_changes_nothing(agreed, owner, editor):
    first, second = agreed.activities.all()
    look_back(agreed, editor, first)
    said = look_back(agreed, owner, second)
    assert look_back(agreed, editor, second) == said
    assert LookBack.objects.count() == 2
    assert set(Evidence.objects.get().wrong) == {str(second.pk)}


def test_where_another_version_was_published_meanwhile_nothing_is_noted(agreed, owner):
    agreed.refresh_from_db()
    publish(agreed, owner)
    with pytest.raises(Conflict):
        look_back(agreed, owner, version=1)
    assert not LookBack.objects.exists()
    assert Publication.objects.get(matrix=agreed).looked_back_at is None


def test_a_row_that_is_gone_or_elsewhere_is_a_conflict(agreed, owner, foreign_matrix):
    row = agreed.activities.first()
    remove_activity(matrix=agreed.pk, sender=Sender(owner), activity=row.pk)
    for other in (row, foreign_matrix.activities.first()):
        with pytest.raises(Refused) as refusal:
            look_back(agreed, owner, other)
        assert refusal.value.status == 409


def test_only_editors_look_back_on_what_is_theirs_in_use_and_published(agreed, owner, viewer, stranger, matrix):
    with pytest.raises(Forbidden):
        look_back(agreed, viewer)
    with pytest.raises(Http404):
        look_back(agreed, stranger)
    with pytest.raises(Refused, match="Nothing is published"):
        look_back(matrix, owner)
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    with pytest.raises(Conflict, match="archived"):
        look_back(agreed, owner)
