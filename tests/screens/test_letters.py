"""The page of a letter: editing it, seeing who gets it before anything goes out, sending, and the report."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender, archive
from raci.matrices.people import take_part
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.publishing import receipts, telling
from raci.publishing.models import Letter, Receipt, Unsubscribed
from raci.web import limits
from raci.workspaces.models import Mail
from tests.factories import make_matrix
from tests.notices import lines
from tests.notices.lines import refused
from tests.publishing.making import publish
from tests.publishing.sending import JON, MEI, next_version, put, receipt

HTMX = {"HX-Request": "true"}


@pytest.fixture
def server(settings, db):
    """A mail server that takes everything, unless the test says otherwise."""
    settings.EMAIL_BACKEND = lines.BACKEND
    lines.server.__init__()
    return lines.server


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


def url(version, name="letter") -> str:
    return reverse(name, args=[version.matrix.workspace_id, version.matrix_id, version.number])


def text(answer) -> str:
    """What stands on the page, in one line."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def look(client, version, **form):
    return client.post(url(version, "letter_recipients"), {"members": "nobody", **form})


def send(client, version, **form):
    """Looks who gets it, then presses the button of that page."""
    seen = look(client, version, **form).context["seen"]
    return client.post(url(version, "letter_send"), {"members": "nobody", **form, "seen": seen})


# ---- The words


def test_the_page_has_the_letter_and_what_each_role_is_told_besides(version, editor, sign_in):
    page = sign_in(editor).get(url(version))
    said = text(page)
    assert page.status_code == 200
    assert "Version 1 of “Small” is published." in said
    assert "What each role is told besides" in said
    assert "You lead: Activity 1; Activity 3." in said


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("reviewer", 403), ("stranger", 404)])
def test_only_editors_see_it(version, request, sign_in, who, status):
    assert sign_in(request.getfixturevalue(who)).get(url(version)).status_code == status


def test_a_version_that_is_not_there_has_no_letter(version, editor, sign_in):
    assert sign_in(editor).get(url(version).replace("/1/letter", "/2/letter")).status_code == 404


def test_edited_words_are_saved_and_stand_on_the_page(version, editor, sign_in):
    client = sign_in(editor)
    answer = client.post(url(version, "letter_save"), {"subject": "Read this", "text": "Ours <b>.", "seen": ""})
    assert answer.headers["Location"] == url(version)
    page = client.get(url(version)).content.decode()
    assert 'value="Read this"' in page
    assert "Ours &lt;b&gt;." in page


def test_what_was_typed_is_kept_where_somebody_else_saved_meanwhile(version, owner, editor, sign_in):
    client = sign_in(editor)
    sign_in(owner).post(url(version, "letter_save"), {"subject": "", "text": "Olive's words.", "seen": ""})
    answer = client.post(url(version, "letter_save"), {"subject": "", "text": "Eddie's words.", "seen": ""})
    assert answer.status_code == 409
    assert "Eddie's words." in text(answer)
    assert "Olive's words." in text(answer)
    again = {"subject": "", "text": "Eddie's words.", "seen": answer.context["seen"]}
    assert client.post(url(version, "letter_save"), again).status_code == 302
    assert Letter.objects.get().text == "Eddie's words."


def test_a_text_that_does_not_fit_is_refused_on_the_page(version, editor, sign_in):
    form = {"subject": "x" * 201, "text": "y" * (telling.LETTER_LIMIT + 1), "seen": ""}
    answer = sign_in(editor).post(url(version, "letter_save"), form)
    assert answer.status_code == 422
    assert "200 fit" in text(answer)
    assert "100000 fit" in text(answer)
    assert not Letter.objects.exists()


