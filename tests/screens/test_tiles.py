"""What the list says of what is published: per matrix, and of all of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.grid.text import day
from raci.matrices.kept import KeptGrids
from raci.matrices.models import Activity, Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_activity
from raci.publishing.due import months_after
from raci.publishing.models import Receipt
from raci.publishing.upkeeping import declare_changed, set_interval
from raci.publishing.versions import publish
from raci.screens.many_grids import read_grids
from raci.screens.tiles import lede, overview
from tests.factories import make_matrix


def page(client, member) -> str:
    return " ".join(client.get(reverse("matrices", args=[member.workspace_id])).text.split())


def published(owner, matrix) -> Matrix:
    publish(matrix=Matrix.objects.get(pk=matrix.pk), sender=Sender(owner), seen=matrix.revision)
    return Matrix.objects.get(pk=matrix.pk)


def change(matrix, member, row=0) -> None:
    now = Matrix.objects.get(pk=matrix.pk)
    activity = Activity.objects.filter(matrix=matrix).order_by("position")[row]
    edit_activity(
        matrix=matrix.pk, sender=Sender(member), activity=activity.pk, values={"name": f"New {row}"}, seen=now.revision
    )


def test_what_nobody_agreed_to_yet_is_said_to_be_so(sign_in, viewer, matrix):
    shown = page(sign_in(viewer), viewer)
    assert "Not published yet" in shown
    assert "One matrix, none published." in shown
    assert "18 activities, 4 roles" in shown


def test_a_published_one_tells_its_version_and_its_review(sign_in, viewer, owner, matrix):
    latest = published(owner, matrix).publication.latest
    shown = page(sign_in(viewer), viewer)
    assert "v1 published <time" in shown
    assert ">today</time>" in shown
    due = months_after(latest.published_at.date(), 12)
    assert f'Review by <time datetime="{due.isoformat()}">{day(due)}</time>' in shown
    assert "One matrix, one published." in shown
    assert "Changed" not in shown
    assert "have read it" not in shown


def test_changes_since_are_counted_and_who_made_the_last_is_said(sign_in, viewer, owner, editor, matrix):
    published(owner, matrix)
    change(matrix, editor)
    assert "v1 published, 1 change since" in page(sign_in(viewer), viewer)
    change(matrix, editor, row=3)
    shown = page(sign_in(viewer), viewer)
    assert "v1 published, 2 changes since" in shown
    assert "by <bdi>Eddie Editor</bdi>" in shown


@pytest.mark.parametrize(
    ("read", "said"), [(1, "1 of 2 have read it"), (2, "Everyone has read it"), (0, "0 of 2 have")]
)
def test_it_tells_how_many_have_read_it(sign_in, viewer, owner, matrix, read, said):
    latest = published(owner, matrix).publication.latest
    for number in range(2):
        at = timezone.now() if number < read else None
        Receipt.objects.create(version=latest, address=f"p{number}@example.org", read_at=at)
    assert said in page(sign_in(viewer), viewer)


def test_an_overdue_review_is_told_on_its_tile_and_above_all(sign_in, viewer, owner, matrix, monkeypatch):
    published(owner, matrix)
    set_interval(matrix=matrix.pk, months=1, by=owner)
    later = timezone.localdate() + timedelta(days=40)
    monkeypatch.setattr("raci.web.days.today", lambda: later)
    shown = page(sign_in(viewer), viewer)
    assert "tile-due is-late" in shown
    assert "Review was due <time" in shown
    assert "One review is overdue." in shown


def test_a_review_is_due_now_once_somebody_said_that_the_culture_changed(sign_in, viewer, owner, matrix, monkeypatch):
    published(owner, matrix)
    declare_changed(matrix=matrix.pk, why="We sell to banks now", by=owner)
    shown = page(sign_in(viewer), viewer)
    assert "One review is due now." in shown
    assert "<span>Review due now</span>" in shown
    assert "overdue" not in shown
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr("raci.web.days.today", lambda: tomorrow)
    shown = page(sign_in(viewer), viewer)
    assert "One review is overdue." in shown
    assert "Review was due <time" in shown


def test_the_lede_counts_in_words(owner):
    first, *_ = [published(owner, make_matrix(owner, "LS", name=f"M {n}")) for n in range(2)]
    make_matrix(owner, "LS", name="M 3")
    for matrix in Matrix.objects.filter(publication__isnull=False):
        declare_changed(matrix=matrix.pk, why="So", by=owner)
    tiles, _ = overview(first.workspace)
    assert lede(tiles) == "Three matrices, two published. Two reviews are due now."


def test_many_published_matrices_take_no_more_queries_than_few(sign_in, owner, matrix, django_assert_max_num_queries):
    client = sign_in(owner)
    published(owner, matrix)
    change(matrix, owner)
    with django_assert_max_num_queries(12) as one:
        page(client, owner)
    for number in range(40):
        made = published(owner, make_matrix(owner, "LS.", ".LI", name=f"M {number}"))
        change(made, owner)
    with django_assert_max_num_queries(12) as many:
        page(client, owner)
    assert len(many) <= len(one) + 1  # the versions this process has not read yet


def test_grids_read_together_are_those_read_one_by_one(owner, matrix):
    other = make_matrix(owner, "LS.", ".LI", "L..", stages=2, name="Other")
    change(matrix, owner)
    together = read_grids([matrix, other])
    for one in (matrix, other):
        assert together[one.pk] == read_grid(one)


def test_more_versions_than_a_process_keeps_are_read_at_once_too(sign_in, owner, monkeypatch):
    monkeypatch.setattr("raci.publishing.versions._GRIDS", KeptGrids(1))
    monkeypatch.setattr("raci.screens.published_state._counts", {})
    client = sign_in(owner)

    def queries(number: int) -> int:
        change(published(owner, make_matrix(owner, "LS.", ".LI", name=f"M {number}")), owner)
        with CaptureQueriesContext(connection) as found:
            page(client, owner)
        return len(found)

    queries(0)
    assert queries(1) == queries(2) == queries(3)
