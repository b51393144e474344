"""Bad input (RELIABILITY.md, (e) 1 to 21, 27 to 29, 38, 40): a clear sentence, the right status, nothing changed.

The forms and what fits in their fields come from access.toml, so a new form is tried as soon as it has its entry.
"""

import html
import io
import logging
from collections.abc import Iterator

import pytest
from django.core import mail
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from openpyxl import load_workbook

from raci.matrices.models import Activity, Assignment, Change, Matrix, Role
from raci.notices.sending import send_due
from raci.web.fields import LineField, ProseField
from raci.workspaces.models import Member, Workspace
from tests import walk
from tests.walk import HTMX, Route, World, digest, send, taken_back

EMPTY = "at least one visible character"
OWN_WORDS = {  # for an empty text
    "account": "Write your name.",
    "account_signup": "Write your name.",
    "upkeep_changed": "Say what changed, in a line.",
}
CONTROL = "control character"
TOO_LONG = "Shorten it."
FORMS = [route for route in walk.routes() if route.lines or route.prose]
PLAIN_AND_HTMX = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


@pytest.fixture
def editor(ours) -> Client:
    return ours.client("editor")


def post(
    world: World, client: Client, label: str, headers: dict[str, str] | None = None, **values: str
) -> HttpResponse:
    """The form of access.toml with some fields changed; None takes one out."""
    route = _route(label)
    data = {k: v for k, v in {**route.body(world.ids), **values}.items() if v is not None}
    return send(client, route, "POST", route.url(world.ids), world.ids, data=data, headers=headers or {})


def refused(answer: HttpResponse, status: int, sentence: str = "", kind: str = "") -> None:
    """A status, a sentence where the person looks, and the class a script looks at."""
    said = html.unescape(answer.content.decode())
    assert answer.status_code == status, said[:400]
    assert sentence in said
    assert not kind or f'data-error="{kind}"' in said


def tried(world: World, values: dict[str, str], sentence: str, *, lines: bool, prose: bool) -> list[str]:
    """Every text field of every form with each of these values, the first through htmx too: what was not refused so."""
    wrong = []
    for route in FORMS:
        client = world.client("" if route.access == "anyone" else "owner")
        fields = [*(route.lines if lines else ()), *(route.prose if prose else ())]
        for field in fields:
            first = next(iter(values))
            for name, value in values.items():
                if name in ("empty", "spaces") and field in route.blank:
                    continue
                for headers in ({}, HTMX) if name == first else ({},):
                    wrong += _not_refused(world, client, route, field, name, value, sentence, headers)
    return wrong


def _not_refused(
    world: World,
    client: Client,
    route: Route,
    field: str,
    name: str,
    value: str,
    sentence: str,
    headers: dict[str, str],
) -> Iterator[str]:
    label = f"{route.label}, {field} {name}{', htmx' if headers else ''}"
    data = {**route.body(world.ids), field: value}
    with taken_back(client):
        before = digest()
        answer = send(client, route, "POST", route.url(world.ids), world.ids, data=data, headers=headers)
        after = digest()
    said = html.unescape(answer.content.decode())
    if name in ("empty", "spaces"):
        sentence = OWN_WORDS.get(route.name, sentence)
    status = 200 if route.name.startswith("account_") else 422  # allauth answers its own forms
    if answer.status_code != status:
        yield f"{label}: {answer.status_code}"
    if sentence not in said:
        yield f"{label}: does not say “{sentence}”"
    if after != before:
        yield f"{label}: changed something"
    if headers and status == 422 and 'data-error="validation"' not in said:
        yield f"{label}: no data-error"


def none(wrong: list[str]) -> None:
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


# ---- 1 to 9: text --------------------------------------------------------------------------------------------------


def test_1_a_name_without_anything_visible_is_refused(ours):
    values = {"zero-width": "\u200b\u2060", "empty": "", "spaces": "   "}
    none(tried(ours, values, EMPTY, lines=True, prose=False))