def test_the_letter_of_an_older_version_is_only_to_be_read(version, owner, editor, sign_in):
    later = next_version(version, owner)
    client = sign_in(editor)
    page = client.get(url(version))
    assert "Version 2 is published by now" in text(page)
    assert "<textarea" not in page.content.decode()
    assert url(later) in page.content.decode()
    for name in ("letter_save", "letter_recipients", "letter_send", "letter_told", "letter_retry"):
        form = {"members": "nobody", "addresses": MEI, "subject": "", "text": "Mine."}
        answer = client.post(url(version, name), form)
        assert answer.status_code == 409, name
        assert "Version 2 is published by now" in text(answer), name
    assert not Receipt.objects.exists()


def test_that_of_an_archived_matrix_too(version, owner, sign_in):
    archive(matrix=version.matrix_id, sender=Sender(owner), archived=True)
    client = sign_in(owner)
    assert "This matrix is archived" in text(client.get(url(version)))
    assert look(client, version, addresses=MEI).status_code == 409


# ---- Who gets it


def test_before_anything_goes_out_it_says_who_gets_it_and_who_does_not(version, owner, editor, viewer, sign_in):
    Receipt.objects.create(version=version, address="told@example.org")
    Unsubscribed.objects.create(workspace=owner.workspace, address="out@example.org")
    viewer.mail = Mail.NEVER
    viewer.save()
    pasted = f"{MEI}, {MEI}, told@example.org, out@example.org, jon.example.org"
    answer = look(sign_in(owner), version, members="all", addresses=pasted)
    said = text(answer)
    assert "It goes to 3 people" in said
    assert "3 people get the letter olive@example.org eddie@example.org mei@example.org" in said
    assert "1 line is no address jon.example.org" in said
    assert "1 address was chosen more than once, and gets it once mei@example.org" in said
    assert "1 address has the letter already told@example.org" in said
    assert "1 address wants no more letters out@example.org" in said
    assert "1 address is a member who wants no mail vic@example.org" in said
    assert (Receipt.objects.count(), Outbox.objects.count()) == (1, 0)


def test_of_many_it_names_forty_and_says_how_many_more_there_are(version, owner, sign_in):
    answer = look(sign_in(owner), version, addresses=" ".join(f"person{n}@example.org" for n in range(100)))
    assert "It goes to 100 people" in text(answer)
    assert "person39@example.org and 60 more" in text(answer)


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({}, "Paste at least one address, or choose members."),
        ({"members": "roles"}, "Choose at least one role."),
        ({"members": "everyone"}, "is not one of the available choices"),
        ({"members": "roles", "roles": ["999"]}, "That role is not in this version."),
        ({"addresses": MEI, "about": "999"}, "That role is not in this version."),
        ({"addresses": " ".join(f"p{n}@example.org" for n in range(5001))}, "Up to 5,000 addresses go into one list"),
    ],
)
def test_a_choice_of_nobody_is_sent_back_with_why(version, owner, sign_in, form, complaint):
    answer = look(sign_in(owner), version, **form)
    assert answer.status_code == 422
    assert complaint in text(answer)


def test_where_nobody_is_left_there_is_no_button_to_send(version, owner, sign_in):
    Unsubscribed.objects.create(workspace=owner.workspace, address=MEI)
    answer = look(sign_in(owner), version, addresses=MEI)
    assert "Nobody would get it" in text(answer)
    assert "Send it to" not in text(answer)


# ---- Sending, and how far it is


def test_what_was_looked_at_is_what_goes_out(version, owner, editor, sign_in):
    role = Role.objects.filter(matrix=version.matrix_id)[1]
    take_part(matrix=version.matrix_id, sender=Sender(owner), role=role.pk, user=editor.user_id)
    client = sign_in(owner)
    form = {"members": "roles", "roles": [role.pk], "addresses": f"{MEI}\r\n{JON}", "about": role.pk}
    page = look(client, version, **form).content.decode()
    for line in (f'name="roles" value="{role.pk}"', f'name="about" value="{role.pk}"', 'name="members" value="roles"'):
        assert line in page
    answer = send(client, version, **form)
    assert answer.headers["Location"] == url(version)
    assert "The letter is on its way to 3 people." in text(client.get(url(version)))
    assert [each.roles for each in Receipt.objects.all()] == [[role.pk]] * 3


