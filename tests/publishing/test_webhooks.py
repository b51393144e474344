"""Webhooks of a matrix: which address may be one, how it is kept, and who adds and removes it."""

import pytest
from django.http import Http404

from raci.matrices.models import Matrix
from raci.publishing import webhooks
from raci.publishing.models import Webhook
from raci.publishing.webhooks import MOST, address_of
from raci.screens.audit import sentence
from raci.web.refusals import Forbidden, Gone, Refused
from raci.web.sealed import Unreadable
from raci.workspaces.models import AuditEvent
from tests.factories import make_matrix
from tests.web.outside import HOST, PUBLIC

HOOK = f"https://{HOST}/services/T0/secret-part"
OTHER_KEY = "another-key-of-fifty-characters-and-of-many-letters-0123"


@pytest.fixture(autouse=True)
def _reachable(outside):
    outside.leads(HOST, PUBLIC)


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


def _log() -> list[str]:
    return [sentence(event) for event in AuditEvent.objects.order_by("pk")]


def test_an_editor_adds_one_and_its_address_is_kept_sealed(small, editor):
    hook = webhooks.add(matrix=small.pk, address=f" {HOOK}\n", by=editor)
    assert (hook.host, hook.by, address_of(hook)) == (HOST, editor.user, HOOK)
    assert "secret-part" not in f"{list(Webhook.objects.values())}{list(AuditEvent.objects.values())}"
    assert _log() == [f"Eddie Editor added a webhook of “Small” at {HOST}."]


def test_nothing_is_posted_by_adding_one(small, editor, outside):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    assert outside.hits == []


def test_the_same_address_is_added_once(small, editor, owner):
    first = webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    assert webhooks.add(matrix=small.pk, address=HOOK, by=owner) == first
    assert len(_log()) == Webhook.objects.count() == 1


def test_a_matrix_has_five_at_most_and_another_matrix_has_its_own(small, owner):
    for number in range(MOST):
        webhooks.add(matrix=small.pk, address=f"{HOOK}{number}", by=owner)
    with pytest.raises(Refused, match="up to 5 webhooks"):
        webhooks.add(matrix=small.pk, address=HOOK, by=owner)
    assert webhooks.add(matrix=make_matrix(owner, "L").pk, address=HOOK, by=owner).host == HOST
    assert Webhook.objects.filter(matrix=small).count() == MOST


@pytest.mark.parametrize(
    "address", ["", "hooks", "http://2130706433/", "https://[::ffff:169.254.169.254]/", "https://inner.example.org/x"]
)
def test_an_address_that_is_none_or_leads_inside_is_refused_and_not_kept(small, editor, outside, address):
    outside.leads("inner.example.org", "10.1.2.3")
    with pytest.raises(Refused) as refused:
        webhooks.add(matrix=small.pk, address=address, by=editor)
    assert refused.value.status == 422
    assert (Webhook.objects.count(), _log(), outside.hits) == (0, [], [])


def test_an_editor_removes_one(small, editor):
    hook = webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    webhooks.remove(matrix=small.pk, webhook=hook.pk, by=editor)
    assert not Webhook.objects.exists()
    assert _log()[1:] == [f"Eddie Editor removed a webhook of “Small” at {HOST}."]
    with pytest.raises(Http404):
        webhooks.remove(matrix=small.pk, webhook=hook.pk, by=editor)


def test_who_may_not_or_may_no_more_adds_and_removes_none(small, owner, reviewer, viewer, ex_member):
    hook = webhooks.add(matrix=small.pk, address=HOOK, by=owner)
    for member, refusal in ((reviewer, Forbidden), (viewer, Forbidden), (ex_member, Gone)):
        with pytest.raises(refusal):
            webhooks.add(matrix=small.pk, address=f"{HOOK}2", by=member)
        with pytest.raises(refusal):
            webhooks.remove(matrix=small.pk, webhook=hook.pk, by=member)
    assert list(Webhook.objects.all()) == [hook]


def test_those_of_another_matrix_or_workspace_are_out_of_reach(small, owner, stranger, foreign_matrix):
    hook = webhooks.add(matrix=foreign_matrix.pk, address=HOOK, by=stranger)
    with pytest.raises(Http404):
        webhooks.add(matrix=foreign_matrix.pk, address=f"{HOOK}2", by=owner)
    for matrix in (foreign_matrix.pk, small.pk):
        with pytest.raises(Http404):
            webhooks.remove(matrix=matrix, webhook=hook.pk, by=owner)
    assert list(Webhook.objects.all()) == [hook]


def test_an_address_outlives_a_new_key_that_knows_the_old_one_and_no_other(small, editor, settings):
    hook = webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    old, settings.SECRET_KEY = settings.SECRET_KEY, OTHER_KEY
    with pytest.raises(Unreadable):
        address_of(hook)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert address_of(hook) == HOOK


def test_beside_one_that_cannot_be_read_any_more_another_is_added(small, editor, settings):
    webhooks.add(matrix=small.pk, address=HOOK, by=editor)
    settings.SECRET_KEY = OTHER_KEY
    assert address_of(webhooks.add(matrix=small.pk, address=HOOK, by=editor)) == HOOK
    assert Webhook.objects.count() == 2
