"""The account in a real browser: a second factor with a real code, a passkey with a virtual device, theme and zone."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect

from raci.accounts.models import User
from raci.matrices.models import Change

PASSWORD = "a-long-passphrase-77"


@pytest.fixture
def person(owner) -> User:
    """The owner, with a password."""
    owner.user.set_password(PASSWORD)
    owner.user.save()
    return owner.user


@pytest.fixture
def at(live_server):
    """Addresses at localhost, for a number is no name a passkey could belong to."""
    host = live_server.url.replace("127.0.0.1", "localhost")
    return lambda name, *args: host + reverse(name, args=args)


def sign_in(page: Page, url: str, person: User) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def code_for(secret: str) -> str:
    """What an authenticator app shows now; a code that was typed once is not taken again."""
    cache.clear()
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_device(page: Page) -> None:
    """A device that knows passkeys and always recognises its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def confirm(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def objections(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    found = [
        f"{page.url}: {each['id']} {each['nodes'][0]['target']}" for each in Axe().run(page).response["violations"]
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url}: scrolls sideways")
    return found


def test_a_code_of_an_app_is_asked_after_the_password_and_a_recovery_code_does_as_well(new_page, at, person):
    page = new_page()
    sign_in(page, at("account_login"), person)
    page.goto(at("mfa_activate_totp"))
    confirm(page)
    found = objections(page)
    secret = page.get_by_label("Or type this key").input_value()
    page.get_by_label("Authenticator code").fill(code_for(secret))
    page.get_by_role("button", name="Set it up").click()
    codes = page.get_by_label("10 of 10 are left").input_value().split()
    found += objections(page)
    page.goto(at("mfa_index"))
    found += objections(page)

    other = new_page(viewport={"width": 390, "height": 800}, color_scheme="dark")
    sign_in(other, at("account_login"), person)
    expect(other.get_by_role("heading", name="One more step")).to_be_visible()
    found += objections(other)
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_text("That did not work")).to_be_visible()
    other.get_by_label("Code").fill(code_for(secret))
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("button", name="Your account")).to_be_visible()

    for outcome in ("Your account", "Sign in"):  # the same recovery code works once
        third = new_page()
        sign_in(third, at("account_login"), person)
        third.get_by_label("Code").fill(codes[0])
        third.get_by_role("button", name="Sign in", exact=True).click()
        expect(third.get_by_role("button", name=outcome, exact=outcome == "Sign in")).to_be_visible()
    assert found == []


def test_a_passkey_signs_in_without_a_password_and_stands_in_for_a_code(new_page, at, person):
    page = new_page()
    sign_in(page, at("account_login"), person)
    page.goto(at("mfa_add_webauthn"))
    confirm(page)
    give_device(page)
    found = objections(page)
    page.get_by_label("Name").fill("My <phone>")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(at("mfa_index"))
    expect(page.get_by_text("My <phone>", exact=True).first).to_be_visible()
    found += objections(page)
    for name in ("Rename", "Remove"):
        page.get_by_role("link", name=f"{name} My").click()
        found += objections(page)
        page.go_back()

    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Your account")).to_be_visible()

    page.context.clear_cookies()
    sign_in(page, at("account_login"), person)
    page.get_by_role("button", name="Use a passkey instead").click()
    expect(page.get_by_role("button", name="Your account")).to_be_visible()
    page.goto(at("account_delete"))
    page.get_by_role("link", name="Use a passkey").click()
    found += objections(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Delete your account")).to_be_visible()
    assert found == []


def test_a_browser_that_knows_no_passkeys_says_so(new_page, at, person):
    page = new_page()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(at("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This browser knows no passkeys")).to_be_visible()


@pytest.mark.parametrize(("theme", "system"), [("dark", "light"), ("light", "dark")])
def test_a_chosen_theme_holds_whatever_the_system_says(new_page, live_server, owner, matrix, theme, system):
    pages = [reverse("matrix", args=[matrix.workspace_id, matrix.pk]), reverse("account"), "/nothing-here/"]
    page = new_page(owner, color_scheme=system)
    page.goto(live_server.url + reverse("account"))
    page.get_by_role("radio", name=theme.title()).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your account is saved.")).to_be_visible()
    as_system = new_page(owner, color_scheme=theme)
    for path in pages:
        page.goto(live_server.url + path)
        User.objects.update(theme="")
        as_system.goto(live_server.url + path)
        User.objects.update(theme=theme)
        assert _paper(page) == _paper(as_system), path
    page.emulate_media(media="print", color_scheme=system)
    page.goto(live_server.url + pages[0])
    assert _paper(page) == "rgb(255, 255, 255)"


def test_the_zone_of_the_browser_is_offered_and_times_follow_it(new_page, live_server, owner, matrix):
    page = new_page(owner, timezone_id="Asia/Tokyo")
    page.goto(live_server.url + reverse("account"))
    page.get_by_role("button", name="Use that").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_role("button", name="Use that")).to_be_hidden()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your account is saved.")).to_be_visible()
    page.goto(live_server.url + reverse("history", args=[matrix.workspace_id, matrix.pk]))
    shown = page.locator(".timeline-meta time").first
    assert shown.get_attribute("datetime").endswith("+09:00")
    at = Change.objects.get(matrix=matrix).at
    assert shown.text_content() == f"{(at.hour + 9) % 24:02}:{at.minute:02}"


def _paper(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
