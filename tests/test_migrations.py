"""Steps back and forward on a database with members, mail and accounts in it: what no step is about stays as it was."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from raci.accounts.models import Theme, User
from raci.matrices import drafts
from raci.notices.models import Notice, Outbox
from raci.notices.notices import notify
from raci.publishing.models import (
    Letter,
    Posting,
    Publication,
    Receipt,
    SharedPage,
    Unsubscribed,
    Version,
    Webhook,
)
from raci.publishing.signing import sign_version
from raci.reviews.models import Asking, Evidence, LookBack, Poll, Result, Review
from raci.screens import inviting
from raci.workspaces import links, operations
from raci.workspaces.models import Access, AuditEvent, Invitation, Link, Mail, Member
from tests.publishing.making import answers, publish
from tests.reviews import holding, polls

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_migrated_again")]
OURS = ("accounts_user", "workspaces_", "notices_", "matrices_", "publishing_", "reviews_")


@pytest.fixture
def _migrated_again(transactional_db):
    yield
    call_command("migrate", verbosity=0)


@pytest.fixture
def full(owner, editor, matrix) -> None:
    """Something in each table these steps are about."""
    User.objects.filter(pk=editor.user_id).update(time_zone="Asia/Kolkata", theme=Theme.DARK)
    Member.objects.filter(pk=editor.pk).update(mail=Mail.DAILY)
    inviting.invite(by=owner, email="nia@example.org", access=Access.VIEWER, until=timezone.now() + timedelta(days=7))
    notify(editor, text="Your access changed.", url="/", key="one")
    drafts.make(matrix=matrix.pk, by=editor, name="For the board")
    links.make_sign_in_link(owner.user)
    _publish(matrix, owner)
    _review(matrix, owner)


def _publish(matrix, owner) -> None:
    """A version that was signed, a letter that told of it, a link to it and a webhook that heard of it."""
    role = answers(matrix, owner)
    version = publish(matrix, owner)
    sign_version(matrix=matrix.pk, role=role.pk, digest=version.digest, by=owner)
    made = {"workspace": owner.workspace, "by": owner.user, "until": links.NO_END}
    letter, _ = links.make_link(purpose=Link.Purpose.LETTER, **made)
    Letter.objects.create(version=version, text="Read it.", minutes="What was decided.")
    Publication.objects.filter(matrix=matrix).update(next_on=timezone.localdate())
    Receipt.objects.create(version=version, address="nia@example.org", link=letter)
    Unsubscribed.objects.create(workspace=owner.workspace, address="ned@example.org")
    shared, _ = links.make_link(purpose=Link.Purpose.SHARED, **made)
    SharedPage.objects.create(matrix=matrix, link=shared)
    hook = Webhook.objects.create(matrix=matrix, host="chat.example", address="sealed")
    Posting.objects.create(webhook=hook, version=version, text="Version 1")


def _review(matrix, owner) -> None:
    """A poll that is closed and one with a link, what is known of a row, and a session with a decision."""
    poll = polls.opened(owner, matrix)
    polls.answered(poll, matrix.roles.first().pk, ["nobody"], user=owner.user_id)
    polls.closed(poll, owner)
    polls.opened(owner, matrix)
    Asking.objects.create(matrix=matrix, sign="0" * 64)
    review = holding.running(matrix, owner, 0, asked=(owner,))
    holding.decide(review, owner, 0)
    Result.objects.create(review=review, digest="0" * 64, revision=1)
    LookBack.objects.create(matrix=matrix, version=Version.objects.get(matrix=matrix))


def _forget_reviews() -> None:
    """What stops a step back: polls, what is known, sessions, looking back."""
    for model in (LookBack, Review, Evidence, Poll):
        model.objects.all().delete()


def _migrate(app, name):
    MigrationExecutor(connection).migrate([(app, name)])


def _tables():
    """Every row of ours, read without models: table -> rows by id, each as text by column."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(OURS):
                cursor.execute(f"SELECT * FROM {table} ORDER BY id")
                columns = [column[0] for column in cursor.description]
                found[table] = {str(row[0]): dict(zip(columns, map(str, row), strict=True)) for row in cursor}
    return found


def _without(columns, row):
    return {name: value for name, value in row.items() if name not in columns}


