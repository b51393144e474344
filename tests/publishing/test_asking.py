"""Asking those who answer for a role, and have not signed for it, to sign."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from raci.matrices.operations import Sender, archive
from raci.notices.models import Notice
from raci.notices.notices import KEPT, mail_notices, tidy
from raci.publishing.asking import ask_to_sign
from raci.publishing.signing import sign_version
from raci.web.refusals import Forbidden, Gone, Refused
from raci.workspaces.models import Mail
from tests.factories import make_matrix
from tests.publishing.making import answers, publish
from tests.publishing.sending import next_version


@pytest.fixture
def version(owner, viewer):
    """The viewer answers for two roles, the owner for none."""
    matrix = make_matrix(owner, "LS.", ".LI", "L.S")
    for column in (0, 2):
        answers(matrix, viewer, column, by=owner)
    return publish(matrix, owner)


def test_each_is_asked_once_for_all_roles_they_answer_for(version, editor, viewer):
    assert [ask_to_sign(version=version, by=editor) for _ in range(2)] == [1, 0]
    notice = Notice.objects.get()
    assert notice.member == viewer
    assert notice.text == (
        "You answer for Role 1 and Role 3, and their rows are not signed yet.\n\n"
        "Look at them in version 1 of “Small”, then sign."
    )
    assert notice.url == f"/w/{viewer.workspace_id}/matrices/{version.matrix_id}/versions/1/readers/"


def test_they_are_asked_again_for_the_next_version(version, owner, viewer):
    ask_to_sign(version=version, by=owner)
    assert ask_to_sign(version=next_version(version, owner), by=owner) == 1


def test_and_after_a_month(version, owner):
    ask_to_sign(version=version, by=owner)
    mail_notices(timezone.now())
    with time_machine.travel(timezone.now() + KEPT + timedelta(minutes=1)):
        tidy(timezone.now())
        assert ask_to_sign(version=version, by=owner) == 1


def test_who_has_signed_or_wants_no_mail_is_not_asked(version, owner, editor, viewer):
    third = answers(version.matrix, editor, 1, by=owner)
    sign_version(matrix=version.matrix_id, role=third.pk, digest=version.digest, by=editor)
    viewer.mail = Mail.NEVER
    viewer.save()
    assert ask_to_sign(version=version, by=owner) == 0
    assert not Notice.objects.exists()


def test_only_editors_ask_and_only_about_the_version_in_force(version, owner, viewer, ex_member):
    for member, refusal in ((viewer, Forbidden), (ex_member, Gone)):
        with pytest.raises(refusal):
            ask_to_sign(version=version, by=member)
    later = next_version(version, owner)
    with pytest.raises(Refused, match="Version 2 is published by now"):
        ask_to_sign(version=version, by=owner)
    archive(matrix=version.matrix_id, sender=Sender(owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        ask_to_sign(version=later, by=owner)
    assert not Notice.objects.exists()
