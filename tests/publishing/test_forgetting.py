"""An account that is deleted: what was published stays without a name, what it was told goes."""

import pytest
from django.test import Client
from django.urls import reverse

from raci.publishing.forgetting import forget
from raci.publishing.models import Receipt, SignOff, Unsubscribed, Version
from raci.screens import leaving
from raci.workspaces.models import Link, Member
from tests import walk
from tests.invariants import check
from tests.screens.test_leaving import found_in_tables
from tests.walk import World


@pytest.fixture
def world(seeded) -> World:
    return walk.our_world()


def test_that_they_were_told_goes_with_their_address_and_their_links(world):
    viewer = world.people["viewer"]
    mine = Receipt.objects.get(user=viewer)
    forget(viewer)
    assert not Receipt.objects.filter(pk=mine.pk).exists()
    assert not Link.objects.filter(pk=mine.link_id).exists()
    assert Receipt.objects.count() == 5  # of the other members, and of the two who have no account


def test_a_pasted_address_of_theirs_goes_too_however_it_was_written(world):
    viewer = world.people["viewer"]
    row = Receipt.objects.get(pk=world.ids["receipt"])
    Receipt.objects.filter(user=viewer).delete()
    Receipt.objects.filter(pk=row.pk).update(address="viewer@acme.example")
    viewer.email = "Viewer@ACME.example"
    forget(viewer)
    assert not Receipt.objects.filter(pk=row.pk).exists()
    assert Client().get(reverse("letter_link", args=[world.ids["letter_token"]])).status_code == 410


def test_a_pasted_address_of_theirs_goes_too_in_the_form_that_mail_servers_have(world):
    viewer, row = world.people["viewer"], Receipt.objects.get(pk=world.ids["receipt"])
    Receipt.objects.filter(user=viewer).delete()
    Receipt.objects.filter(pk=row.pk).update(address="vic@xn--bcher-kva.example", user=None)
    viewer.email = "Vic@Bücher.example"
    forget(viewer)
    assert not Receipt.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("who", ["editor", "reviewer"])
def test_what_was_published_and_signed_stays_and_their_name_and_address_are_nowhere(world, who):
    person, version, signed = world.people[who], Version.objects.count(), SignOff.objects.count()
    leaving.delete_account(by=person)
    assert (Version.objects.count(), SignOff.objects.count()) == (version, signed)
    assert found_in_tables(f"Our user {who}", f"{who}@acme.example") == []
    check()


def test_the_pages_of_a_version_open_when_everybody_who_made_it_is_gone(world):
    ids = world.ids
    for who in ("owner", "editor"):
        leaving.delete_account(by=world.people[who])
    client = world.client("viewer")
    for page in ("version", "versions", "readers"):
        place = [ids["workspace"], ids["matrix"], *([ids["version"]] if page != "versions" else [])]
        answer = client.get(reverse(page, args=place))
        assert answer.status_code == 200, page
        assert "Our user editor" not in answer.content.decode()
        assert "Our user owner" not in answer.content.decode()


def test_that_an_address_wants_no_more_letters_is_kept(world):
    workspace = Member.objects.get(user=world.people["viewer"]).workspace
    Unsubscribed.objects.create(workspace=workspace, address="viewer@acme.example")
    forget(world.people["viewer"])
    assert Unsubscribed.objects.filter(address="viewer@acme.example").exists()


def test_what_went_to_their_address_as_mail_servers_have_it_goes_too(world):
    viewer, row = world.people["viewer"], Receipt.objects.get(pk=world.ids["receipt"])
    Receipt.objects.filter(pk=row.pk).update(address="vic@xn--bcher-kva.example")
    viewer.email = "vic@bücher.example"
    forget(viewer)
    assert not Receipt.objects.filter(pk=row.pk).exists()


def test_the_links_in_letters_they_sent_are_an_owners_who_stays(world):
    sender = Receipt.objects.get(pk=world.ids["receipt"]).link.user
    others = Member.objects.filter(workspace=world.ids["workspace"], access="owner").exclude(user=sender)
    leaving.delete_account(by=sender)
    assert Receipt.objects.get(pk=world.ids["receipt"]).link.user == others.earliest("joined_at").user
    check()
