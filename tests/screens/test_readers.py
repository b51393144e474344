"""Whom a version has reached: counts for everyone, names for those who write letters, signing, and one reminder."""

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import archive
from raci.matrices.people import answer_for
from raci.matrices.structure import remove_role
from raci.notices.models import Notice, Outbox
from raci.notices.sending import KEPT
from raci.publishing.models import Receipt, SignOff, Version
from raci.publishing.signing import MOVED_ON
from raci.screens import readers_page
from raci.workspaces.links import NO_END, make_link
from raci.workspaces.models import Link, Member
from tests.factories import make_matrix
from tests.invariants import check
from tests.matrices.operating import C, set_cell
from tests.matrices.reading import revision, roles_of, to
from tests.publishing.making import answers, publish


@pytest.fixture
def small(owner, viewer) -> Matrix:
    """Three roles; the viewer answers for the first, nobody for the second, the third has no row."""
    matrix = make_matrix(owner, "LS.", "SL.")
    answers(matrix, viewer, 0, by=owner)
    return matrix


@pytest.fixture
def version(small, editor) -> Version:
    return publish(small, editor)


@pytest.fixture
def told(version, small, editor, viewer) -> list[Receipt]:
    """The viewer of everything, two addresses of the first role; one of these has read it."""
    role = roles_of(small)[0].pk
    return [
        _tell(version, editor, viewer.user.email, user=viewer.user),
        _tell(version, editor, "ada@partner.example", roles=[role]),
        _tell(version, editor, "bo@partner.example", roles=[role], read_at=timezone.now()),
    ]


def _tell(version: Version, by: Member, address: str, **more) -> Receipt:
    link, _ = make_link(purpose=Link.Purpose.LETTER, workspace=by.workspace, by=by.user, until=NO_END)
    long_ago = timezone.now() - KEPT - timedelta(days=1)  # its mail is forgotten by now
    return Receipt.objects.create(version=version, address=address, link=link, told_at=long_ago, **more)


def _at(name: str, version: Version) -> str:
    return reverse(name, args=[version.matrix.workspace_id, version.matrix_id, version.number])


def _page(client, version: Version) -> str:
    answer = client.get(_at("readers", version))
    assert answer.status_code == 200
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return html.unescape(" ".join(main.split()))


def _sign(client, version: Version, column: int = 0, digest: str | None = None):
    role = roles_of(version.matrix)[column].pk
    return client.post(_at("version_sign", version), {"role": role, "digest": digest or version.digest})


# ---- Who has read it -----------------------------------------------------------------------------------------------


def test_everyone_sees_how_many_of_those_told_have_read_it_and_of_which_role(told, version, sign_in, viewer):
    said = _page(sign_in(viewer), version)
    assert "1 of the 3 told has read it" in said
    assert '<th scope="row"><bdi>Role 1</bdi></th><td>1\u00a0of\u00a02</td>' in said
    assert '<th scope="row">No role in particular</th><td>0\u00a0of\u00a01</td>' in said


def test_only_those_who_write_letters_see_who_has_not_read_it(told, version, sign_in, viewer, reviewer, editor, owner):
    for member in (viewer, reviewer):
        said = _page(sign_in(member), version)
        assert "partner.example" not in said
        assert "Remind" not in said
        assert viewer.user.email not in said
    for member in (editor, owner):
        said = _page(sign_in(member), version)
        assert "ada@partner.example" in said
        assert "bo@partner.example" not in said  # has read it
        assert "Remind those who have not" in said
        assert viewer.user.email not in said  # a member is called by name
        assert "<bdi>Vic Viewer</bdi>" in said


def test_whom_no_letter_reached_counts_for_nothing(told, version, sign_in, editor):
    mail = Outbox.objects.create(to=told[1].address, subject="", text="", html="", failed_at=timezone.now())
    Receipt.objects.filter(pk=told[1].pk).update(mail=mail)
    said = _page(sign_in(editor), version)
    assert "1 of the 2 told has read it" in said
    assert "ada@partner.example" not in said


def test_a_long_list_of_those_who_have_not_is_cut_and_says_so(version, sign_in, editor, monkeypatch):
    monkeypatch.setattr(readers_page, "MOST_WAITING", 3)
    for number in range(7):
        _tell(version, editor, f"reader{number}@partner.example")
    said = _page(sign_in(editor), version)
    assert said.count("@partner.example") == 3
    assert "And 4 more." in said


