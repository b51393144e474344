"""The account: name, zone, theme and sessions; and how it is kept from others (T27 to T29)."""

import re
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse

from raci.accounts.models import User
from raci.grid.levels import Level
from raci.matrices import departures
from raci.matrices.models import Activity, Change, Role
from raci.matrices.operations import Sender
from raci.web import days
from raci.workspaces.links import make_sign_in_link

PASSWORD = "a-long-passphrase-77"
OTHER = "quite-another-phrase-8"
TOKEN = re.compile(r'(csrfmiddlewaretoken" value="|X-CSRFToken":")[A-Za-z0-9]+')


@pytest.fixture
def person(owner) -> User:
    owner.user.set_password(PASSWORD)
    owner.user.save()
    return owner.user


def signed_in(person: User, password: str = PASSWORD, **options) -> Client:
    client = Client(**options)
    client.post(reverse("account_login"), {"login": person.email, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("account")).status_code == 200


def body(answer) -> str:
    return TOKEN.sub("", answer.content.decode())


# ---- Name, zone and theme ------------------------------------------------------------------------------------------


def test_name_zone_and_theme_are_saved(person, sign_in, owner):
    client = sign_in(owner)
    said = {"name": "Olive O’Hara", "time_zone": "Asia/Kolkata", "theme": "dark"}
    answer = client.post(reverse("account"), said, follow=True)
    person.refresh_from_db()
    assert (person.name, person.time_zone, person.theme) == tuple(said.values())
    page = answer.content.decode()
    assert "Your account is saved." in page
    assert '<html lang="en" data-theme="dark">' in page
    client.post(reverse("account"), {"name": "Olive", "time_zone": "", "theme": ""})
    assert '<html lang="en">' in client.get(reverse("account")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "a\nb"}, {"name": "x" * 101}, {"time_zone": "Nowhere/Atlantis"}, {"theme": "pink"}],
)
def test_what_is_no_name_zone_or_theme_is_refused(person, sign_in, owner, wrong):
    said = {"name": "Olive", "time_zone": "Europe/Berlin", "theme": "light", **wrong}
    answer = sign_in(owner).post(reverse("account"), said)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert "<title>Error: Your account" in answer.text
    assert ("Write your name." in answer.text) == (wrong == {"name": ""})
    assert User.objects.get(pk=person.pk).name == "Olive Owner"


def test_all_forms_of_the_entrance_call_the_address_the_same(db):
    for name in ("account_login", "account_signup", "account_reset_password"):
        page = Client().get(reverse(name)).text
        assert ">E-mail address</label>" in page, name
        assert 'placeholder="Email' not in page, name


def test_nobody_changes_more_of_their_account_than_the_form_has(person, sign_in, owner):
    said = {"name": "Olive", "time_zone": "", "theme": "", "email": "x@example.org", "is_staff": "on", "pk": "1"}
    sign_in(owner).post(reverse("account"), said)
    person.refresh_from_db()
    assert (person.email, person.is_staff) == ("olive@example.org", False)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", ""])
def test_times_are_printed_where_the_reader_is(person, sign_in, owner, matrix, zone):
    """Fourteen hours ahead, eleven behind, and at the server."""
    User.objects.update(time_zone=zone)
    Change.objects.update(at=datetime(2026, 3, 10, 12, 30, tzinfo=UTC))
    expected = {
        "Pacific/Kiritimati": ("Wednesday, 11 Mar 2026", "02:30", "2026-03-11T02:30:00+14:00"),
        "Pacific/Pago_Pago": ("Tuesday, 10 Mar 2026", "01:30", "2026-03-10T01:30:00-11:00"),
        "": ("Tuesday, 10 Mar 2026", "12:30", "2026-03-10T12:30:00+00:00"),
    }[zone]
    page = sign_in(owner).get(reverse("history", args=[matrix.workspace_id, matrix.pk])).content.decode()
    for printed in expected:
        assert printed in page


def test_today_in_the_history_is_the_readers(person, sign_in, owner, matrix):
    User.objects.update(time_zone="Pacific/Kiritimati")
    Change.objects.update(at=datetime(2026, 3, 10, 12, 30, tzinfo=UTC))
    url = reverse("history", args=[matrix.workspace_id, matrix.pk])
    client = sign_in(owner)
    with time_machine.travel(datetime(2026, 3, 10, 13, 0, tzinfo=UTC), tick=False):
        assert ">Today<" in client.get(url).content.decode()
    with time_machine.travel(datetime(2026, 3, 11, 10, 30, tzinfo=UTC), tick=False):
        assert ">Yesterday<" in client.get(url).content.decode()


