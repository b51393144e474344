"""Whatever is done about a letter is done by members of its workspace: for anybody else there is no such version."""

import pytest
from django.http import Http404

from raci.publishing import asking, postings, receipts, telling
from raci.publishing.models import Letter, Posting, Receipt
from raci.publishing.recipients import Chosen
from raci.workspaces.models import AuditEvent
from tests.factories import make_matrix
from tests.publishing.making import publish
from tests.publishing.sending import MEI, put, receipt

OPERATIONS = {
    "edit": lambda **of: telling.edit(**of, subject="", text="Mine.", seen=""),
    "send": lambda **of: telling.send(**of, chosen=Chosen(pasted="jon@example.org"), seen=""),
    "retry": telling.retry,
    "told another way": telling.told_another_way,
    "remind": receipts.remind,
    "ask to sign": asking.ask_to_sign,
    "post": postings.post,
}


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS", "SL"), owner)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_version_of_others_is_not_there(version, stranger, name):
    with pytest.raises(Http404):
        OPERATIONS[name](version=version, by=stranger)
    assert not Letter.objects.exists()
    assert not Receipt.objects.exists()
    assert not Posting.objects.exists()


def test_those_who_were_told_hear_nothing_from_others(version, owner, stranger):
    put(version, owner, MEI)
    noted = AuditEvent.objects.count()
    for name in ("remind", "retry"):
        with pytest.raises(Http404):
            OPERATIONS[name](version=version, by=stranger)
    assert receipt(version).reminded_at is None
    assert AuditEvent.objects.count() == noted
