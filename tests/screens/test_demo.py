"""`manage.py demo`: a workspace full of everything, once."""

import io
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from raci.accounts.models import User
from raci.matrices.models import Activity, Change, DraftLink, Matrix, Role
from raci.matrices.store import read_grid
from raci.notices.models import Notice, Outbox
from raci.publishing.models import Receipt, Version
from raci.publishing.signing import signatures
from raci.reviews.evidence import healths
from raci.reviews.follow_ups import open_decisions
from raci.reviews.health import vital
from raci.reviews.models import Poll, Review
from raci.reviews.trends import series
from raci.screens.findings import check
from raci.screens.management.commands.serve import LOCAL_EMAIL, local_owner
from raci.screens.tiles import lede, overview
from raci.workspaces import invitations
from raci.workspaces.models import Access, AuditEvent, Member, Workspace
from tests import invariants
from tests.walk import digest

CORE = ["Core product", "Enterprise deals", "Mobile app", "New ventures", "Payments", "Platform and APIs"]


@pytest.fixture
def said(seeded) -> str:
    return demo()


def demo(*arguments: str) -> str:
    out = io.StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_it_fills_the_workspace_of_this_machine(said):
    workspace = Workspace.objects.get()
    assert workspace.name == "Tidewater"
    assert Member.objects.get(user__email=LOCAL_EMAIL).access == Access.OWNER
    assert sorted(Matrix.objects.live().values_list("name", flat=True)) == [*CORE, "Year-end release"]
    assert Matrix.objects.archived().count() == 1
    assert set(Matrix.objects.values_list("culture", flat=True)) == {"market", "technology", "sales", None}
    for word in (*CORE, "Year-end release", "archived", "Mei Tanaka (editor)"):
        assert word in said


def test_a_second_time_it_says_so_and_adds_nothing(said):
    before = digest()
    assert "already" in demo()
    assert digest() == before


def test_every_kind_of_thing_is_there_to_be_seen(said):
    assert {member.access for member in Member.objects.all()} == {access.value for access in Access}
    assert Role.objects.filter(name="Customer Success", headcount__gt=0).exclude(people=[]).count() >= 3
    assert Role.objects.exclude(contact="").count() >= 15
    assert Activity.objects.exclude(deliverer=None).count() >= 2
    assert Activity.objects.exclude(notes="").count() >= 5
    assert Activity.objects.exclude(people=[]).count() >= 3
    found = [check(matrix, read_grid(matrix)) for matrix in Matrix.objects.live()]
    assert sum(checked.tally.errors for checked in found) >= 3
    assert sum(checked.tally.warnings for checked in found) >= 3
    assert sum(len(checked.aside) for checked in found) >= 2
    assert any(checked.tally.errors == checked.tally.warnings == 0 for checked in found)
    wide = Matrix.objects.get(name="Year-end release")
    assert (wide.activities.count(), wide.roles.count()) == (60, 12)


def test_members_fill_roles_somebody_is_invited_and_the_audit_log_tells_of_it(said):
    core, mei = Matrix.objects.get(name="Core product"), User.objects.get(name="Mei Tanaka")
    marketing = core.roles.get(name="Product Marketing")
    assert (marketing.members, marketing.answers) == ([mei.pk], mei.pk)
    (invitation,) = invitations.open_in(core.workspace)
    assert (invitation.email, invitation.access) == ("noor.haddad@tidewater.example", Access.REVIEWER)
    assert DraftLink.objects.get().matrix == core
    kinds = list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[:4] == ["exported", "exported", "member.invited", "draft.shared"]


def test_what_was_agreed_is_published_told_of_read_signed_and_looked_at_again(said):
    workspace, now = Workspace.objects.get(), timezone.now()
    tiles, _ = overview(workspace)
    assert lede(tiles) == "Seven matrices, five published. One review is overdue."
    agreed = {tile.matrix.name: tile.published for tile in tiles if tile.published}
    assert {name: one.version.number for name, one in agreed.items()} == {
        "Core product": 3,
        "Enterprise deals": 2,
        "Mobile app": 1,
        "Payments": 2,
        "Platform and APIs": 1,
    }
    core = agreed["Core product"]
    assert (core.changes, core.readers) == (4, (63, 41))
    assert core.version.published_by.name == "Amara Okafor"
    assert set(signatures(core.version.matrix_id, core.version.digest)) == set(
        core.version.matrix.roles.exclude(name__in=["Product Management", "Customer Success"]).values_list(
            "pk", flat=True
        )
    )
    assert any(one.readers.told == one.readers.read > 0 for one in agreed.values())
    (known,) = agreed["Enterprise deals"].version.known
    assert known["rule"] == "R12"
    assert any(one.review.is_soon(timezone.localdate()) for one in agreed.values())
    assert not Receipt.objects.filter(read_at__gt=now).exists()
    assert not Outbox.objects.filter(stop="letter_stop", sent_at=None).exists()
    assert "Core product: 20 activities, 5 roles, 92 changes, 3 versions" in said