def test_the_zone_of_one_reader_is_not_that_of_the_next(person, sign_in, owner, stranger):
    User.objects.filter(pk=person.pk).update(time_zone="Pacific/Kiritimati")
    at = reverse("usersessions_list")
    here, there = signed_in(person), sign_in(stranger)
    UserSession.objects.create(user=stranger.user, ip="127.0.0.1", session_key=there.session.session_key)
    assert "+14:00" in here.get(at).content.decode()
    assert "+00:00" in there.get(at).content.decode()
    assert "+14:00" in here.get(at).content.decode()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_end_of_a_departure_is_the_same_day_for_every_reader(person, sign_in, owner, matrix, zone):
    """It is the tenth at the server, the eleventh or the ninth where the reader is."""
    User.objects.update(time_zone=zone)
    row = Activity.objects.filter(matrix=matrix).first()
    role = Role.objects.filter(matrix=matrix).first()
    level = row.assignments.filter(role=role).values_list("level", flat=True).first()
    noon, url = datetime(2026, 3, 10, 12, 0, tzinfo=UTC), reverse("checks", args=[matrix.workspace_id, matrix.pk])
    with time_machine.travel(noon if zone.endswith("Kiritimati") else noon - timedelta(hours=6), tick=False):
        client = sign_in(owner)
        for until, ended in ((date(2026, 3, 10), False), (date(2026, 3, 9), True)):
            with patch.object(days, "today", return_value=until):
                departures.keep(
                    matrix=matrix.pk,
                    sender=Sender(owner),
                    activity=row.pk,
                    ours={role.pk: Level(level) if level else None},
                    theirs={role.pk: None if level else Level.INFORMED},
                    against="sales",
                    reference="sales",
                    reason="It is meant so",
                    until=until,
                    seen=Change.objects.filter(matrix=matrix).count(),
                )
            assert ("ended on 9 Mar 2026" in client.get(url).content.decode()) is ended


def test_a_database_in_trouble_is_said_as_before(person, sign_in, owner):
    client = sign_in(owner)
    with patch("raci.accounts.middleware._user", return_value=None):
        assert '<html lang="en">' in client.get(reverse("account")).content.decode()


def test_an_error_page_has_the_theme_of_its_reader(person, sign_in, owner, stranger, foreign_matrix):
    User.objects.update(theme="dark")
    client = sign_in(owner)
    for path in ("/nothing-here/", reverse("matrix", args=[stranger.workspace_id, foreign_matrix.pk])):
        answer = client.get(path)
        assert answer.status_code == 404
        assert 'data-theme="dark"' in answer.content.decode()
    assert "data-theme" not in Client().get("/nothing-here/").content.decode()
    assert "data-theme" not in Client().get(reverse("account_login")).content.decode()


def test_a_look_costs_a_visitor_no_query(django_assert_num_queries, seeded):
    with django_assert_num_queries(0):
        Client().get("/nothing-here/")


# ---- Sessions ------------------------------------------------------------------------------------------------------


def test_each_session_is_ended_by_itself_and_at_once(person):
    here, there, elsewhere = signed_in(person), signed_in(person), signed_in(person)
    session = UserSession.objects.get(session_key=there.session.session_key)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert page.count("/end/") == 2
    here.post(reverse("session_end", args=[session.pk]))
    assert [is_in(one) for one in (here, there, elsewhere)] == [True, False, True]
    here.post(reverse("usersessions_list"))
    assert [is_in(one) for one in (here, there, elsewhere)] == [True, False, False]


def test_ones_own_session_and_that_of_somebody_else_are_not_ended(person, stranger):
    here, theirs = signed_in(person), Client()
    theirs.post(reverse("sign_in_link", args=[make_sign_in_link(stranger.user)]))
    own = UserSession.objects.get(user=person)
    foreign = UserSession.objects.get(user=stranger.user)
    answers = [here.post(reverse("session_end", args=[pk])).status_code for pk in (own.pk, foreign.pk, 999_999)]
    assert answers == [409, 404, 404]
    assert is_in(here)
    assert is_in(theirs)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on a Mac"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.0 <b>", "curl/8.0 &lt;b&gt;"),
        ("", "An unknown browser"),
    ],
)
def test_a_session_is_called_by_its_browser(person, sent, shown):
    client = signed_in(person, headers={"User-Agent": sent})
    assert f'<th scope="row">{shown}</th>' in client.get(reverse("usersessions_list")).content.decode()