def test_2_a_text_of_one_character_too_many_is_refused(ours):
    wrong = []
    for route in FORMS:
        client = ours.client("" if route.access == "anyone" else "owner")
        for field, limit in {**route.lines, **route.prose}.items():
            long = ("x" * 99 + "\n") * (limit // 100 + 1) if field in route.prose else "x" * 999
            long = long[: limit + 1]
            wrong += _not_refused(ours, client, route, field, "too long", long, TOO_LONG, {})
            with taken_back(client):
                data = {**route.body(ours.ids), field: long[:-1]}
                fits = send(client, route, "POST", route.url(ours.ids), ours.ids, data=data)
            if fits.status_code not in (200, 302):
                wrong.append(f"{route.label}, {field}: {limit} characters answer {fits.status_code}")
    none(wrong)


def test_2_what_was_typed_is_not_lost(ours, editor):
    long = "Typed " * 40
    for label in ("activity_add", "activity_edit", "role_add", "role_edit", "stage_add", "role_split", "matrix_new"):
        answer = post(ours, editor, label, name=long)
        assert long in html.unescape(answer.content.decode()), label


def test_3_and_4_control_characters_are_refused_in_every_line(ours):
    values = {
        "NUL": "A\x00B",
        "line feed": "A\nB",
        "carriage return": "A\rB",
        "escape": "A\x1b[31mB",
        "line separator": "A\u2028B",
    }
    none(tried(ours, values, CONTROL, lines=True, prose=False))


def test_3_and_4_control_characters_are_refused_in_longer_texts(ours):
    none(tried(ours, {"NUL": "A\x00B", "escape": "A\x1b[31mB", "bell": "A\x07B"}, CONTROL, lines=False, prose=True))


def test_5_half_a_character_never_arrives_and_would_be_refused(ours, editor):
    for field in (LineField(), ProseField()):
        with pytest.raises(Exception, match=CONTROL):
            field.clean("A\ud800B")
    for label, kind in (("stage_add", "application/x-www-form-urlencoded"), ("stage_add", "multipart/form-data")):
        body = (
            b"name=A%ED%A0%80B"
            if "url" in kind
            else b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nA\xed\xa0\x80B\r\n--x--'
        )
        url = _route(label).url(ours.ids)
        answer = editor.generic("POST", url, body, f"{kind}; boundary=x" if "multi" in kind else kind)
        assert answer.status_code in (302, 422)
    assert not [name for name in _names() if any("\ud800" <= c <= "\udfff" for c in name)]


def test_6_a_name_that_turns_the_writing_round_stands_apart(ours, editor):
    name = "Price \u202egnicirp"
    assert post(ours, editor, "activity_edit", name=name).status_code == 302
    assert Activity.objects.get(pk=ours.ids["activity"]).name == name
    page = editor.get(_route("matrix").url(ours.ids)).content.decode()
    assert f"<bdi>{name}</bdi>" in page


@pytest.mark.parametrize(
    "name", ['<img src=x onerror="x">', 'a","role":"owner', "{{ 7*7 }}", "../../etc/passwd", "'; DROP TABLE x; --"]
)
def test_7_and_8_a_name_is_stored_as_it_was_typed(ours, editor, name):
    assert post(ours, editor, "activity_edit", name=name).status_code == 302
    assert Activity.objects.get(pk=ours.ids["activity"]).name == name
    page = editor.get(_route("matrix").url(ours.ids)).content.decode()
    assert html.escape(name) in page
    if "<" in name:
        assert name not in page


def test_9_a_name_never_becomes_a_formula(ours, editor):
    name = '=HYPERLINK("http://x","y")'
    post(ours, editor, "activity_edit", name=name)
    comma = editor.post(reverse("export", args=[ours.ids["workspace"], ours.ids["matrix"], "csv"])).content.decode(
        "utf-8-sig"
    )
    assert "'=HYPERLINK" in comma
    book = editor.post(reverse("export", args=[ours.ids["workspace"], ours.ids["matrix"], "xlsx"])).content
    cells = [cell for row in load_workbook(io.BytesIO(book)).worksheets[0].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == name] == ["s"]


# ---- 10 to 18: levels, ids, revisions, keys ------------------------------------------------------------------------


@PLAIN_AND_HTMX
def test_10_a_second_lead_moves_the_first(ours, editor, headers):
    answer = post(ours, editor, "level_set", headers, level="L")
    assert answer.status_code in (200, 302)
    row = Assignment.objects.filter(activity=ours.ids["activity"])
    assert [cell.role_id for cell in row if cell.level == "L"] == [ours.ids["role"]]


@PLAIN_AND_HTMX
@pytest.mark.parametrize("letter", ["X", "l", "LS", " ", "\x00", "R"])
def test_11_an_unknown_level_is_refused(ours, editor, headers, letter):
    before = digest()
    refused(post(ours, editor, "level_set", headers, level=letter), 422, "There is no such level.", "validation")
    assert digest() == before


@PLAIN_AND_HTMX
def test_12_and_13_a_role_of_another_matrix_or_workspace_is_refused_alike(ours, theirs, editor, headers):
    second = Matrix.objects.get(pk=ours.ids["matrix"])
    role = walk.operations.create_matrix(
        sender=walk.Sender(Member.objects.get(user=ours.people["editor"])), name="Second", grid=walk.read_grid(second)
    ).roles.first()
    before = digest()
    for foreign in (role.pk, theirs.ids["role"], walk.NOWHERE):
        answer = post(ours, editor, "level_set", headers, role=str(foreign))
        refused(answer, 422, "That role is not in this matrix.", "validation")
    assert digest() == before


@pytest.mark.parametrize(
    "wrong", ["0", "-1", "99999999999999999999", "9223372036854775808", "abc", "%00", "１", "1.0", "%20"]
)
def test_14_and_15_an_impossible_id_is_not_found(ours, editor, wrong):
    w, m = ours.ids["workspace"], ours.ids["matrix"]
    paths = [f"/w/{wrong}/", f"/w/{w}/matrices/{wrong}/", f"/w/{w}/matrices/{m}/activities/{wrong}/"]
    paths += [f"/w/{w}/matrices/{m}/roles/{wrong}/", f"/w/{w}/matrices/{m}/history/{wrong}/"]
    before = digest()
    for path in paths:
        assert editor.get(path).status_code == 404, path
        assert editor.post(path).status_code == 404, path
    assert digest() == before


@PLAIN_AND_HTMX
def test_16_a_stale_page_learns_of_both_values(ours, headers):
    seen = str(ours.ids["revision"])
    post(ours, ours.client("owner"), "level_set", level="I", seen=seen)
    before = digest()
    answer = post(ours, ours.client("editor"), "level_set", headers, level="C", seen=seen)
    refused(answer, 409, "a moment before you chose Contribute", "conflict")
    assert "is Informed now" in html.unescape(answer.content.decode())
    assert digest() == before


@pytest.mark.parametrize("label", ["activity_edit", "role_edit"])
def test_16_a_stale_form_learns_of_both_values_and_keeps_its_own(ours, label):
    seen = str(ours.ids["revision"])
    post(ours, ours.client("owner"), label, name="Theirs", seen=seen)
    before = digest()
    answer = post(ours, ours.client("editor"), label, name="Mine, at length", seen=seen)
    refused(answer, 409, "It is now “Theirs”")
    assert 'value="Mine, at length"' in answer.content.decode()
    assert digest() == before


@pytest.mark.parametrize("seen", [None, "", "-1", "1e9", "1000000000", str(2**63), "９", "abc", "\x00", "1 "])
def test_17_an_impossible_revision_is_refused(ours, editor, seen):
    before = digest()
    for label in ("level_set", "activity_levels", "activity_edit", "role_edit"):
        for headers in ({}, HTMX):
            answer = post(ours, editor, label, headers, seen=seen)
            assert answer.status_code == 400, f"{label}: {answer.status_code}"
            assert 'data-error="malformed"' in answer.content.decode(), label
    assert digest() == before


@PLAIN_AND_HTMX
def test_18_the_same_submission_with_other_values_is_refused(ours, editor, headers):
    key = "0123456789abcdef"
    assert post(ours, editor, "level_set", headers, level="C", key=key).status_code in (200, 302)
    before = digest()
    assert post(ours, editor, "level_set", headers, level="C", key=key).status_code in (200, 302)
    refused(
        post(ours, editor, "level_set", headers, level="I", key=key),
        422,
        "already sent with other values",
        "validation",
    )
    refused(post(ours, editor, "stage_add", headers, key=key), 422, "already sent with other values", "validation")
    assert digest() == before


@pytest.mark.parametrize("key", ["short", "x" * 65, "ключ-ключ-ключ", "with space in it", "nul\x00nul\x00nul"])
def test_18_a_key_no_page_of_ours_makes_is_refused(ours, editor, key):
    before = digest()
    refused(post(ours, editor, "level_set", key=key), 400, "Reload the page", "malformed")
    assert digest() == before


# ---- 19 to 21: who sends it (every route: test_access.py) ----------------------------------------------------------


def test_19_a_page_from_before_the_sign_in_is_told_to_reload(ours):
    client = ours.client("editor", enforce_csrf_checks=True)
    before = digest()
    refused(post(ours, client, "level_set", HTMX), 403, "Reload", "forbidden")
    refused(post(ours, client, "level_set"), 403, "reload the page")
    origin = {"Origin": "https://evil.example", **HTMX}
    refused(post(ours, client, "level_set", origin), 403, "Reload", "forbidden")
    assert digest() == before


@PLAIN_AND_HTMX
def test_20_a_viewer_hears_why_not(ours, headers):
    before = digest()
    for who in ("viewer", "reviewer"):
        refused(post(ours, ours.client(who), "level_set", headers), 403, f"You are a {who} here", "forbidden")
    assert digest() == before


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "\x00//evil.example",
        " //evil.example",
    ],
)
def test_26_nobody_is_led_away(ours, editor, to):
    assert post(ours, editor, "notation_set", next=to).headers["Location"] == reverse(
        "matrices", args=[ours.ids["workspace"]]
    )
    login = {"login": ours.people["viewer"].email, "password": walk.PASSWORD, "next": to}
    answer = Client().post(reverse("account_login"), login)
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("home")


