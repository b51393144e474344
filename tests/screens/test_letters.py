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
from raci.matrices.structure import remove_role
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.publishing import receipts, telling
from raci.publishing.models import Letter, Receipt, Unsubscribed
from raci.web import limits
from raci.workspaces.models import Mail
from tests.factories import make_matrix
from tests.matrices.reading import to
from tests.notices import lines
from tests.notices.lines import refused
from tests.publishing.making import answers, publish
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
    assert f"{telling.LETTER_LIMIT} fit" in text(answer)
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


def test_the_first_letter_tells_who_leads_what_and_the_next_what_changed(version, owner, editor, sign_in):
    client = sign_in(editor)
    assert "Tell people who leads what." in text(client.get(url(version)))
    assert "Tell people what changed." in text(client.get(url(next_version(version, owner))))


def test_words_that_were_typed_are_kept_where_somebody_looks_who_gets_them(version, editor, sign_in):
    answer = look(sign_in(editor), version, addresses=MEI, subject="Read this", text="Eddie's words.", seen="")
    assert answer.status_code == 200
    assert (Letter.objects.get().subject, Letter.objects.get().text) == ("Read this", "Eddie's words.")
    said = text(answer)
    assert "What everyone gets Read this Eddie's words." in said
    assert answer.context["seen"].startswith(telling.seal_of(Letter.objects.get()))


def test_but_not_over_those_of_somebody_else_and_then_nothing_that_was_typed_is_lost(version, owner, editor, sign_in):
    sign_in(owner).post(url(version, "letter_save"), {"subject": "", "text": "Olive's words.", "seen": ""})
    typed = {"addresses": f"{MEI} and nonsense", "subject": "", "text": "Eddie's words.", "seen": ""}
    client = sign_in(editor)
    for answer in (look(client, version, **typed), client.post(url(version, "letter_save"), typed)):
        assert answer.status_code == 409
        for words in ("Olive's words.", "Eddie's words.", f"{MEI} and nonsense"):
            assert words in text(answer)
    assert Letter.objects.get().text == "Olive's words."


def test_words_that_do_not_fit_are_refused_with_all_that_was_typed(version, editor, sign_in):
    answer = look(sign_in(editor), version, addresses=MEI, subject="x" * 201, text="Eddie's words.", seen="")
    assert answer.status_code == 422
    for words in ("200 fit", "Eddie's words.", MEI):
        assert words in text(answer)
    assert not Letter.objects.exists()


def test_saving_keeps_the_list_that_was_pasted(version, editor, sign_in):
    role = Role.objects.filter(matrix=version.matrix_id)[1].pk
    form = {"members": "roles", "roles": [role], "addresses": f"{MEI}, {JON}", "about": role}
    answer = sign_in(editor).post(url(version, "letter_save"), {**form, "subject": "", "text": "Ours.", "seen": ""})
    assert "The letter is saved." in text(answer)
    assert f"{MEI}, {JON}" in text(answer)
    page = answer.content.decode()
    assert re.search(rf'name="roles" value="{role}"[^>]*checked', page)
    assert f'<option value="{role}" selected>' in page
    assert Letter.objects.get().text == "Ours."


# ---- Who gets it