def test_reviews_led_to_versions_and_left_something_open(said):
    core, now = Matrix.objects.get(name="Core product"), timezone.now()
    held = Review.objects.filter(matrix=core, state="published").order_by("planned_at")
    assert [review.version.number for review in held] == [1, 2, 3]
    for review in held:
        assert review.started_at < review.ended_at < review.version.published_at <= now
        for decision in review.decisions.all():
            assert review.started_at < decision.at == decision.change.at < review.ended_at
        assert review.title in review.version.letter.minutes
    figures = series([(review.ended_at.date(), review.figures) for review in held])
    assert [(one.key, len(one.points)) for one in figures][:2] == [("agreed", 3), ("healthy", 3)]
    assert [one.owner.name for one in open_decisions(core.pk)] == ["Jonas Lindqvist", "Priya Raman"]


def test_people_were_asked_and_the_next_session_has_its_agenda_from_what_they_said(said):
    core = Matrix.objects.get(name="Core product")
    poll = Poll.objects.get()
    assert (poll.matrix, poll.is_named, poll.result["answered"]) == (core, True, 9)
    assert poll.opened_at < poll.closed_at < timezone.now()
    rules = {finding.rule for finding in check(core, read_grid(core)).open}
    assert {"P1", "P2", "P3", "P4"} <= rules
    assert {"often late", "not done", "uneven"} <= {mark.word for mark in _vitals(core)}
    session = Review.objects.get(state="planned")
    assert session.planned_at > timezone.now()
    assert session.poll == poll
    assert [item.by_hand for item in session.items.all()].count(False) >= 6
    assert session.participants.count() == 6
    assert not Notice.objects.filter(key__startswith="session:").exists()
    assert not Notice.objects.filter(key__startswith="result:").exists()


def _vitals(matrix):
    return [mark for health in healths(matrix, read_grid(matrix)).values() if (mark := vital(health))]


def test_a_version_was_published_when_the_history_says_so(said):
    for version in Version.objects.all():
        change = Change.objects.get(matrix=version.matrix_id, revision=version.logged)
        assert (change.kind, change.at, change.by_id) == ("publish", version.published_at, version.published_by_id)


def test_its_history_is_that_of_weeks_of_work_by_several_and_leads_to_what_stands(said):
    invariants.check()
    now = timezone.now()
    changes = list(Change.objects.order_by("matrix", "revision"))
    assert len({change.by for change in changes}) >= 4
    assert {"create", "level", "block", "undo", "role_add", "aside", "archive"} <= {change.kind for change in changes}
    assert now - timedelta(days=70) < min(change.at for change in changes) < now - timedelta(days=35)
    assert max(change.at for change in changes) <= now
    for one, other in pairwise(changes):
        if one.matrix_id == other.matrix_id:
            assert one.at < other.at
    assert len({timezone.localdate(change.at) for change in changes}) > 12
    assert all(timezone.localdate(change.at).weekday() < 5 for change in changes)


def test_it_is_the_same_each_time_but_for_the_dates(said):
    first = list(Change.objects.order_by("pk").values_list("kind", "by__name", "names"))
    Workspace.objects.update(deleted_at=timezone.now())
    Workspace.objects.all().delete()
    User.objects.all().delete()
    demo()
    again = list(Change.objects.order_by("pk").values_list("kind", "by__name", "names"))
    assert [row[:2] for row in first] == [row[:2] for row in again]


def test_every_page_of_it_opens(said, client):
    client.force_login(local_owner(), backend="allauth.account.auth_backends.AuthenticationBackend")
    workspace = Workspace.objects.get()
    assert "Core product" in client.get(reverse("matrices", args=[workspace.pk])).content.decode()
    for matrix in Matrix.objects.all():
        for name in ("matrix", "checks", "history", "versions", "upkeep", "reviews", "capability"):
            assert client.get(reverse(name, args=[workspace.pk, matrix.pk])).status_code == 200
    for version in Version.objects.all():
        for name in ("version", "letter", "readers"):
            page = client.get(reverse(name, args=[workspace.pk, version.matrix_id, version.number]))
            assert page.status_code == 200, (name, version)
    for review in Review.objects.all():
        page = client.get(reverse("review", args=[workspace.pk, review.matrix_id, review.pk]), follow=True)
        assert page.status_code == 200, review
    poll = Poll.objects.get()
    assert client.get(reverse("poll", args=[workspace.pk, poll.matrix_id, poll.pk])).status_code == 200
    assert "Mei Tanaka" in client.get(reverse("find", args=[workspace.pk]) + "?q=pricing").text


def test_with_an_address_it_fills_the_workspace_of_that_person(owner, workspace):
    demo("--email", owner.user.email)
    assert Matrix.objects.filter(workspace=workspace).count() == 8
    workspace.refresh_from_db()
    assert workspace.name == "Acme"
    assert not User.objects.filter(email=LOCAL_EMAIL).exists()


def test_an_address_nobody_has_is_refused_with_a_sentence(seeded, viewer):
    with pytest.raises(CommandError, match="Nobody has the address"):
        demo("--email", "nobody@example.org")
    with pytest.raises(CommandError, match="owns no workspace"):
        demo("--email", viewer.user.email)