# ---- T27: fixation, theft, survival --------------------------------------------------------------------------------


def test_the_session_is_another_one_after_signing_in(person):
    client = Client()
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    before = client.session.session_key
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert before
    assert client.session.session_key != before


def test_a_copied_session_dies_with_signing_out_with_a_new_password_and_with_the_account(person):
    def copy_of(client: Client) -> Client:
        stolen = Client()
        stolen.cookies["sessionid"] = client.cookies["sessionid"].value
        return stolen

    client = signed_in(person)
    stolen = copy_of(client)
    assert is_in(stolen)
    client.post(reverse("account_logout"))
    assert not is_in(stolen)

    client, elsewhere = signed_in(person), signed_in(person)
    stolen = copy_of(client)
    said = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    answer = client.post(reverse("account_change_password"), said, follow=True)
    assert "All other browsers are signed out." in answer.content.decode()
    assert [is_in(one) for one in (client, stolen, elsewhere)] == [True, False, False]

    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(client)


# ---- T28: guessing -------------------------------------------------------------------------------------------------


def test_after_too_many_tries_no_password_is_even_hashed(person):
    tries = [Client().post(reverse("account_login"), {"login": person.email, "password": "no"}) for _ in range(5)]
    assert all(one.status_code == 200 for one in tries)
    with patch.object(hashers, "verify_password", side_effect=AssertionError("hashed")):
        for password in ("no", PASSWORD):
            page = Client().post(reverse("account_login"), {"login": person.email, "password": password})
            assert "Too many" in page.content.decode()


def test_a_spoofed_address_does_not_help(person):
    for number in range(5):
        Client().post(
            reverse("account_login"),
            {"login": person.email, "password": "no"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )
    page = Client().post(
        reverse("account_login"),
        {"login": person.email, "password": PASSWORD},
        headers={"X-Forwarded-For": "10.9.9.9"},
    )
    assert "Too many" in page.content.decode()


def test_who_is_signed_in_stays_so_while_somebody_guesses(person):
    client = signed_in(person)
    for _ in range(7):
        Client().post(reverse("account_login"), {"login": person.email, "password": "no"})
    assert is_in(client)


# ---- T29: who has an account ---------------------------------------------------------------------------------------


def test_signing_in_and_resetting_answer_a_known_address_like_an_unknown_one(person):
    def asked(name: str, fields: dict, address: str):
        answer = Client().post(reverse(name), fields, follow=True)
        return answer.status_code, body(answer).replace(address, "ADDRESS")

    for name, field in (("account_login", "login"), ("account_reset_password", "email")):
        known, unknown = (
            asked(name, {field: address, "password": "no"}, address) for address in (person.email, "nobody@example.org")
        )
        assert known == unknown, name


def test_signing_up_with_a_taken_address_looks_like_signing_up(person, settings):
    """Where addresses are confirmed; on one's own machine there is nobody to hide from."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    said = {"name": "Nia New", "password1": PASSWORD}
    taken, free = (
        Client().post(reverse("account_signup"), {**said, "email": address})
        for address in (person.email, "nia@example.org")
    )
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert person.name == "Olive Owner"


class Counted(hashers.MD5PasswordHasher):
    """Counts what takes the time of signing in."""

    done = 0

    def encode(self, password: str, salt: str) -> str:
        Counted.done += 1
        return super().encode(password, salt)


def test_an_unknown_address_takes_as_much_hashing_as_a_known_one(person, settings):
    settings.PASSWORD_HASHERS = [f"{Counted.__module__}.{Counted.__qualname__}"]
    person.set_password(PASSWORD)
    person.save()

    def hashed(address: str) -> int:
        before = Counted.done
        Client().post(reverse("account_login"), {"login": address, "password": "no"})
        return Counted.done - before

    assert hashed(person.email) == hashed("nobody@example.org") == 1