# ---- 27 to 29, 38, 40: the request itself --------------------------------------------------------------------------


def test_27_a_form_changes_what_it_is_for_and_nothing_else(ours, theirs):
    extra = {
        "id": theirs.ids["activity"], "pk": theirs.ids["activity"], "workspace": theirs.ids["workspace"],
        "workspace_id": theirs.ids["workspace"], "matrix": theirs.ids["matrix"], "matrix_id": theirs.ids["matrix"],
        "access": "owner", "is_staff": "1", "is_superuser": "1", "origin": "forged", "position": "99", "culture": "sales",
        "is_archived": "1", "by": theirs.people["owner"].pk, "at": "2001-01-01", "created_at": "2001-01-01",
        "form-TOTAL_FORMS": "9", "form-INITIAL_FORMS": "0",
    }  # fmt: skip
    wrong = []
    for route in walk.routes():
        if "POST" in route.methods and route.changes and route.access not in ("anyone", "signed in"):
            client, results = ours.client("owner"), []
            for more in ({}, extra):
                data = {**more, **route.body(ours.ids)}
                with taken_back(client):
                    last = Change.objects.order_by("-pk").first().pk
                    send(client, route, "POST", route.url(ours.ids), ours.ids, data=data)
                    made = Change.objects.filter(pk__gt=last).values_list("kind", "edits", "by", "matrix__workspace")
                    people = list(
                        Member.objects.order_by("pk").values_list("workspace", "user", "access", "user__is_staff")
                    )
                    results.append((_without_new_ids(list(made)), people))
            if results[0] != results[1]:
                wrong.append(route.label)
    none(wrong)