def test_before_any_letter_the_page_says_so_and_offers_one_to_who_may_write_it(version, sign_in, editor, viewer):
    assert "Write the letter" in _page(sign_in(editor), version)
    said = _page(sign_in(viewer), version)
    assert "No letter has told anybody of this version yet. An editor sends it." in said
    assert "Write the letter" not in said


def test_a_member_says_once_that_they_have_read_it_and_looking_says_nothing(told, version, sign_in, viewer):
    client = sign_in(viewer)
    client.get(_at("version", version))
    client.get(_at("readers", version))
    assert Receipt.objects.get(pk=told[0].pk).read_at is None
    answer = client.post(_at("version_read", version))
    assert answer.headers["Location"] == _at("version", version)
    first = Receipt.objects.get(pk=told[0].pk).read_at
    assert first is not None
    client.post(_at("version_read", version))
    assert Receipt.objects.get(pk=told[0].pk).read_at == first
    assert Receipt.objects.filter(read_at=None).count() == 1


def test_whom_no_letter_told_has_nothing_to_confirm(told, version, sign_in, reviewer):
    assert sign_in(reviewer).post(_at("version_read", version)).status_code == 404
    assert Receipt.objects.filter(read_at=None).count() == 2


def test_one_reminder_goes_to_each_who_has_not_read_it(told, version, sign_in, editor):
    client = sign_in(editor)
    answer = client.post(_at("readers_remind", version), follow=True)
    assert "2 reminders will go out." in html.unescape(answer.content.decode())
    assert set(Outbox.objects.values_list("to", flat=True)) == {"vic@example.org", "ada@partner.example"}
    said = _page(client, version)
    assert "Remind those who have not<" not in said
    assert "reminded on" in said
    assert "Nobody is left to remind." in client.post(_at("readers_remind", version), follow=True).content.decode()
    assert Outbox.objects.count() == 2
    check()


def test_those_told_of_a_role_that_is_gone_are_counted_under_its_name(version, small, sign_in, owner, editor):
    first, second = roles_of(small)[:2]
    remove_role(**to(small, owner), role=first.pk, heir=second.pk)
    later = publish(small, editor)
    _tell(later, editor, "ada@partner.example", roles=[first.pk])
    assert '<th scope="row"><bdi>Role 1</bdi></th><td>0\u00a0of\u00a01</td>' in _page(sign_in(owner), later)


# ---- Signing -------------------------------------------------------------------------------------------------------


def test_who_answers_for_a_role_sees_what_they_sign_and_signs(version, small, sign_in, viewer):
    client = sign_in(viewer)
    said = _page(client, version)
    assert "0 of 2 roles signed." in said
    assert "You answer for it and have not signed." in said
    assert said.count('aria-label="Sign for') == 1
    assert "<bdi>Activity 1</bdi>" in said
    assert f"<code>{version.digest[:12]}</code>" in said
    answer = _sign(client, version)
    assert answer.headers["Location"] == _at("readers", version)
    said = _page(client, version)
    assert "Signed</b> by <bdi>Vic Viewer</bdi>" in said
    assert "1 of 2 roles signed." in said
    assert "Sign for" not in said.replace("Signed for", "")
    check()


def test_an_editor_reminds_those_who_have_not_signed_once(version, sign_in, editor, viewer):
    client = sign_in(editor)
    assert "Remind those who have not signed" in _page(client, version)
    answer = client.post(_at("readers_ask", version), follow=True)
    assert "1 person is reminded to sign." in html.unescape(answer.content.decode())
    assert [notice.member for notice in Notice.objects.all()] == [viewer]
    assert "Remind those who have not signed" not in _page(client, version)
    assert "Nobody is left to remind." in client.post(_at("readers_ask", version), follow=True).content.decode()


def test_nobody_else_reminds_them_and_nobody_where_all_have_signed(version, sign_in, editor, viewer, reviewer):
    for member in (viewer, reviewer):
        assert "Remind those" not in _page(sign_in(member), version)
        assert sign_in(member).post(_at("readers_ask", version)).status_code == 403
    _sign(sign_in(viewer), version)
    assert "Remind those" not in _page(sign_in(editor), version)
    assert not Notice.objects.exists()


def test_for_the_others_the_page_says_who_has_not_signed_and_offers_them_nothing(version, sign_in, owner):
    said = _page(sign_in(owner), version)
    assert "<bdi>Vic Viewer</bdi> answers for it and has not signed." in said
    assert "Nobody answers for it." in said
    assert "Sign for" not in said


