"""Members hear at once, once a day at seven where they are, or never; never twice, never early (D9)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from raci.notices.models import Notice, Outbox
from raci.notices.names import sign_of
from raci.notices.notices import latest_digest, mail_notices, notify, tidy
from raci.notices.sending import send_due
from raci.workspaces.models import Mail
from tests.stress.together import together

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def _tell(member, key, text="Something changed.", **given):
    notify(member, text=text, url=f"/w/{member.workspace_id}/", key=key, **given)


def _choose(member, how, zone=""):
    member.mail, member.user.time_zone = how, zone
    member.save()
    member.user.save()


def _round(moment):
    """What a run at that moment mails."""
    before = len(mail.outbox)
    with time_machine.travel(moment, tick=False):
        mail_notices(timezone.now())
        send_due()
    return mail.outbox[before:]


def test_a_member_hears_at_once_with_the_page_it_is_about_and_why_it_comes(viewer):
    _tell(viewer, "one", "Your access changed.")
    (sent,) = _round(timezone.now())
    assert (sent.to, sent.subject) == ([viewer.user.email], "Your access changed")
    assert f"http://localhost:8000/w/{viewer.workspace_id}/\n" in sent.body
    assert "You hear of this at once because you are a member of Acme." in sent.body
    assert f"http://localhost:8000/w/{viewer.workspace_id}/members/\n" in sent.body
    assert _round(timezone.now()) == []


def test_what_comes_together_is_one_mail(viewer, editor):
    for key in ("one", "two", "three"):
        _tell(viewer, key, f"This is {key}.")
    _tell(editor, "one")
    sent = {message.to[0]: message for message in _round(timezone.now())}
    assert sent.keys() == {viewer.user.email, editor.user.email}
    assert sent[viewer.user.email].subject == "3 notices from Acme"
    assert all(f"This is {key}." in sent[viewer.user.email].body for key in ("one", "two", "three"))


def test_the_same_key_is_told_once(viewer):
    _tell(viewer, "one")
    _round(timezone.now())
    _tell(viewer, "one")
    assert _round(timezone.now()) == []
    assert Notice.objects.count() == 1


def test_who_wants_no_mail_gets_none_also_not_later(viewer):
    _choose(viewer, Mail.NEVER)
    _tell(viewer, "one")
    assert _round(timezone.now()) == []
    _choose(viewer, Mail.AT_ONCE)
    assert _round(timezone.now()) == []


def test_a_digest_comes_at_seven_where_the_member_is_and_holds_what_was_told_before(viewer):
    _choose(viewer, Mail.DAILY, "Europe/Berlin")
    for hour, minute, key in ((5, 0, "early"), (6, 59, "just before")):
        with time_machine.travel(datetime(2026, 11, 23, hour, minute, tzinfo=BERLIN), tick=False):
            _tell(viewer, key, f"This is {key}.")
    assert _round(datetime(2026, 11, 23, 6, 59, 59, tzinfo=BERLIN)) == []
    with time_machine.travel(datetime(2026, 11, 23, 7, 0, tzinfo=BERLIN), tick=False):
        _tell(viewer, "after", "This is after.")
    (first,) = _round(datetime(2026, 11, 23, 7, 0, tzinfo=BERLIN))
    assert "early" in first.body
    assert "just before" in first.body
    assert "after" not in first.body
    assert "You hear of this once a day" in first.body
    for hour in (7, 8, 15, 23):
        assert _round(datetime(2026, 11, 23, hour, 30, tzinfo=BERLIN)) == []
    (second,) = _round(datetime(2026, 11, 24, 7, 0, 1, tzinfo=BERLIN))
    assert "This is after." in second.body


def test_a_digest_nobody_sent_at_seven_comes_as_soon_as_somebody_does(viewer):
    _choose(viewer, Mail.DAILY, "Europe/Berlin")
    with time_machine.travel(datetime(2026, 11, 23, 5, 0, tzinfo=BERLIN), tick=False):
        _tell(viewer, "one")
    assert len(_round(datetime(2026, 11, 23, 22, 0, tzinfo=BERLIN))) == 1
    assert _round(datetime(2026, 11, 24, 7, 0, tzinfo=BERLIN)) == []


# The clocks of each zone change in these days, in either direction or by half an hour.
@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28)),
        ("Europe/Berlin", datetime(2026, 10, 24)),
        ("America/New_York", datetime(2026, 3, 7)),
        ("America/New_York", datetime(2026, 10, 31)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4)),
        ("Pacific/Apia", datetime(2011, 12, 29)),  # has no 30 December
        ("Asia/Kathmandu", datetime(2028, 2, 28)),
    ],
)
def test_over_a_change_of_the_clocks_each_morning_has_one_digest_none_early(viewer, zone, first):
    _choose(viewer, Mail.DAILY, zone)
    here, times = ZoneInfo(zone), []
    start = first.replace(tzinfo=here).astimezone(UTC)
    for half in range(2 * 24 * 3):
        moment = start + timedelta(minutes=30 * half)
        if half % 6 == 0:
            with time_machine.travel(moment, tick=False):
                _tell(viewer, str(half))
        if _round(moment):
            times.append(moment.astimezone(here))
    assert all((time.hour, time.minute) == (7, 0) for time in times)
    days = [time.date() for time in times]
    assert len(set(days)) == len(days) == 3


def test_who_moves_to_another_zone_gets_no_second_digest_that_day(viewer):
    _choose(viewer, Mail.DAILY, "Europe/Berlin")
    with time_machine.travel(datetime(2026, 11, 23, 5, 0, tzinfo=BERLIN), tick=False):
        _tell(viewer, "one")
    assert len(_round(datetime(2026, 11, 23, 7, 0, tzinfo=BERLIN))) == 1
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=BERLIN), tick=False):
        _tell(viewer, "two")
    _choose(viewer, Mail.DAILY, "America/New_York")
    assert _round(datetime(2026, 11, 23, 7, 0, tzinfo=ZoneInfo("America/New_York"))) == []
    assert len(_round(datetime(2026, 11, 24, 7, 0, tzinfo=ZoneInfo("America/New_York")))) == 1


def test_without_a_zone_of_their_own_or_with_an_unknown_one_it_is_that_of_the_server(viewer, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    for zone in ("", "Europe/Atlantis", "../../etc/passwd"):
        viewer.user.time_zone = zone
        noon = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
        assert latest_digest(viewer.user, noon) == noon.replace(hour=7)


def test_who_is_gone_or_whose_workspace_is_deleted_hears_nothing(viewer, editor, reviewer):
    for member in (viewer, editor, reviewer):
        _tell(member, "one")
    viewer.delete()
    editor.user.is_active = False
    editor.user.save()
    reviewer.workspace.deleted_at = timezone.now()
    reviewer.workspace.save()
    assert _round(timezone.now()) == []


def test_a_person_is_named_as_they_are_called_when_it_is_mailed_and_kept_nowhere(viewer, editor):
    _tell(viewer, "one", f"{sign_of(editor.user)} joined.")
    assert "Eddie" not in Notice.objects.get().text
    (sent,) = _round(timezone.now())
    assert (sent.subject, "Eddie Editor joined." in sent.body) == ("Eddie Editor joined", True)
    assert "Eddie" not in str(Outbox.objects.values_list())
    _tell(viewer, "two", f"{sign_of(editor.user)} joined.")
    editor.user.delete()
    (sent,) = _round(timezone.now())
    assert sent.subject == "Somebody joined"


def test_a_digest_names_everybody_it_is_about(viewer, owner, editor):
    for number, who in enumerate((owner.user, editor.user, owner.user)):
        _tell(viewer, str(number), f"{sign_of(who)} did something.")
    mail_notices(timezone.now())
    editor.user.delete()
    send_due()
    said = [line for line in mail.outbox[0].body.splitlines() if "did" in line]
    assert said == ["Olive Owner did something.", "Somebody did something.", "Olive Owner did something."]


def test_what_was_mailed_is_forgotten_after_a_month_and_what_waits_is_not(viewer):
    now = timezone.now()
    _tell(viewer, "one")
    _round(now)
    _tell(viewer, "two")
    tidy(now + timedelta(days=29))
    assert Notice.objects.count() == 2
    tidy(now + timedelta(days=31))
    assert [notice.key for notice in Notice.objects.all()] == ["two"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_write_each_mail_once(viewer, editor):
    for member in (viewer, editor):
        for number in range(20):
            _tell(member, str(number))
    done = together(*[lambda: mail_notices(timezone.now())] * 4)
    assert not [result for result in done if isinstance(result, Exception)]
    assert sorted(Outbox.objects.values_list("to", flat=True)) == sorted([viewer.user.email, editor.user.email])