def test_28_unknown_fields_are_ignored_and_too_many_refused(ours, editor):
    assert post(ours, editor, "stage_add", **{f"unknown-{i}": "x" for i in range(900)}).status_code == 302
    before = digest()
    for headers in ({}, HTMX):
        answer = post(ours, editor, "stage_add", headers, **{f"unknown-{i}": "x" for i in range(1_001)})
        refused(answer, 400, "incomplete")
    assert digest() == before


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "multipart/form-data"])
@pytest.mark.parametrize("body", ["[" * 10_000, '{"name": NaN}', "", "name=x"])
def test_29_another_kind_of_body_is_no_form(ours, editor, kind, body):
    before = digest()
    for label in (
        "level_set",
        "activity_add",
        "activity_edit",
        "role_add",
        "matrix_new",
        "matrix_rename",
        "finding_aside",
    ):
        answer = editor.generic("POST", _route(label).url(ours.ids), force_bytes(body), kind)
        assert answer.status_code in (400, 415, 422), f"{label}: {answer.status_code}"
    assert digest() == before


@PLAIN_AND_HTMX
def test_30_a_large_body_is_refused_before_it_is_read(ours, editor, headers):
    before = digest()
    for client in (editor, Client()):
        stream = _Untouched()
        answer = client.post(
            _route("level_set").url(ours.ids), headers=headers, **{"CONTENT_LENGTH": "3000000", "wsgi.input": stream}
        )
        refused(answer, 413, "too large", "too_large" if headers else "")
        assert not stream.was_read
    for length in ("-1", "x", "1e3"):
        answer = editor.post(_route("level_set").url(ours.ids), CONTENT_LENGTH=length)
        assert answer.status_code == 400
    assert digest() == before