PUBLISHED = tuple(
    f"publishing_{table}"
    for table in (
        "version",
        "publication",
        "signoff",
        "letter",
        "receipt",
        "unsubscribed",
        "sharedpage",
        "webhook",
        "posting",
    )
)
REVIEWED = tuple(
    f"reviews_{table}"
    for table in (
        "poll",
        "respondent",
        "asking",
        "answer",
        "evidence",
        "review",
        "participant",
        "item",
        "decision",
        "result",
        "lookback",
    )
)
CHOSEN = {"publishing_letter": {"minutes"}, "publishing_publication": {"next_on"}}
# What a step back takes away: whole tables, columns, and rows of a table that stays. Steps of others go before it.
STEPS = {
    "preferences": ("accounts", "0001_initial", {"accounts_user": {"time_zone", "theme"}}, ()),
    "reviews": ("reviews", None, {}, REVIEWED),
    "links to polls": ("workspaces", "0004_published_links", {}, REVIEWED),
    "minutes": ("publishing", "0001_initial", CHOSEN, REVIEWED),
    "publishing": ("publishing", None, {}, (*PUBLISHED, *REVIEWED)),
    "mail": ("notices", None, {}, ("notices_notice", "notices_outbox", *PUBLISHED, *REVIEWED)),
    "invitations": (
        "workspaces",
        "0002_assessment_links",
        {
            "workspaces_member": {"mail"},
            "workspaces_workspace": {"deleted_at"},
            "matrices_role": {"members", "answers", "contact"},
            "matrices_change": {"edits"},  # which speak of those of a role; see tests/matrices/test_migrations.py
        },
        (
            "workspaces_invitation",
            "workspaces_auditevent",
            "notices_notice",
            "notices_outbox",
            "matrices_draftlink",
            "matrices_told",
            *PUBLISHED,
            *REVIEWED,
        ),
    ),
}


LINKS: dict[str, set[str]] = {"preferences": set()}  # what a step takes away of them; the others, those to polls


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.usefixtures("full")
def test_a_step_back_takes_what_it_brought_and_nothing_else_and_forward_it_is_there_again_empty(step):
    app, name, columns, tables = STEPS[step]
    before = _tables()
    assert all(before[table] for table in ("notices_notice", "notices_outbox", "workspaces_invitation"))
    assert all(before[table] for table in ("workspaces_auditevent", *PUBLISHED, *REVIEWED))
    if step != "preferences":
        _forget_reviews()
        before = _tables()
    _migrate(app, name)
    now = _tables()
    assert before.keys() - now.keys() == set(tables)
    for table, rows in now.items():
        lost = columns.get(table, set())
        wanted = {pk: _without(lost, row) for pk, row in before[table].items()}
        if table == "workspaces_link":
            gone = set(Link.Purpose.values) - {"sign-in"} if step == "invitations" else LINKS.get(step, {"poll"})
            wanted = {pk: row for pk, row in wanted.items() if row["purpose"] not in gone}
        assert {pk: _without(lost & {"edits"}, row) for pk, row in rows.items()} == wanted, table
    call_command("migrate", verbosity=0)
    after = _tables()
    assert after.keys() == before.keys()
    assert all(not after[table] for table in tables)
    assert "poll" not in {row["purpose"] for row in after["workspaces_link"].values()} or step == "preferences"
    assert after["workspaces_member"].keys() == before["workspaces_member"].keys()


@pytest.mark.parametrize("step", [step for step in STEPS if step != "preferences"])
@pytest.mark.usefixtures("full")
def test_no_step_back_loses_what_was_asked_and_decided(step):
    app, name, *_ = STEPS[step]
    before = _tables()
    with pytest.raises(CommandError, match=r"Polls and reviews would be lost, .*Stay with this release"):
        call_command("migrate", app, name or "zero", verbosity=0)
    assert _tables() == before


@pytest.mark.usefixtures("full")
def test_what_comes_with_a_step_forward_works_on_what_was_there(owner, editor):
    _forget_reviews()
    for app, name in (("workspaces", "0002_assessment_links"), ("accounts", "0001_initial")):
        _migrate(app, name)
    call_command("migrate", verbosity=0)
    editor.user.refresh_from_db()
    editor.refresh_from_db()
    assert (editor.user.time_zone, editor.user.theme, editor.mail) == ("", Theme.SYSTEM, Mail.AT_ONCE)
    assert [link.purpose for link in Link.objects.all()] == [Link.Purpose.SIGN_IN]
    inviting.invite(by=owner, email="nia@example.org", access=Access.VIEWER, until=timezone.now() + timedelta(days=7))
    notify(editor, text="Your access changed.", url="/", key="one")
    assert [model.objects.count() for model in (Invitation, AuditEvent, Outbox, Notice)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("app", "name"),
    [
        ("workspaces", "0002_assessment_links"),
        ("notices", None),
        ("matrices", "0003_departures_and_house_references"),
        ("reviews", None),
    ],
)
@pytest.mark.usefixtures("full")
def test_no_deleted_workspace_comes_back_into_use_by_a_step_back(owner, stranger, app, name):
    operations.delete(by=owner, typed="Acme")
    before = _tables()
    with pytest.raises(CommandError, match=r"in use again if you went back: “Acme”\. Restore each, or let it go"):
        call_command("migrate", app, name or "zero", verbosity=0)
    assert _tables() == before
    operations.restore(by=owner.user, workspace=owner.workspace_id)
    _forget_reviews()
    call_command("migrate", app, name or "zero", verbosity=0)
    assert _tables()["workspaces_workspace"].keys() == before["workspaces_workspace"].keys()
