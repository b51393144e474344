"""Several people keep a matrix up at once: no confirmation is lost, and none is left over from before a version."""

import pytest

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.publishing import upkeeping, versions
from raci.publishing.models import Publication, Version
from raci.publishing.upkeeping import Confirmed
from raci.web.refusals import Busy, Conflict
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import revision, rows_of
from tests.publishing.making import publish
from tests.stress.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreed(owner) -> Matrix:
    matrix = make_matrix(owner, *["LS"] * 6)
    publish(matrix, owner)
    upkeeping.declare_changed(matrix=matrix.pk, why="Partners", by=owner)
    return matrix


def key() -> str:
    publication = Publication.objects.get()
    return f"changed:{publication.changed_at:%Y-%m-%d}"


def test_rows_confirmed_at_once_are_all_confirmed(agreed, workspace):
    event, seen = key(), revision(agreed)

    def confirming(row, member):
        return lambda: upkeeping.confirm(matrix=agreed.pk, by=member, events=[event], seen=seen, activity=row)

    rows = [row.pk for row in rows_of(agreed)]
    done = together(*(confirming(row, MemberFactory(workspace=workspace)) for row in rows))
    assert done == [Confirmed(1)] * 6
    assert Publication.objects.get().confirmed == {str(row): [event] for row in rows}


def test_a_confirmation_beside_a_new_version_is_in_time_or_refused(agreed, owner, editor):
    event, seen = key(), revision(agreed)
    row, first = Matrix.objects.get(pk=agreed.pk), rows_of(agreed)[0].pk
    published, confirmed = together(
        lambda: versions.publish(matrix=row, sender=Sender(owner), seen=seen),
        lambda: upkeeping.confirm(matrix=agreed.pk, by=editor, events=[event], seen=seen, activity=first),
    )
    assert isinstance(published, Version), published
    assert confirmed == Confirmed(1) or isinstance(confirmed, Conflict | Busy), confirmed
    assert Publication.objects.get().confirmed == {}