def test_38_a_forged_host_is_refused_and_never_mailed(ours):
    before = digest()
    client = Client(raise_request_exception=False)
    for host in ("evil.example", "testserver@evil.example", "evil.example:80", "testserver.evil.example", "x\x00y"):
        assert client.get("/", headers={"Host": host}).status_code == 400
        assert (
            client.post(reverse("account_reset_password"), {"email": "x@y.example"}, HTTP_HOST=host).status_code == 400
        )
    assert digest() == before
    client.post(
        reverse("account_reset_password"),
        {"email": ours.people["owner"].email},
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Server": "evil.example",
            "X-Original-Host": "evil.example",
        },
    )
    send_due()
    (sent,) = [message for message in mail.outbox if "password" in message.subject]
    assert "http://localhost:8000/account/password/reset/" in sent.body
    assert not [message for message in mail.outbox if "evil" in message.body + str(message.message())]


@PLAIN_AND_HTMX
def test_40_a_write_while_the_database_is_locked_is_told_to_wait(ours, editor, headers):
    def locked(execute, sql, params, many, context):
        if sql.startswith(("UPDATE", "INSERT", "DELETE", "BEGIN")) or "FOR NO KEY UPDATE" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    before = digest()
    with connection.execute_wrapper(locked):
        answer = post(ours, editor, "level_set", headers)
    refused(answer, 503, "Nothing was changed", "busy" if headers else "")
    assert answer.headers["Retry-After"] == "2"
    assert digest() == before
    assert post(ours, editor, "level_set", headers).status_code in (200, 302)


