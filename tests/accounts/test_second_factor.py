"""The secrets of second factors at rest, and what nobody's device would send."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from raci.accounts.second_factor import SecondFactorAdapter
from tests.factories import UserFactory

PASSWORD = "a-long-passphrase-77"
OTHER_KEY = "another-key-of-fifty-characters-and-of-many-letters-0123"
NONSENSE = [
    "",
    "no json",
    "5",
    "[]",
    "null",
    '"text"',
    "{}",
    '{"response": null}',
    '{"response": 5, "id": 5}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "%%%", "clientDataJSON": 5}}',
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AA",
                "attestationObject": "AA",
                "signature": "AA",
                "userHandle": "AA",
            },
        }
    ),
]


@pytest.fixture
def person(db):
    return UserFactory(password=PASSWORD)


def test_no_secret_stands_in_the_database_as_it_is(person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    codes = RecoveryCodes.activate(person).get_unused_codes()
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_what_is_encrypted_comes_back_and_never_looks_the_same():
    adapter = SecondFactorAdapter()
    one, two = adapter.encrypt("a secret"), adapter.encrypt("a secret")
    assert one != two
    assert adapter.decrypt(one) == adapter.decrypt(two) == "a secret"


def test_an_earlier_key_still_opens_what_it_closed(settings):
    adapter = SecondFactorAdapter()
    closed, settings.SECRET_KEY_FALLBACKS = adapter.encrypt("a secret"), [settings.SECRET_KEY]
    settings.SECRET_KEY = OTHER_KEY
    assert adapter.decrypt(closed) == "a secret"


def test_with_another_key_no_code_fits_and_none_can_be_foreseen(settings):
    adapter = SecondFactorAdapter()
    closed, settings.SECRET_KEY = adapter.encrypt("a secret"), OTHER_KEY
    found = {adapter.decrypt(closed) for _ in range(5)}
    assert len(found) == 5
    assert "a secret" not in found


@pytest.mark.parametrize("sent", NONSENSE)
def test_an_answer_no_device_gives_is_refused(person, sent, client):
    answers = [client.post(reverse("mfa_login_webauthn"), {"credential": sent})]
    client.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    answers.append(client.post(reverse("mfa_login_webauthn"), {"credential": sent}))
    assert [answer.status_code for answer in answers] == [302, 302]
    signed_in = Client()
    signed_in.force_login(person)
    signed_in.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert signed_in.get(reverse("mfa_add_webauthn")).status_code == 200
    answer = signed_in.post(reverse("mfa_add_webauthn"), {"name": "Phone", "passwordless": "yes", "credential": sent})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("name", ["mfa_authenticate", "mfa_reauthenticate"])
def test_a_wrong_code_says_what_to_do_for_either_kind(person, client, name):
    TOTP.activate(person, generate_totp_secret())
    if name == "mfa_authenticate":
        client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    else:
        client.force_login(person)
    refused = client.post(reverse(name), {"code": "000000"})
    assert "Type the code your app shows now, or a recovery code you have not used." in refused.text


def test_without_the_password_nothing_of_the_second_factor_is_shown_or_changed(person, client):
    client.force_login(person)
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    for name in (
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "account_delete",
    ):
        for ask in (client.get, client.post):
            answer = ask(reverse(name))
            if answer.status_code == 405:
                continue
            assert answer.status_code == 302, name
            assert reverse("account_reauthenticate") in answer["Location"], name
    assert Authenticator.objects.count() == 2
