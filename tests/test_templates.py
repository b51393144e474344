"""What may not stand in a template, and the Content-Security-Policy that would stop it in the browser (T16, T18, M7)."""

import logging
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from raci.screens.views import grid
from tests import walk
from tests.walk import HTMX, World, send, taken_back

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "raci").rglob("*.html")])
MAIL = ROOT / "templates" / "notices" / "mail"  # a mail has no style sheet to link to; all other rules hold there
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
CODE = sorted([*(ROOT / "raci").rglob("*.py"), *(ROOT / "culture").rglob("*.py")])
MAY_MARK_SAFE = {ROOT / "raci" / "matrices" / "rows.py"}

_COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
BANNED = {
    "an inline style": r"\sstyle\s*=",
    "an inline handler": r"\son[a-z]+\s*=",
    "an htmx handler": r"\shx-on\b",
    "hx-vars": r"\shx-vars\b",
    "evaluated values": r"[\"'\s]js(?:on)?:\s*\{|[\"']\s*js:|javascript:",
    "a trigger filter, which is ignored and so always sends": r"hx-trigger(?::\w+)?\s*=\s*(\"[^\"]*\[|'[^']*\[)",
    "a script or a style of its own": r"<style\b|<script\b(?![^>]*\ssrc=)",
    "unescaped text": r"\|\s*(safe|safeseq)\b|\{%\s*autoescape\s+off",
    "values in hx-vals, where quotes are undone before JSON is read": r"\shx-vals(?::\w+)?\s*=\s*(\"[^\"]*\{\{|'[^']*\{\{)",
    "values in hx-headers but for the token": (
        r"\shx-headers(?::\w+)?\s*=\s*(\"|')(?!\{\"X-CSRFToken\":\"\{\{ csrf_token \}\}\"\}\1)[^>]*\{\{"
    ),
    "another origin": r"(?:src|href|action)\s*=\s*[\"']\s*(?:https?:)?//(?!www\.w3\.org)",
}
PLANTED = {
    "an inline style": '<p style="color:red">',
    "an inline handler": '<p onclick="x()">',
    "an htmx handler": '<p hx-on:click="x()">',
    "hx-vars": '<p hx-vars="a:1">',
    "evaluated values": "<p hx-vals='js:{a: 1}'>",
    "a trigger filter, which is ignored and so always sends": '<p hx-trigger="keyup[ctrlKey]">',
    "a script or a style of its own": "<script>x()</script>",
    "unescaped text": "{{ name|safe }}",
    "values in hx-vals, where quotes are undone before JSON is read": '<p hx-vals=\'{"n":"{{ name }}"}\'>',
    "values in hx-headers but for the token": '<p hx-headers=\'{"n":"{{ name }}"}\'>',
    "another origin": '<img src="//evil.example/x.png">',
}


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


def found(text: str) -> list[str]:
    """What is banned and stands there, but for comments; attributes are not those of template tags."""
    plain = _COMMENT.sub("", text)
    printed = _TAG.sub("", plain)
    return [
        what for what, pattern in BANNED.items() if re.search(pattern, plain if "autoescape" in pattern else printed)
    ]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_a_strict_policy_forbids(template):
    text = template.read_text()
    assert found(_STYLE.sub("", text) if template.parent == MAIL else text) == []


@pytest.mark.parametrize(("what", "text"), PLANTED.items())
def test_what_is_banned_is_found(what, text):
    assert what in found(text)


def test_the_token_may_stand_in_the_headers():
    assert found('<body hx-headers:inherited=\'{"X-CSRFToken":"{{ csrf_token }}"}\'>') == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_attribute_with_a_value_of_ours_is_quoted(template):
    """Unquoted, a space in a name would begin another attribute."""
    plain = _COMMENT.sub("", template.read_text())
    assert re.findall(r"\s[\w:-]+=\{\{[^}]*\}\}", plain) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_evaluates_nothing(script):
    banned = (
        r"\beval\(|new Function\(|document\.write|insertAdjacentHTML|outerHTML\s*=[^=]|setAttribute\([\"'](?:on|style)"
    )
    assert re.findall(banned, script.read_text()) == []