@PLAIN_AND_HTMX
def test_40_without_a_database_every_page_says_so(ours, editor, headers):
    def down(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")

    for label in ("matrices", "matrix", "history", "home"):
        with connection.execute_wrapper(down):
            answer = editor.get(_route(label).url(ours.ids), headers=headers)
        refused(answer, 503, "Nothing was changed", "busy" if headers else "")
        assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    "query",
    [
        "stage=abc",
        "role=-1",
        "level=X",
        "find=%00",
        "stage=99999999999999999999",
        "findings=%ED%A0%80",
        "find=" + "x" * 5000,
        "role=1&role=2",
    ],
)
def test_a_filter_that_makes_no_sense_shows_a_page_all_the_same(ours, editor, query):
    for headers in ({}, HTMX):
        answer = editor.get(f"{_route('matrix').url(ours.ids)}?{query}", headers=headers)
        assert answer.status_code in (200, 400), answer.status_code


@pytest.mark.parametrize("value", ["abc", "-1", "99999999999999999999", "\x00", "１", "1;2", "' OR 1=1 --"])
def test_an_impossible_parameter_is_refused_not_an_accident(ours, editor, value):
    for label, name in (("rows", "activities"), ("history", "activity"), ("history", "before"), ("matrix_new", "copy"), ("role_merge", "into"), ("activity_add", "after"), ("activity_add", "stage"), ("arrange", "rename"), ("activity", "edit")):  # fmt: skip
        route = _route(label)
        answer = send(editor, route, "GET", route.url(ours.ids), ours.ids, query={name: value})
        assert answer.status_code in (200, 400, 404, 422), f"{label}?{name}={value}: {answer.status_code}"


@pytest.mark.parametrize(
    "value", ["abc", "-1", "99999999999999999999", "\x00", "１", "1,2", "' OR 1=1 --", ":", "1:2:3", "x" * 3000]
)
def test_an_impossible_id_in_a_field_is_refused(ours, editor, value):
    wrong = []
    for route in walk.routes():
        if "POST" not in route.methods:
            continue
        for template in (*route.ids, *route.loose):
            field = template.format_map(ours.ids)
            if (route.label, value) in {("activity_move", ":"), ("block_set", "1,2")}:
                continue  # the end of those without a stage; ids that are plausible
            with taken_back(editor):
                before = digest()
                data = {**route.body(ours.ids), field: value}
                answer = send(editor, route, "POST", route.url(ours.ids), ours.ids, data=data)
                if answer.status_code not in (400, 404, 409, 422) or digest() != before:
                    wrong.append(f"{route.label}, {field}: {answer.status_code}")
    none(wrong)


# ---- Parts ---------------------------------------------------------------------------------------------------------


class _Untouched(io.BytesIO):
    """A body that remembers whether anybody read it."""

    was_read = False

    def read(self, *args):
        self.was_read = True
        return super().read(*args)


def _route(label: str) -> Route:
    return next(route for route in walk.routes() if route.label == label)


def _names() -> list[str]:
    models = (Workspace, Matrix, Role, Activity, walk.apps.get_model("matrices", "Stage"))
    return [name for model in models for name in model.objects.values_list("name", flat=True)]


def _without_new_ids(changes: list[tuple]) -> list[tuple]:
    """What was logged, without the ids of rows that were made: a second try of the same gets the next ones."""
    told = []
    for kind, edits, *rest in changes:
        made = {str(e["id"]) for e in edits if e["table"] == "role" and e["before"] is None}
        told.append(
            (
                kind,
                [
                    (
                        e["table"],
                        e["before"] and e["id"],
                        e["name"],
                        _nameless(e["before"], made),
                        _nameless(_bare(e), made),
                    )
                    for e in edits
                ],
                *rest,
            )
        )
    return told


def _nameless(row: dict | None, made: set[str]) -> dict | None:
    """The values of a row, with the cells of a new role under no id."""
    if not row or "cells" not in row:
        return row
    return {**row, "cells": {("new" if role in made else role): level for role, level in row["cells"].items()}}


def _bare(edit: dict) -> object:
    """What a row became; of a new one, what does not name other new ones."""
    after = edit["after"]
    if edit["before"] is not None or after is None:
        return after
    return {k: v for k, v in after.items() if k not in ("cells", "stage_id", "deliverer_id", "people", "departures")}
