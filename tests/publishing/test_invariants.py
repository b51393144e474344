"""What must hold of everything published: each check finds what was broken behind the operations' back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from raci.matrices.models import Change, Matrix
from raci.notices.sending import KEPT
from raci.publishing import invariants
from raci.publishing.models import Posting, Publication, Receipt, SharedPage, SignOff, Version, Webhook
from raci.publishing.signing import sign_version
from raci.workspaces.links import NO_END, make_link
from raci.workspaces.models import Link, Member
from tests.factories import make_matrix
from tests.publishing.making import answers, publish


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def version(small, owner) -> Version:
    """The second, signed by the owner."""
    role = answers(small, owner)
    publish(small, owner)
    made = publish(small, owner)
    sign_version(matrix=small.pk, role=role.pk, digest=made.digest, by=owner)
    return made


def _past_the_guards(statement: str, *values) -> None:
    """A statement that the triggers on versions and signatures would refuse."""
    with connection.cursor() as cursor:
        tables = ("publishing_version", "publishing_signoff")
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # it alters no table with rows that are still to be checked
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s)", tables)
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(statement, values)


def _link(member: Member, purpose: Link.Purpose) -> Link:
    return make_link(purpose=purpose, workspace=member.workspace, by=member.user, until=NO_END)[0]


def _told(version: Version, by: Member) -> Receipt:
    """Somebody told so long ago that the mail is forgotten."""
    link, long_ago = _link(by, Link.Purpose.LETTER), timezone.now() - KEPT
    return Receipt.objects.create(version=version, address="a@example.org", link=link, told_at=long_ago)


def test_nothing_is_broken_where_nothing_was(version):
    assert invariants.broken() == []


def test_a_level_changed_in_a_version_is_found_twice(version, small):
    row, role = next(iter(Version.objects.get(pk=version.pk).grid["cells"].items()))
    key = next(each for each, level in role.items() if level == "L")
    change = {
        "sqlite": f"""json_set(grid, '$.cells."{row}"."{key}"', 'S')""",
        "postgresql": f"""jsonb_set(grid, '{{cells,{row},{key}}}', '"S"')""",
    }[connection.vendor]
    _past_the_guards(f"UPDATE publishing_version SET grid = {change} WHERE id = %s", version.pk)
    assert invariants.broken() == [
        f"I1: in version row {version.pk} not exactly one role leads the activities [{row}]",
        f"I5: version row {version.pk} has another digest than its grid",
    ]


def test_a_digest_that_was_changed_is_found(version):
    _past_the_guards("UPDATE publishing_version SET digest = %s", "0" * 64)
    assert [sentence[:2] for sentence in invariants.broken()] == ["I5", "I5"]


def test_a_version_that_is_not_in_the_log_and_one_that_is_gone_are_found(version, small):
    Change.objects.filter(matrix=small, revision=version.logged).update(kind="rename")
    assert invariants.broken() == [
        f"Version row {version.pk} is not in the log of its matrix at revision {version.logged}"
    ]
    Change.objects.filter(matrix=small, revision=version.logged).update(kind="publish")
    Publication.objects.update(latest=None)
    _past_the_guards("DELETE FROM publishing_version WHERE id = %s", version.pk)
    assert (
        f"Matrix {small.pk} was published at revision {version.logged}, and there is no such version"
        in invariants.broken()
    )


def test_a_gap_in_the_numbers_is_found(version, small):
    _past_the_guards("UPDATE publishing_version SET number = 3 WHERE id = %s", version.pk)
    assert invariants.broken() == [f"The versions of matrix {small.pk} are numbered [1, 3]"]


def test_a_publication_that_lags_behind_or_points_elsewhere_is_found(version, small, owner):
    Publication.objects.filter(matrix=small).update(latest=Version.objects.get(matrix=small, number=1))
    assert invariants.broken() == [f"Matrix {small.pk} counts version 1 as its latest, not 2"]
    other = publish(make_matrix(owner, "L"), owner)
    Publication.objects.filter(matrix=small).update(latest=other)
    pk = Publication.objects.get(matrix=small).pk
    assert f"Publication {pk} counts a version of another matrix as its latest" in invariants.broken()


def test_a_letter_with_a_link_of_another_workspace_or_for_something_else_is_found(version, owner, stranger):
    said = "Receipt {} has as its {} one of another workspace, or for something else"
    links = {"link": _link(stranger, Link.Purpose.LETTER), "reminder": _link(owner, Link.Purpose.SHARED)}
    for field, link in links.items():
        receipt = _told(version, owner)
        Receipt.objects.filter(pk=receipt.pk).update(**{field: link})
        assert invariants.broken() == [said.format(receipt.pk, field)]
        receipt.delete()
    _told(version, owner)
    assert invariants.broken() == []


def test_who_was_told_and_has_no_link_or_whose_mail_went_before_its_time_is_found(version, owner):
    receipt = _told(version, owner)
    Receipt.objects.filter(pk=receipt.pk).update(link=None)
    assert invariants.broken() == [f"Receipt {receipt.pk} has no link"]
    Receipt.objects.filter(pk=receipt.pk).update(link=receipt.link, told_at=timezone.now() - KEPT + timedelta(hours=1))
    assert invariants.broken() == [f"Receipt {receipt.pk} has no mail, and was told lately"]


def test_a_shared_page_with_a_link_or_a_version_from_elsewhere_is_found(version, small, owner, stranger):
    page = SharedPage.objects.create(matrix=small, link=_link(stranger, Link.Purpose.SHARED))
    assert invariants.broken() == [f"Shared page {page.pk} has a link of another workspace"]
    page.delete()
    page = SharedPage.objects.create(matrix=small, link=_link(owner, Link.Purpose.DRAFT))
    assert invariants.broken() == [f"Shared page {page.pk} has a link for something else"]
    page.delete()
    other = publish(make_matrix(owner, "L"), owner)
    page = SharedPage.objects.create(matrix=small, link=_link(owner, Link.Purpose.SHARED), version=other)
    assert invariants.broken() == [f"Shared page {page.pk} shows a version of another matrix"]


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("page", ["https://a.example"]),
        ("feed", ["https://a.example"]),
        ("embed", []),
        ("embed", ["https://A.example"]),
        ("embed", ["https://a.example", "https://a.example"]),
        ("embed", ["*"]),
        ("embed", ["https://a.example; script-src *"]),
    ],
)
def test_a_page_that_names_other_sites_than_it_may_is_found(version, small, owner, kind, named):
    link = _link(owner, Link.Purpose.SHARED)
    page = SharedPage.objects.create(matrix=small, link=link, kind=kind, origins=named)
    assert invariants.broken() == [f"Shared page {page.pk} names other sites than it may: {named}"]
    SharedPage.objects.update(kind="embed", origins=["https://a.example", "http://localhost:3000"])
    assert invariants.broken() == []


def test_a_signature_for_a_role_that_its_version_does_not_have_is_found(version, small, owner):
    SignOff.objects.create(matrix=small, digest=version.digest, role=7_999_999, name="Nobody", by=owner.user)
    lost = SignOff.objects.get(role=7_999_999)
    assert invariants.broken() == [f"I7: signature {lost.pk} is one for a role that its version does not have"]


def test_a_webhook_that_is_told_of_another_matrix_is_found(version, small, owner):
    hook = Webhook.objects.create(matrix=small, host="hooks.example", address="sealed")
    Posting.objects.create(webhook=hook, version=version)
    assert invariants.broken() == []
    stray = Posting.objects.create(webhook=hook, version=publish(make_matrix(owner, "L"), owner))
    assert invariants.broken() == [f"Posting {stray.pk} tells a webhook of a version of another matrix"]