def test_the_way_back_to_the_letter_keeps_what_was_chosen(version, editor, sign_in):
    role = Role.objects.filter(matrix=version.matrix_id)[1].pk
    form = {"members": "roles", "roles": [role], "addresses": f"{MEI}, nonsense.org", "about": role}
    client = sign_in(editor)
    page = look(client, version, **form).content.decode()
    assert 'name="back"' in page
    answer = client.post(url(version, "letter_recipients"), {**form, "back": "1", "seen": "of the page it came from"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f"{MEI}, nonsense.org" in text(answer)
    assert re.search(rf'name="roles" value="{role}"[^>]*checked', page)
    assert re.search(r'name="members" value="roles"[^>]*checked', page)
    assert f'<option value="{role}" selected>' in page
    assert "of the page it came from" not in page


def test_those_who_get_the_same_stand_together_after_what_is_wrong_with_the_list(version, owner, editor, sign_in):
    second = answers(version.matrix, editor, 1, by=owner)
    answer = look(sign_in(owner), version, members="all", addresses=f"{MEI}, nonsense.org")
    said = text(answer)
    assert "2 people get the letter olive@example.org mei@example.org" in said
    with_part = said.partition("1 person gets the letter, with the part of Role 2")[2]
    assert with_part.startswith(" 1 of them is asked to sign. eddie@example.org For Role 2 All that is yours now:")
    assert said.index("1 line is no address") < said.index("2 people get the letter")
    opened = re.findall(r"<details[^>]* open>\s*<summary>([^<]*)", answer.content.decode())
    assert opened == ["1 line is no address"]
    assert second.name in said


def test_beside_each_role_stands_how_many_fill_it_and_nobody_is_said(version, owner, editor, sign_in):
    first, second, third = Role.objects.filter(matrix=version.matrix_id)
    take_part(matrix=version.matrix_id, sender=Sender(owner), role=first.pk, user=editor.user_id)
    client = sign_in(owner)
    said = text(client.get(url(version)))
    assert "Role 1, 1 member" in said
    assert "Role 2, nobody" in said
    answer = look(client, version, members="roles", roles=[second.pk, third.pk])
    assert "Nobody would get it Nobody fills Role 2 and Role 3." in text(answer)
    assert "has it already" not in text(answer)
    answer = look(client, version, members="roles", roles=[first.pk, second.pk])
    assert "It goes to 1 person Nothing has gone out yet. Nobody fills Role 2." in text(answer)


def test_a_role_that_is_gone_can_be_chosen_for_a_pasted_list(version, owner, sign_in):
    first, second = Role.objects.filter(matrix=version.matrix_id)[:2]
    matrix = Matrix.objects.get(pk=version.matrix_id)
    remove_role(**to(matrix, owner), role=first.pk, heir=second.pk)
    later, client = publish(matrix, owner), sign_in(owner)
    page = client.get(url(later))
    assert f'<option value="{first.pk}">Role 1 (no longer a role)</option>' in page.content.decode()
    assert "Role 1 (no longer a role) What became of your part:" in text(page)
    assert look(client, later, members="roles", roles=[first.pk]).status_code == 422
    answer = look(client, later, addresses=MEI, about=first.pk)
    assert "1 person gets the letter, with the part of Role 1 (no longer a role)" in text(answer)


def test_before_anything_goes_out_it_says_who_gets_it_and_who_does_not(version, owner, editor, viewer, sign_in):
    Receipt.objects.create(version=version, address="told@example.org")
    lost = Outbox.objects.create(to="lost@example.org", subject="", failed_at=version.published_at)
    Receipt.objects.create(version=version, address=lost.to, mail=lost)
    Unsubscribed.objects.create(workspace=owner.workspace, address="out@example.org")
    viewer.mail = Mail.NEVER
    viewer.save()
    pasted = f"{MEI}, {MEI}, told@example.org, lost@example.org, out@example.org, jon.example.org"
    answer = look(sign_in(owner), version, members="all", addresses=pasted)
    said = text(answer)
    assert "It goes to 3 people" in said
    assert "3 people get the letter olive@example.org eddie@example.org mei@example.org" in said
    assert "1 line is no address jon.example.org" in said
    assert "1 address was chosen more than once, and gets it once mei@example.org" in said
    assert "1 address has the letter already told@example.org" in said
    assert "1 letter failed: send it once more on the letter page lost@example.org" in said
    assert "1 address wants no more letters out@example.org" in said
    assert "1 address is a member who wants no mail vic@example.org" in said
    assert (Receipt.objects.count(), Outbox.objects.count()) == (2, 1)


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
    before = Matrix.objects.get(pk=version.matrix_id).revision
    sign_in(owner).get(url(version))
    assert not Letter.objects.exists()
    assert Matrix.objects.get(pk=version.matrix_id).revision == before
    assert receipts.progress(version).total == 0