def test_a_role_that_is_gone_from_the_draft_says_so(version, small, sign_in, owner):
    roles = roles_of(small)
    remove_role(**to(small, owner), role=roles[0].pk, heir=roles[1].pk)
    assert "The draft does not have this role any more." in _page(sign_in(owner), version)


@pytest.mark.parametrize("column", [0, 1])
def test_nobody_signs_for_another_by_a_forged_form(version, sign_in, owner, column):
    assert _sign(sign_in(owner), version, column).status_code == 403
    assert not SignOff.objects.exists()


def test_who_looked_at_an_older_version_is_shown_what_changed_and_nothing_is_signed(
    version, small, sign_in, viewer, editor
):
    set_cell(small, editor, 1, 0, C)
    newer = publish(small, editor)
    answer = _sign(sign_in(viewer), version)
    said = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert MOVED_ON in said
    assert "What changed for you since version 1:" in said
    assert "Activity 2" in said
    assert f'value="{newer.digest}"' in said  # the form below signs the one that is shown
    assert not SignOff.objects.exists()


def test_a_digest_of_an_older_version_sent_with_the_latest_is_refused(version, small, sign_in, viewer, editor):
    set_cell(small, editor, 1, 0, C)
    newer = publish(small, editor)
    assert _sign(sign_in(viewer), newer, digest=version.digest).status_code == 409
    assert not SignOff.objects.exists()


def test_an_older_version_offers_no_signing_and_leads_to_the_latest(version, small, sign_in, viewer, editor):
    set_cell(small, editor, 1, 0, C)
    newer = publish(small, editor)
    said = _page(sign_in(viewer), version)
    assert "Sign for" not in said
    assert _at("readers", newer) in said


def test_a_new_version_voids_the_signatures_visibly_and_keeps_the_old_ones(version, small, sign_in, viewer, editor):
    client = sign_in(viewer)
    _sign(client, version)
    set_cell(small, editor, 1, 0, C)
    newer = publish(small, editor)
    assert "0 of 2 roles signed." in _page(client, newer)
    assert "Signed</b> by <bdi>Vic Viewer</bdi>" in _page(client, version)


def test_who_answers_no_more_and_an_archived_matrix_offer_no_signing(version, small, sign_in, viewer, owner):
    archive(**to(small, owner), archived=True)
    assert "Sign for" not in _page(sign_in(viewer), version)
    archive(**to(small, owner), archived=False)
    answer_for(**to(small, owner), role=roles_of(small)[0].pk, user=None, seen=revision(small))
    assert "Sign for" not in _page(sign_in(viewer), version)


def test_of_an_archived_matrix_nobody_is_asked_for_anything(version, small, sign_in, editor, owner):
    offered = ("Write the letter", "Say who does", "people press")
    text = _page(sign_in(editor), version)
    assert [words in text for words in offered] == [True, True, True]
    archive(**to(small, owner), archived=True)
    text = _page(sign_in(editor), version)
    assert [words in text for words in offered] == [False, False, False]


def test_of_an_archived_matrix_nobody_is_reminded(told, version, small, sign_in, editor, owner):
    assert _at("readers_remind", version) in _page(sign_in(editor), version)
    archive(**to(small, owner), archived=True)
    assert _at("readers_remind", version) not in _page(sign_in(editor), version)


@pytest.mark.parametrize("role", ["", "x", "-1", "99999999999999999999"])
def test_a_role_that_is_no_number_is_malformed(version, sign_in, viewer, role):
    answer = sign_in(viewer).post(_at("version_sign", version), {"role": role, "digest": version.digest})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", [7, 2**31, 2**62])
def test_a_version_that_is_not_there_is_a_404(version, small, sign_in, viewer, number):
    page = reverse("readers", args=[small.workspace_id, small.pk, number])
    assert sign_in(viewer).get(page).status_code == 404


def test_the_page_takes_as_many_queries_for_many_readers_as_for_few(told, version, sign_in, editor):
    client, counts = sign_in(editor), []
    _page(client, version)  # reads the grid, which the process keeps
    for more in range(2):
        for number in range(more * 30):
            _tell(version, editor, f"reader{number}@partner.example")
        with CaptureQueriesContext(connection) as queries:
            _page(client, version)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 12
