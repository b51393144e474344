"""Text of users stays text (T17, T18): hostile names in every field, then every page and fragment as a browser parses it.

The pages are parsed with html5lib, so that what counts is what a browser would make of them, with or without a policy.
"""

import logging
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from raci.notices.sending import send_due
from tests import walk
from tests.walk import HTMX, Route, World, send, taken_back

MARK = "zpwnz"  # in no token by chance
PAYLOADS = [
    "<x-zpwnz>",
    "'\"><x-zpwnz a='",
    '" zpwnz="1" x="',
    "' zpwnz='1' x='",
    '" onfocus="zpwnz()" autofocus="',
    "</script><script>zpwnz()</script>",
    "</title></textarea></option></select><x-zpwnz>",
    "--><x-zpwnz><!--",
    'zpwnz","role":"owner',
    "javascript:zpwnz()",
    "js:zpwnz()",
    "{{ zpwnz }}{% zpwnz %}${zpwnz}",
    "&lt;x-zpwnz&gt;&#60;x-zpwnz&#62;",
    "\u202e<x-zpwnz>\u2066'\"",
    "]]><x-zpwnz onload=zpwnz()>",
]
SHORT = ["<b zpwnz>", "\" zpwnz='", "'><x-zpwnz>"]  # twelve characters fit
GROUPS = [" ".join(PAYLOADS[i::5]) for i in range(5)]  # three in one text: each still begins where a text may break
URLS = ("href", "src", "action", "formaction", "xlink:href", "hx-get", "hx-post", "data-href")


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django")


def hostile(turn: int) -> walk.Text:
    """A text for each field, other payloads in each; over all the turns every field has had every payload."""
    fields: dict[str, int] = {}

    def text(what: str) -> str:
        place = fields.setdefault(what, len(fields))
        if re.fullmatch(r"s\d", what):
            return SHORT[(turn + place) % len(SHORT)]
        return GROUPS[(turn + place) % len(GROUPS)]

    return text


@pytest.mark.parametrize("turn", range(len(GROUPS)))
def test_no_element_and_no_attribute_comes_from_a_payload(seeded, turn):
    world = walk.make_world(hostile(turn), "acme.example")
    client = world.client("owner")
    wrong, shown, parsed = [], 0, set()
    for label, answer in visits(world, client):
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            body = walk.masked(answer).decode()
            if body not in parsed:  # many answer htmx with the same page
                parsed.add(body)
                shown += body.count(MARK)
                wrong += [f"{label}: {fault}" for fault in faults(body)]
        wrong += [
            f"{label}: {name}: {value}"
            for name, value in answer.headers.items()
            if MARK in value and not _is_file(name)
        ]
        wrong += [f"{label}: {name} is cut" for name, value in answer.headers.items() if "\n" in value or "\r" in value]
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])
    assert shown > 100  # the payloads were there to be seen


def test_refused_texts_come_back_as_text(seeded):
    """The forms again with what was typed, the sentences that quote it, and the toasts of what was done."""
    world = walk.make_world(
        lambda what: f"Our {what}"[:12] if re.fullmatch(r"s\d", what) else f"Our {what}", "acme.example"
    )
    client, wrong = world.client("owner"), []
    for route in walk.routes():
        for field, limit in {**route.lines, **route.prose}.items():
            for group in GROUPS:
                for value, headers in ((group[:limit], {}), (f"{group}\x00", HTMX)):
                    data = {**route.body(world.ids), field: value}
                    with taken_back(client):
                        answer = send(
                            client, route, "POST", route.url(world.ids), world.ids, data=data, headers=headers
                        )
                        bodies = [answer.content.decode()]
                        if answer.status_code == 302:  # the page with the toast
                            bodies.append(next_page(world, client).content.decode())
                    label = f"{route.label}, {field}={value[:30]!r}"
                    wrong += [f"{label}: {fault}" for body in bodies for fault in faults(body)]
                    wrong += [f"{label}: {n}: {v}" for n, v in answer.headers.items() if MARK in v]
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("payload", [*GROUPS, "javascript:zpwnz()", '"><x-zpwnz>'])
def test_what_stands_in_an_address_stays_text(seeded, payload):
    world = walk.our_world()
    client, wrong = world.client("owner"), []
    for label, name in (("matrix", "find"), ("matrix", "stage"), ("matrix", "level"), ("matrix_new", "copy"), ("matrix_new", "start"), ("arrange", "rename"), ("activity", "edit"), ("activity_panel", "edit"), ("activity_add", "after"), ("history", "before"), ("compare", "with"), ("compare", "keep"), ("compare", "at"), ("difference_keep", "with"), ("difference_keep", "difference"), ("what_if", "to"), ("what_if_counted", "move"), ("reference_what_if", "from"), ("reference_what_if", "to"), ("checks", "from"), ("house_save", "from"), ("assessment_result_closed", "beside"), ("reviews", "open"), ("poll_closed", "show"), ("decision_choose", "kind"), ("decision_choose", "activity"), ("session_now", "after"), ("capability", "rate"), ("capability", "help"), ("lead_elsewhere", "activity"), ("review_new", "poll"), ("account_login", "next"), ("account_signup", "next")):  # fmt: skip
        route = _route(label)
        for headers in ({}, HTMX):
            asked = Client() if route.access == "anyone" else client
            answer = send(asked, route, "GET", route.url(world.ids), world.ids, query={name: payload}, headers=headers)
            wrong += [f"{label}?{name}: {fault}" for fault in faults(answer.content.decode())]
            wrong += [f"{label}?{name}: {n}" for n, v in answer.headers.items() if MARK in v]
    assert not wrong, "\n".join(wrong)