def test_pressed_twice_it_goes_once(version, owner, sign_in):
    client = sign_in(owner)
    seen = look(client, version, addresses=MEI).context["seen"]
    form = {"members": "nobody", "addresses": MEI, "seen": seen}
    assert [client.post(url(version, "letter_send"), form).status_code for _ in range(2)] == [302, 302]
    assert "They have the letter already." in text(client.get(url(version)))
    assert Outbox.objects.count() == 1


def test_where_others_would_get_it_by_now_it_shows_that_first(version, owner, editor, sign_in):
    client = sign_in(editor)
    seen = look(client, version, addresses=f"{MEI} {JON}").context["seen"]
    put(version, owner, JON)
    form = {"members": "nobody", "addresses": f"{MEI} {JON}"}
    answer = client.post(url(version, "letter_send"), {**form, "seen": seen})
    assert answer.status_code == 409
    assert "Nothing was sent; look again" in text(answer)
    assert "It goes to 1 person" in text(answer)
    again = {**form, "seen": answer.context["seen"]}
    assert client.post(url(version, "letter_send"), again).status_code == 302
    assert Outbox.objects.count() == 2


def test_the_page_asks_how_far_it_is_until_nothing_waits(version, owner, sign_in):
    client = sign_in(owner)
    put(version, owner, MEI, JON)
    page = client.get(url(version)).content.decode()
    assert f'hx-get="{url(version, "letter_progress")}" hx-trigger="every 2s"' in page
    waiting = client.get(url(version, "letter_progress"), headers=HTMX)
    assert "0 of 2 sent, 2 still wait." in text(waiting)
    send_due()
    done = client.get(url(version, "letter_progress"), headers=HTMX)
    assert "2 of 2 sent." in text(done)
    assert "hx-get" not in done.content.decode()
    assert client.get(url(version, "letter_progress")).headers["Location"] == url(version)


def test_what_failed_is_named_with_the_reason_and_sent_once_more(version, owner, sign_in, server):
    client = sign_in(owner)
    server.answers[MEI] = refused(550, MEI)
    put(version, owner, MEI, JON)
    send_due()
    said = text(client.get(url(version)))
    assert "1 of 2 sent, 1 failed." in said
    assert "mei@example.org The mail server refused it: 550 5.1.1." in said
    server.answers.clear()
    assert "Send 1 once more" in said
    client.post(url(version, "letter_retry"))
    send_due()
    assert "2 of 2 sent." in text(client.get(url(version)))


def test_telling_them_another_way_is_noted_and_asked_no_more(version, owner, sign_in):
    client = sign_in(owner)
    assert "I told them another way" in text(client.get(url(version)))
    client.post(url(version, "letter_told"))
    assert "I told them another way" not in text(client.get(url(version)))
    assert Letter.objects.get().told_at is not None


def test_it_may_be_looked_at_and_sent_so_often_an_hour(version, owner, sign_in, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "letter", "2/h/ip")
    client = sign_in(owner)
    assert [look(client, version, addresses=MEI).status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_takes_twelve_queries_however_many_were_told(version, owner, sign_in):
    client, version = sign_in(owner), next_version(version, owner)
    put(version, owner, *(f"person{n}@example.org" for n in range(100)))
    Outbox.objects.filter(to="person1@example.org").update(failed_at=receipt(version, "person1@example.org").told_at)
    client.get(url(version))
    with CaptureQueriesContext(connection) as asked:
        client.get(url(version))
    assert len(asked) <= 12, [query["sql"][:80] for query in asked]


def test_a_get_of_the_page_writes_nothing(version, owner, sign_in):
    sign_in(owner).get(url(version))
    assert not Letter.objects.exists()
    assert Matrix.objects.get(pk=version.matrix_id).revision == version.revision
    assert receipts.progress(version).total == 0
