"""What webhooks are told of a version: its letter, once each; and what becomes of it while nobody answers (D11)."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, archive
from raci.notices.queue import LEASE, claimed
from raci.publishing import postings, telling, webhooks
from raci.publishing.models import Letter, Posting, Version
from raci.publishing.postings import LIMIT, post, post_due
from raci.screens.audit import sentence
from raci.screens.workspace_end import delete_workspace
from raci.web import outgoing
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.models import AuditEvent
from tests.factories import make_matrix
from tests.matrices.operating import C, set_cell
from tests.publishing.making import publish
from tests.web.outside import HOST, OK, PUBLIC

HOOK = f"https://{HOST}/services/T0/secret-part"
FAULT = b"HTTP/1.1 503 Later\r\n\r\n"
REFUSED = b"HTTP/1.1 404 No\r\n\r\n"


@pytest.fixture(autouse=True)
def _reachable(outside):
    outside.leads(HOST, PUBLIC)


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def version(small, owner) -> Version:
    webhooks.add(matrix=small.pk, address=HOOK, by=owner)
    return publish(small, owner)


def _texts(outside) -> list[str]:
    return [json.loads(request.partition("\r\n\r\n")[2])["text"] for request in outside.requests]


def _edit(version, by, text, subject="") -> None:
    telling.edit(version=version, by=by, subject=subject, text=text, seen="")


def test_the_letter_arrives_as_a_text_with_the_address_of_the_version(version, editor, outside):
    assert post(version=version, by=editor) == 1
    assert outside.requests == []  # nothing leaves before its turn
    assert str(post_due()) == "1 posting sent."
    (text,) = _texts(outside)
    said = telling.said(version, None)
    page = f"http://localhost:8000/w/{version.matrix.workspace_id}/matrices/{version.matrix_id}/versions/1/"
    assert text == f"{said.subject}\n\n{said.text}\n\n{page}"
    assert "Small" in text
    assert "Eddie" not in text


def test_what_somebody_wrote_goes_out_in_place_of_it(version, editor, outside):
    _edit(version, editor, "We have *settled* it.", "Who leads what")
    post(version=version, by=editor)
    post_due()
    assert _texts(outside)[0].startswith("Who leads what\n\nWe have *settled* it.\n\nhttp://")


def test_nobody_is_called_by_what_stands_in_a_name(version, editor, outside):
    _edit(version, editor, "<!channel> and <@U1>", "<!here>")
    post(version=version, by=editor)
    post_due()
    assert not set("<>") & set(_texts(outside)[0])
    assert "‹!channel›" in _texts(outside)[0]


def test_nobody_is_called_and_no_link_is_hidden_by_the_words_of_other_chat_tools(version, editor, outside):
    _edit(
        version,
        editor,
        "@all see [our page](https://evil.example) or [this][1].\n\n[1]: https://evil.example",
        "@channel",
    )
    post(version=version, by=editor)
    post_due()
    (text,) = _texts(outside)
    assert not any(sign in text for sign in ("@channel", "@all", "](", "][", "]:"))
    assert text.replace("\u2060", "").startswith("@channel\n\n@all see [our page](https://evil.example) or [this][1].")


def test_a_long_letter_is_cut_between_two_lines_and_keeps_its_address(version, editor, outside):
    _edit(version, editor, "\n".join(f"Line {number:04} of it." for number in range(1000)))
    post(version=version, by=editor)
    post_due()
    (text,) = _texts(outside)
    assert LIMIT - 50 < len(text) <= LIMIT
    body, _, end = text.rpartition("\n\n")
    assert body.endswith(" of it.\n…")
    assert end.endswith("/versions/1/")


def test_a_letter_of_one_long_line_is_cut_within_it(version, editor, outside):
    _edit(version, editor, "x" * 10_000)
    post(version=version, by=editor)
    post_due()
    assert len(_texts(outside)[0]) == LIMIT


def test_each_webhook_is_told_once_however_often_somebody_presses(small, version, editor, outside):
    assert [post(version=version, by=editor), post(version=version, by=editor)] == [1, 0]
    post_due()
    assert post(version=version, by=editor) == 0
    webhooks.add(matrix=small.pk, address=f"{HOOK}2", by=editor)
    assert post(version=version, by=editor) == 1
    post_due()
    assert str(post_due()) == ""
    assert [request.split()[1] for request in outside.requests] == [
        "/services/T0/secret-part",
        "/services/T0/secret-part2",
    ]
    assert Posting.objects.count() == 2


def test_it_stands_in_the_audit_log(version, editor):
    post(version=version, by=editor)
    post(version=version, by=editor)
    told = [sentence(event) for event in AuditEvent.objects.filter(kind="letter.posted")]
    assert told == ["Eddie Editor posted the letter of “Small”, version 1, to 1 webhook."]


def test_people_were_told_when_the_first_posting_arrived(version, editor, outside):
    outside.answer = FAULT
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        post(version=version, by=editor)
        post_due()
        assert Letter.objects.get(version=version).told_at is None
    outside.leads(HOST, PUBLIC)
    outside.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    later = start + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        post_due()
    assert Letter.objects.get(version=version).told_at == later


def test_who_was_told_before_stays_told_since_then(version, editor):
    told = telling.told_another_way(version=version, by=editor).told_at
    post(version=version, by=editor)
    post_due()
    assert Letter.objects.get(version=version).told_at == told


def test_nothing_is_kept_of_what_went(version, editor):
    post(version=version, by=editor)
    post_due()
    kept = Posting.objects.get()
    assert (kept.text, kept.error, kept.claimed_until) == ("", "", None)


def test_without_a_webhook_there_is_nothing_to_post_to(small, editor):
    with pytest.raises(Refused, match="no webhook"):
        post(version=publish(small, editor), by=editor)


def test_who_may_not_or_may_no_more_posts_nothing(version, reviewer, viewer, ex_member):
    for member, refusal in ((reviewer, Forbidden), (viewer, Forbidden), (ex_member, Gone)):
        with pytest.raises(refusal):
            post(version=version, by=member)
    assert not Posting.objects.exists()


def test_of_a_version_that_another_has_followed_nobody_is_told(small, version, editor):
    set_cell(small, editor, 0, 1, C)
    publish(small, editor)
    with pytest.raises(Refused, match="Version 2 is published by now"):
        post(version=version, by=editor)


def test_of_an_archived_matrix_nobody_is_told(small, version, editor):
    archive(matrix=small.pk, sender=Sender(editor), archived=True)
    with pytest.raises(Refused, match="archived"):
        post(version=version, by=editor)


def test_a_text_that_was_saved_meanwhile_is_not_passed_over(version, editor, owner, monkeypatch):
    written = postings.message

    def slow(*given):
        _edit(version, owner, "Another text.")
        return written(*given)

    monkeypatch.setattr(postings, "message", slow)
    with pytest.raises(Conflict, match="look again"):
        post(version=version, by=editor)
    assert not Posting.objects.exists()


def test_what_fails_for_now_is_tried_again_and_arrives(version, editor, outside):
    outside.answer, start = FAULT, timezone.now()
    with time_machine.travel(start, tick=False):
        post(version=version, by=editor)
        assert str(post_due()) == "1 posting to be tried again."
        assert str(post_due()) == ""
    assert Posting.objects.get().error == "The server had a fault: 503."
    outside.answer = b"HTTP/1.1 200 OK\r\n\r\n"
    with time_machine.travel(start + timedelta(seconds=61), tick=False):
        assert str(post_due()) == "1 posting sent."
    assert _texts(outside)[0] == _texts(outside)[1]


def test_after_a_day_it_has_failed_and_can_be_posted_again(version, editor, outside):
    outside.names[HOST], start = list, timezone.now()
    with time_machine.travel(start, tick=False):
        post(version=version, by=editor)
    for hours in range(27):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            post_due()
    failed = Posting.objects.get()
    assert (failed.failed_at - start, failed.text) == (timedelta(hours=25), "")
    outside.leads(HOST, PUBLIC)
    assert post(version=version, by=editor) == 1
    assert str(post_due()) == "1 posting sent."
    assert _texts(outside)[0].endswith("/versions/1/")


def test_what_a_slow_server_may_have_taken_is_posted_once_until_somebody_has_looked(
    version, editor, outside, monkeypatch
):
    monkeypatch.setattr(outgoing, "ALL_WITHIN", 0.4)
    outside.answer = lambda line: (outside.over.wait(0.8), line.sendall(OK))
    start = timezone.now()
    post(version=version, by=editor)
    assert str(post_due()) == "1 posting failed."
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        assert str(post_due()) == ""
    assert len(outside.requests) == 1
    assert Posting.objects.get().error.endswith("It may have arrived; look, then post again.")
    assert post(version=version, by=editor) == 1


def test_what_is_refused_for_good_fails_at_once(version, editor, outside):
    outside.answer = REFUSED
    post(version=version, by=editor)
    assert str(post_due()) == "1 posting failed."
    assert Posting.objects.get().error == "The server refused it: 404."


def test_a_name_that_leads_inside_by_now_is_not_posted_to(version, editor, outside):
    outside.leads(HOST, "169.254.169.254")
    post(version=version, by=editor)
    assert str(post_due()) == "1 posting to be tried again."
    assert outside.hits == []


def test_neither_the_address_nor_the_answer_stands_in_the_log_or_stays_as_a_reason(version, editor, outside, caplog):
    outside.answer = b"HTTP/1.1 404 inner-canary\r\n\r\ninner-canary"
    post(version=version, by=editor)
    post_due()
    kept = f"{caplog.text}{list(Posting.objects.values())}"
    assert "404" in caplog.text
    assert not any(word in kept for word in ("secret-part", "inner-canary"))


def test_a_key_that_was_lost_is_said_and_holds_up_no_other(version, editor, settings):
    settings.SECRET_KEY = "another-key-of-fifty-characters-and-of-many-letters-0123"
    webhooks.add(matrix=version.matrix_id, address=f"{HOOK}2", by=editor)
    post(version=version, by=editor)
    assert str(post_due()) == "1 posting sent, 1 posting failed."
    assert "Add the webhook again" in Posting.objects.exclude(failed_at=None).get().error


def test_nothing_is_posted_for_a_workspace_that_was_deleted(version, owner, outside):
    post(version=version, by=owner)
    delete_workspace(by=owner, typed="Acme")
    assert str(post_due()) == "1 posting failed."
    assert outside.hits == []


def test_what_waits_goes_with_its_webhook(small, version, editor, outside):
    post(version=version, by=editor)
    webhooks.remove(matrix=small.pk, webhook=small.webhooks.get().pk, by=editor)
    assert str(post_due()) == ""
    assert (Posting.objects.count(), outside.hits) == (0, [])


def test_what_a_killed_process_had_in_hand_goes_when_its_time_is_over(version, editor, outside):
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        post(version=version, by=editor)
        list(claimed(Posting.objects.all()))  # and is killed
        assert str(post_due()) == ""
    with time_machine.travel(start + LEASE + timedelta(seconds=1), tick=False):
        assert str(post_due()) == "1 posting sent."


def test_a_round_ends_after_a_while_so_that_mail_goes_too(small, version, editor, outside, monkeypatch):
    webhooks.add(matrix=small.pk, address=f"{HOOK}2", by=editor)
    post(version=version, by=editor)
    monkeypatch.setattr(postings, "A_ROUND", 0)
    assert [str(post_due()), str(post_due())] == ["1 posting sent.", "1 posting sent."]


def test_who_is_asked_to_stop_does_so_after_the_posting_in_hand(small, version, editor):
    webhooks.add(matrix=small.pk, address=f"{HOOK}2", by=editor)
    post(version=version, by=editor)
    assert str(post_due(stopped=lambda: True)) == "1 posting sent."