def test_a_hostile_name_in_a_mail_is_text_on_a_line_of_its_own(seeded):
    world = walk.make_world(hostile(0), "acme.example")
    Client().post(reverse("account_reset_password"), {"email": world.people["owner"].email})
    send_due()
    assert "Choose a new password for Remit" in [sent.subject for sent in mail.outbox]
    for sent in mail.outbox:
        assert "\n" not in sent.subject
        kinds = [part.get_content_type() for part in sent.message().walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]
        assert not faults(sent.alternatives[0].content)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_eye_sees_what_is_planted(payload):
    """Printed without escaping, each payload that is markup at all is found in one of these places."""
    places = [
        f"<p>{payload}</p>",
        f'<p title="{payload}">x</p>',
        f"<p title='{payload}'>x</p>",
        f'<a href="{payload}">x</a>',
    ]
    is_markup = not payload.startswith(("{{", "&lt;", "js:", MARK))
    assert any(faults(place) for place in places) is is_markup
    assert faults(f'<p hx-vals=\'{{"n":"{payload}"}}\'>x</p>')


def visits(world: World, client: Client) -> Iterator[tuple[str, HttpResponse]]:
    """Every GET, as a page and as a fragment; every POST, whose answers hold toasts, dialogs and rows."""
    for route in walk.routes():
        for method in route.methods:
            if method == "HEAD" or (method == "POST" and "workspace" not in route.kwargs):
                continue
            for headers in ({}, HTMX):
                with taken_back(client):
                    answer = send(client, route, method, route.url(world.ids), world.ids, headers=headers)
                    yield f"{method} {route.label}", answer
                    if method == "POST" and answer.status_code == 302:
                        yield f"after {route.label}", next_page(world, client)
    for kind in ("raci",):
        client.cookies["notation"] = kind
        yield "matrix in RACI", client.get(_route("matrix").url(world.ids))
    for part in ("name", "description", "notes", "stage", "deliverer", "person"):
        yield f"activity, {part} open", client.get(_route("activity").url(world.ids), {"edit": part})
    yield "role, open", client.get(_route("role").url(world.ids), {"edit": ""})
    yield "checks with notes", client.get(_route("checks").url(world.ids), {"notes": "1"})
    yield "arrange, a name open", client.get(_route("arrange").url(world.ids), {"rename": f"a{world.ids['activity']}"})
    choosing = _route("decision_choose").url(world.ids)
    for kind in ("keep", "lead", "levels", "ask", "open", "note"):
        for row in ("activity", "activity2", "lone"):  # not decided, to be found out, kept
            asked = {"kind": kind, "activity": world.ids[row]}
            yield f"decide, {kind} on {row}", client.get(choosing, asked, headers=HTMX)
    yield from _answering(world)


def _answering(world: World) -> Iterator[tuple[str, HttpResponse]]:
    """What somebody sees who came by the link of a poll."""
    guest, ids = Client(raise_request_exception=False), world.ids
    guest.get(reverse("poll_link", args=[ids["poll_token"]]))
    welcome, one = _route("guest_poll"), _route("guest_poll_activity")
    yield "a poll, where one works", guest.get(welcome.url(ids))
    send(guest, welcome, "POST", welcome.url(ids), ids)
    yield "a poll, one activity", guest.get(one.url(ids))
    send(guest, one, "POST", one.url(ids), ids, data={"choice": f"role:{ids['role']}", "told": "named"})
    yield "a poll, how it goes", guest.get(one.url(ids), {"how": "1"})
    standing = guest.get(welcome.url(ids))
    assert standing.status_code == 200
    yield "a poll, as it stands", standing


def next_page(world: World, client: Client) -> HttpResponse:
    """A small page: whichever comes next shows what was said about a change."""
    return client.get(_route("stage_add").url(world.ids))


def faults(body: str) -> list[str]:
    """Elements, attributes and addresses in a page that only a payload can have made."""
    if MARK not in body:
        return []
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    tree = parser.parse(body)
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):  # a comment
            found += [f"a comment: {element.text}"] if MARK in (element.text or "") else []
            continue
        found += [f"an element <{element.tag}>"] if MARK in element.tag else []
        found += (
            [f"text of <{element.tag}>: {element.text}"] if _is_raw(element) and MARK in (element.text or "") else []
        )
        for name, value in element.attrib.items():
            if MARK in str(name) or str(name).startswith("on") or str(name) == "style":
                found.append(f"an attribute {name} on <{element.tag}>")
            if str(name) in URLS and re.match(r"[\s\x00-\x20]*(javascript|data|vbscript):", value, re.IGNORECASE):
                found.append(f"an address {value}")
            if str(name).startswith(("hx-vals", "hx-headers", "hx-vars")) and MARK in value:
                found.append(f"{name} holds a text of a user")
    return found


def _is_raw(element: Element) -> bool:
    return element.tag in ("script", "style")


def _is_file(header: str) -> bool:
    """The name of a download may hold the matrix's, quoted by RFC 6266."""
    return header == "Content-Disposition"


def _route(label: str) -> Route:
    return next(route for route in walk.routes() if route.label == label)
