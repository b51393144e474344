"""Read-only links to a draft: made, found, revoked; and what ends them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from raci.matrices import drafts
from raci.matrices.models import DraftLink, Matrix
from raci.matrices.operations import archive
from raci.matrices.store import read_grid
from raci.web.refusals import Forbidden, Gone, Refused
from raci.workspaces.links import is_known, make_sign_in_link, new_token
from raci.workspaces.models import Access, AuditEvent, Link, Member, Workspace
from tests import walk
from tests.factories import MemberFactory, make_matrix
from tests.matrices.reading import to


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def made(small, editor) -> drafts.Made:
    return drafts.make(matrix=small.pk, by=editor, name="For the board")


def test_a_link_lets_whoever_has_it_look_for_thirty_days(small, editor):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        made = drafts.make(matrix=small.pk, by=editor)
        clock.shift(timedelta(days=30, seconds=-1))
        found = drafts.opened_by(made.token, small.pk)
        assert (found, found.matrix, found.link.user) == (made.draft, small, editor.user)
        clock.shift(timedelta(seconds=1))
        assert drafts.opened_by(made.token, small.pk) is None
        assert is_known(Link.Purpose.DRAFT, made.token)


def test_only_a_digest_of_the_token_is_kept(made):
    assert len(made.token) == 43
    assert made.token not in str(list(Link.objects.values()) + list(DraftLink.objects.values()))
    assert made.token not in str(list(AuditEvent.objects.values()))


def test_a_link_leads_to_its_own_matrix_alone(made, small, owner, editor):
    other = make_matrix(owner, "LS", name="Other")
    assert drafts.opened_by(made.token, other.pk) is None
    assert drafts.opened_by(made.token).matrix == small
    assert drafts.opened_by(make_sign_in_link(editor.user)) is None
    assert drafts.opened_by(new_token()) is None
    assert drafts.opened_by(made.draft.link.digest) is None


def test_looking_takes_one_query_and_writes_nothing(made, small):
    before = walk.digest()
    with CaptureQueriesContext(connection) as asked:
        assert drafts.opened_by(made.token, small.pk).matrix.name == "Small"
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert drafts.opened_by("x", small.pk) is None
    assert len(asked) == 0
    assert walk.digest() == before


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_only_editors_make_and_revoke_links(request, small, made, who):
    member = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        drafts.make(matrix=small.pk, by=member)
    with pytest.raises(Forbidden):
        drafts.revoke_draft(matrix=small.pk, draft=made.draft.pk, by=member)
    assert DraftLink.objects.count() == 1
    assert drafts.opened_by(made.token)


def test_a_matrix_of_others_is_not_shared(small, made, stranger, ex_member, foreign_matrix, editor):
    with pytest.raises(Http404):
        drafts.make(matrix=small.pk, by=stranger)
    with pytest.raises(Http404):
        drafts.make(matrix=foreign_matrix.pk, by=editor)
    with pytest.raises(Http404):
        drafts.revoke_draft(matrix=small.pk, draft=made.draft.pk, by=stranger)
    with pytest.raises(Http404):
        drafts.revoke_draft(matrix=foreign_matrix.pk, draft=made.draft.pk, by=editor)
    with pytest.raises(Gone):
        drafts.make(matrix=small.pk, by=ex_member)
    assert DraftLink.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_link_ends_within_a_year(small, editor, days):
    with pytest.raises(Refused, match="a year at most"), time_machine.travel(timezone.now(), tick=False):
        drafts.make(matrix=small.pk, by=editor, until=timezone.now() + timedelta(days=days))
    drafts.make(matrix=small.pk, by=editor, until=timezone.now() + timedelta(days=365))


def test_whom_it_is_for_fits_a_line(small, editor):
    with pytest.raises(Refused, match="one line"):
        drafts.make(matrix=small.pk, by=editor, name="two\nlines")
    assert drafts.make(matrix=small.pk, by=editor, name="  ").draft.name == ""


def test_sent_twice_a_link_is_made_once(small, editor, owner):
    first = drafts.make(matrix=small.pk, by=editor, key="a-key-of-this-form")
    again = drafts.make(matrix=small.pk, by=editor, key="a-key-of-this-form")
    assert (again.draft, again.token) == (first.draft, "")
    assert drafts.opened_by(first.token)
    assert drafts.make(matrix=small.pk, by=owner, key="a-key-of-this-form").token
    assert DraftLink.objects.count() == 2


def test_a_matrix_has_so_many_links_that_work_and_no_more(small, editor, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_OPEN", 2)
    made = [drafts.make(matrix=small.pk, by=editor) for _ in range(2)]
    with pytest.raises(Refused, match="up to 2 links that work"):
        drafts.make(matrix=small.pk, by=editor)
    drafts.revoke_draft(matrix=small.pk, draft=made[0].draft.pk, by=editor)
    drafts.make(matrix=small.pk, by=editor)


def test_its_maker_and_every_owner_revoke_a_link_and_no_other_editor(small, made, owner, workspace):
    other = MemberFactory(workspace=workspace, access=Access.EDITOR)
    with pytest.raises(Forbidden, match="Only who made this link, or an owner"):
        drafts.revoke_draft(matrix=small.pk, draft=made.draft.pk, by=other)
    assert drafts.opened_by(made.token)
    drafts.revoke_draft(matrix=small.pk, draft=made.draft.pk, by=owner)
    assert drafts.opened_by(made.token) is None
    own = drafts.make(matrix=small.pk, by=other)
    drafts.revoke_draft(matrix=small.pk, draft=own.draft.pk, by=other)
    assert drafts.opened_by(own.token) is None
    assert own.token != made.token


def test_making_and_revoking_stand_in_the_audit_once_each(small, made, editor, owner):
    for _ in range(2):
        drafts.revoke_draft(matrix=small.pk, draft=made.draft.pk, by=owner)
    until = f"{timezone.localdate(made.draft.link.expires_at):%Y-%m-%d}"
    assert list(AuditEvent.objects.order_by("pk").values_list("kind", "by", "about")) == [
        ("draft.shared", editor.user_id, {"matrix": "Small", "until": until}),
        ("draft.revoked", owner.user_id, {"matrix": "Small"}),
    ]


@pytest.mark.parametrize("how", ["account", "left", "demoted", "workspace deleted", "matrix deleted"])
def test_a_link_dies_with_what_it_stands_on(small, made, editor, workspace, how):
    match how:
        case "account":
            editor.user.is_active = False
            editor.user.save()
        case "left":
            Member.objects.filter(pk=editor.pk).delete()
        case "demoted":
            Member.objects.filter(pk=editor.pk).update(access=Access.REVIEWER)
        case "workspace deleted":
            Workspace.objects.filter(pk=workspace.pk).update(deleted_at=timezone.now())
        case "matrix deleted":
            small.delete()
    assert drafts.opened_by(made.token) is None


def test_an_archived_matrix_can_still_be_read(small, made, owner):
    archive(**to(small, owner), archived=True)
    assert drafts.opened_by(made.token, small.pk)


def test_the_list_has_open_links_first_and_says_which_ended(small, editor, owner):
    first, second, third = (drafts.make(matrix=small.pk, by=by) for by in (editor, owner, editor))
    drafts.revoke_draft(matrix=small.pk, draft=third.draft.pk, by=editor)
    with CaptureQueriesContext(connection) as asked:
        links = drafts.links_to(small)
        assert [str(draft.link.user) for draft in links.open] == ["Olive Owner", "Eddie Editor"]
    assert len(asked) == 2
    assert [list(links.open), list(links.ended)] == [[second.draft, first.draft], [third.draft]]


def test_a_link_that_works_stays_on_the_list_however_many_ended_since(small, made, editor):
    ended = timezone.now() - timedelta(days=1)
    base = {"purpose": Link.Purpose.DRAFT, "user": editor.user, "workspace": editor.workspace, "expires_at": ended}
    dead = Link.objects.bulk_create([Link(**base, digest=f"{number:064}") for number in range(260)])
    DraftLink.objects.bulk_create([DraftLink(matrix=small, link=link) for link in dead])
    links = drafts.links_to(small)
    assert list(links.open) == [made.draft]
    assert len(links.ended) == drafts.MOST_ENDED


def test_a_link_belongs_to_one_draft(made, small):
    with pytest.raises(IntegrityError):
        DraftLink.objects.create(matrix=small, link=made.draft.link)


def test_a_visitors_grid_names_nobody_and_tells_no_notes(walk_world):
    grid = drafts.for_visitors(read_grid(walk_world))
    assert {field for row in grid.activities for field in (row.notes, row.description, row.people, row.departures)} == {
        "",
        (),
    }
    assert {(role.people, role.members, role.answers, role.headcount) for role in grid.roles} == {((), (), None, None)}
    assert [role.name for role in grid.roles] == [role.name for role in read_grid(walk_world).roles]


@pytest.fixture
def walk_world(seeded) -> Matrix:
    """A matrix with a text in every field, and members in its roles."""
    return Matrix.objects.get(pk=walk.our_world().ids["matrix"])
