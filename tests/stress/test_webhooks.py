"""Two processes post what is due, and several people add webhooks, at once: each is posted once, and five is the most."""

import pytest

from raci.publishing import webhooks
from raci.publishing.models import Posting, Webhook
from raci.publishing.postings import post, post_due
from raci.publishing.webhooks import MOST
from raci.web.refusals import Refused
from tests.factories import make_matrix
from tests.publishing.making import publish
from tests.stress.together import together
from tests.web.outside import HOST, PUBLIC

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(owner, outside):
    outside.leads(HOST, PUBLIC)
    return make_matrix(owner, "LS", "SL")


def _add(matrix, by, number):
    return lambda: webhooks.add(matrix=matrix.pk, address=f"https://{HOST}/{number}", by=by)


def test_two_senders_post_to_each_webhook_once(small, owner, outside):
    for number in range(MOST):
        _add(small, owner, number)()
    version = publish(small, owner)
    assert sorted(together(*[lambda: post(version=version, by=owner)] * 4)) == [0, 0, 0, MOST]
    rounds = together(post_due, post_due, post_due)
    assert sum(done.sent for done in rounds) == MOST
    assert sorted(request.split()[1] for request in outside.requests) == [f"/{number}" for number in range(MOST)]
    assert not Posting.objects.filter(sent_at=None).exists()


def test_of_ten_that_are_added_at_once_five_are_kept(small, owner):
    came = together(*(_add(small, owner, number) for number in range(2 * MOST)))
    assert sum(isinstance(each, Webhook) for each in came) == MOST
    assert sum(isinstance(each, Refused) for each in came) == MOST
    assert Webhook.objects.count() == MOST


def test_one_that_is_removed_while_it_is_posted_to_leaves_nothing_behind(small, owner):
    version = publish(small, owner)
    for _ in range(5):
        hook = _add(small, owner, 1)()
        came = together(
            lambda: post(version=version, by=owner),
            lambda hook=hook: webhooks.remove(matrix=small.pk, webhook=hook.pk, by=owner),
        )
        assert came[1] is None
        assert came[0] == 1 or isinstance(came[0], Refused)
        assert not Posting.objects.exists()
