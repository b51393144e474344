"""“What changed”, for visitors: of two versions that differ in what is the team's own they are told none of that."""

import pytest
from django.test import Client
from django.urls import reverse

from raci.matrices.people import take_part
from raci.matrices.structure import edit_activity, edit_role
from raci.publishing import pages
from raci.publishing.pages import Kind, Wanted
from tests.matrices.departing import keep_cell
from tests.matrices.operating import S, set_cell
from tests.matrices.reading import revision, roles_of, rows_of, to
from tests.publishing.making import publish
from tests.publishing.sending import MEI, receipt, send, token_in

OWN = (
    "because",
    "noted",
    "described",
    "notes changed",
    "description changed",
    "kept unlike",
)  # of the team, whatever a link grants
PEOPLE = ("Tess", "Eddie", "acme.example", "who fills", "how to reach")


@pytest.fixture
def small(owner, editor, matrix):
    """Two versions, told apart by the name of an activity, and by a reason, words, a name, a member and a contact."""

    def say(word):
        role, row = roles_of(matrix)[0], rows_of(matrix)[0]
        keep_cell(matrix, owner, role2=S, reason=f"Because {word}")
        words = {"notes": f"Noted {word}", "description": f"Described {word}"}
        edit_activity(**to(matrix, owner), activity=row.pk, values=words, seen=revision(matrix))
        values = {"people": [f"Tess {word}"], "contact": f"{word}@acme.example"}
        edit_role(**to(matrix, owner), role=role.pk, values=values, seen=revision(matrix))

    set_cell(matrix, owner, 0, 1, S)
    say("first")
    publish(matrix, owner)
    values = {"name": "Renamed since"}
    edit_activity(**to(matrix, owner), activity=rows_of(matrix)[1].pk, values=values, seen=revision(matrix))
    say("second")
    take_part(**to(matrix, owner), role=roles_of(matrix)[0].pk, user=editor.user_id)
    return publish(matrix, owner).matrix


def visitor(name, *token) -> Client:
    client = Client()
    client.get(reverse(name, args=token))
    return client


def shown(small, by, *, people):
    """What a visitor reads, page by page."""
    page = pages.make(matrix=small.pk, by=by, wanted=Wanted(shows_people=people))
    sites = {"kind": Kind.EMBED, "origins": "https://wiki.example"}
    framed = pages.make(matrix=small.pk, by=by, wanted=Wanted(shows_people=people, **sites))
    client = visitor("shared_link", page.token)
    return {
        "shared": client.get(reverse("shared", args=[page.page.pk])).text,
        "role": client.get(reverse("shared_role", args=[page.page.pk, roles_of(small)[0].pk])).text,
        "embed": Client().get(reverse("embed", args=[framed.token])).text,
    }


def told(text) -> list[str]:
    """The words that stand there of those that are the team's own, however they begin."""
    return [word for word in (*OWN, *PEOPLE) if word.lower() in text.lower()]


def test_without_names_nothing_of_it_is_told(small, owner):
    texts = shown(small, owner, people=False)
    assert {name: told(text) for name, text in texts.items()} == {name: [] for name in texts}
    assert "It was called" in texts["shared"]


def test_with_names_those_who_fill_a_role_stand_there_as_they_are_and_nothing_else(small, owner):
    for name, text in shown(small, owner, people=True).items():
        assert [word for word in OWN if word.lower() in text.lower()] == [], name
        assert "Tess second" in text, name
        assert "Tess first" not in text, name
        assert [word for word in ("Who fills", "How to reach") if word in text] == [], name


def test_a_feed_tells_of_nobody(small, owner):
    token = pages.make(matrix=small.pk, by=owner, wanted=Wanted(kind=Kind.FEED)).token
    text = Client().get(reverse("feed", args=[token])).text
    assert told(text) == []
    assert "Renamed since: It was called" in text


def test_who_was_sent_the_letter_reads_names_but_nothing_else_of_it(small, owner):
    version = small.versions.get(number=2)
    (message,) = send(version, owner, MEI, about=roles_of(small)[0].pk)
    text = visitor("letter_link", token_in(message)).get(reverse("received", args=[receipt(version).pk])).text
    assert [word for word in OWN if word.lower() in text.lower()] == []
    assert "Tess second" in text
    assert "Tess first" not in text