def test_only_the_rows_are_marked_safe():
    marking = {
        path for path in CODE if re.search(r"\bmark_safe\b|SafeString\(|__html__|format_html_join", path.read_text())
    }
    assert marking <= MAY_MARK_SAFE


# ---- The policy ----------------------------------------------------------------------------------------------------


def strict(answer, what: str, *, is_embedded: bool = False) -> list[str]:
    """What is missing in the policy of an answer; an embedded page names those who may show it."""
    policy = answer.headers.get("Content-Security-Policy", "")
    if is_embedded:
        policy = re.sub(r"frame-ancestors( https://[a-z0-9.:-]+)+", "frame-ancestors 'none'", policy)
    wrong = [] if policy else [f"{what}: {answer.status_code} without a policy"]
    wrong += [
        f"{what}: {word}"
        for word in ("unsafe-", "http:", "https:", "*", "data: ;")
        if word in policy.replace("img-src 'self' data:", "")
    ]
    needed = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    wrong += [
        f"{what}: lacks {part}" for part in (*needed, "form-action 'self'", "object-src 'none'") if part not in policy
    ]
    if (
        answer.headers.get("X-Content-Type-Options") != "nosniff"
        or answer.headers.get("X-Frame-Options", "DENY") != "DENY"
    ):
        wrong.append(f"{what}: may be sniffed or framed")
    return wrong


def test_every_answer_of_every_route_has_the_strict_policy(ours):
    wrong = []
    for who in ("", "owner"):
        client = ours.client(who)
        for route in walk.routes():
            for method in route.methods:
                with taken_back(client):
                    answer = send(
                        client, route, method, route.url(ours.ids), ours.ids, headers=HTMX if who == "owner" else {}
                    )
                said = f"{method} {route.label}, {who or 'anonymous'}"
                wrong += strict(answer, said, is_embedded=route.label == "embed")
    assert not wrong, "\n".join(wrong)


def test_every_refusal_has_it_too(ours, monkeypatch):
    client = ours.client("owner")
    page = f"/w/{ours.ids['workspace']}/"
    checked = Client(enforce_csrf_checks=True)
    answers = {
        "no such page": (404, client.get("/nowhere/")),
        "no such file": (404, client.get("/static/nothing.css")),
        "a forged host": (400, client.get(page, headers={"Host": "evil.example"})),
        "no token": (403, checked.post("/account/sign-in/")),
        "too many fields": (400, client.post(f"{page}notation/", {f"f{i}": "" for i in range(1_001)})),
        "a large body": (413, client.post(f"{page}notation/", CONTENT_LENGTH="9000000")),
        "a length that is none": (400, client.post(f"{page}notation/", CONTENT_LENGTH="x")),
        "a strange verb": (405, client.generic("TRACE", page)),
        "a viewer's edit": (403, ours.client("viewer").post(f"{page}matrices/{ours.ids['matrix']}/undo/")),
        "a file": (200, client.get("/static/css/tokens.css")),
        "another file": (200, client.get("/static/vendor/htmx-sse-4.0.1.min.js")),
    }
    for name, error in {"a fault of ours": RuntimeError, "a suspicion": SuspiciousOperation}.items():
        with monkeypatch.context() as planted:
            planted.setattr(grid, "matrix_of", lambda *_, error=error: _raise(error))
            answers[name] = (500 if error is RuntimeError else 400, client.get(f"{page}matrices/{ours.ids['matrix']}/"))
    wrong = [
        f"{what}: {answer.status_code}" for what, (status, answer) in answers.items() if answer.status_code != status
    ]
    wrong += [fault for what, (_, answer) in answers.items() for fault in strict(answer, what)]
    assert not wrong, "\n".join(wrong)


def test_a_fault_shows_nothing_of_the_inside(ours, monkeypatch):
    monkeypatch.setattr(grid, "matrix_of", lambda *_: _raise(RuntimeError))
    answer = ours.client("owner").get(f"/w/{ours.ids['workspace']}/matrices/{ours.ids['matrix']}/")
    said = answer.content.decode()
    assert answer.status_code == 500
    for word in ("Traceback", "RuntimeError", "raci", "Django", "Python", "sqlite", "postgres"):
        assert word not in said


def _raise(error: type[Exception]) -> None:
    raise error("the inside of the machine")
