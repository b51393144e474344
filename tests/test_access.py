"""Who may use which route, walked over the URLconf: T1 to T3, T6, T14 and T15 of RELIABILITY.md.

Each walk returns sentences about what is wrong. The last tests plant holes and look whether the walks find them.
"""

import logging
from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from pkgutil import iter_modules
from zipfile import ZipFile

import pytest
from django.http import Http404, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils.http import urlencode

from raci import urls
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, create_matrix
from raci.matrices.store import read_grid
from raci.notices.models import Notice, Outbox
from raci.screens import views
from raci.screens.views import grid, matrices
from raci.web.middleware import SignInMiddleware
from raci.web.refusals import Forbidden
from raci.workspaces import access
from raci.workspaces.models import Access, Member, Workspace
from tests import walk
from tests.walk import CANARY, FAR, HTMX, NOWHERE, Ids, Route, World, digest, masked, send, taken_back

VIEWS = [import_module(f"{views.__name__}.{module.name}") for module in iter_modules(views.__path__)]
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE")
USES = {
    "shared_link",
    "shared",
    "shared_role",
    "shared_export",
    "embed",
    "feed",
    "calendar_link",
}  # as known as the link
OBJECTS = (
    *("matrix", "calm", "waiting", "activity", "role", "stage", "assessment", "closed", "house", "member"),
    *("invitation", "poll", "closed_poll", "hidden_poll", "review", "running", "planned", "calm_planned", "paused"),
    *("ended", "published"),
)


@pytest.fixture(autouse=True)
def _quiet(caplog):
    """Thousands of refusals, each with its line in the log."""
    caplog.set_level(logging.CRITICAL, "django")


@pytest.fixture
def ours(seeded) -> World:
    return walk.our_world()


@pytest.fixture
def theirs(ours) -> World:
    return walk.their_world(ours)


# ---- The walks -----------------------------------------------------------------------------------------------------


def undeclared() -> list[str]:
    """Routes that do not say who may use them, or that access.toml does not know."""
    known, listed = walk.declared(), walk.entries()
    return [
        *(f"{name}: declares nobody" for name, (who, _) in known.items() if who is None),
        *(f"{name}: has no entry in access.toml" for name in known.keys() - listed),
        *(f"{name}: stands in access.toml and is no route" for name in listed - known.keys()),
    ]


def badly_answered(world: World, names: Iterable[str] = ()) -> list[str]:
    """Where a route answers one of the cast otherwise than it declares, with htmx or without, or shows a canary."""
    wrong = []
    for who in (None, "stranger", "ex-member", "invited", "viewer", "reviewer", "editor", "owner"):
        client = world.client(who or "")
        for route in _chosen(names):
            for method in route.methods:
                for headers in ({}, HTMX):
                    with taken_back(client):
                        answer = send(client, route, method, route.url(world.ids), world.ids, headers=headers)
                        wrong += _mailed(_label(route, method, who, headers)) if method == "POST" else []
                    label, fault = (
                        _label(route, method, who, headers),
                        _fault(route, who, method, bool(headers), answer),
                    )
                    wrong += [f"{label}: {answer.status_code}, {fault}"] if fault else []
                    wrong += _canaries(answer, label) if who != "stranger" else []
    return wrong


def without_effect(world: World, names: Iterable[str] = ()) -> list[str]:
    """Bodies of access.toml that change nothing: an owner's refusal would then look like a success."""
    wrong, clients = [], {who: world.client(who) for who in ("editor", "owner")}
    for route in _chosen(names):
        if "POST" in route.methods and route.access not in ("anyone", "signed in"):
            for who, client in clients.items():
                if not Access(who).covers(route.access) or (route.only and who not in route.only):
                    continue
                with taken_back(client):
                    before = digest()
                    send(client, route, "POST", route.url(world.ids), world.ids)
                    if (digest() != before) is not route.changes:
                        wrong.append(
                            f"{route.label}, {who}: the database is {'as it was' if route.changes else 'changed'}"
                        )
    return wrong


def told_apart(ours: World, theirs: World, names: Iterable[str] = ()) -> list[str]:
    """Where an object of another workspace is answered otherwise than one that does not exist, or shines through."""
    wrong = []
    inside = [route for route in _chosen(names) if "workspace" in route.kwargs]
    for who in ("ex-member", "viewer", "owner"):  # who may nothing, who may look, who may everything
        client = ours.client(who)
        for route in inside:
            for method in route.methods:
                for headers in ({}, HTMX) if who == "owner" else ({},):
                    label = _label(route, method, who, headers)
                    may = who != "ex-member" and Access(who).covers(route.access)
                    for foreign, absent in _chains(route, ours.ids, theirs.ids):
                        one, other = (
                            _asked(client, route, method, ids, ours.ids, headers) for ids in (foreign, absent)
                        )
                        wrong += _canaries(one, label)
                        # Whoever may not change anything here hears that before the object is looked for.
                        early = foreign["workspace"] == ours.ids["workspace"] and not may and who != "ex-member"
                        right = (403,) if early else (404, 422)
                        if one.status_code not in right or _seen(one, foreign) != _seen(other, absent):
                            wrong.append(
                                f"{label}: {one.status_code} for a foreign object, {other.status_code} for none"
                            )
    return wrong


def told_apart_by_fields(ours: World, theirs: World, names: Iterable[str] = ()) -> list[str]:
    """The same for the ids in a body or a query, and for those of another matrix of one's own workspace."""
    wrong = []
    client, other = ours.client("editor"), _other_matrix(ours)
    for route in _chosen(names):
        fields = [("POST", name) for name in (*route.ids, *route.loose)] + [("GET", name) for name in route.query]
        for method, name in fields:
            template = (route.post if method == "POST" else route.query)[name]
            sent = route.body(ours.ids) if method == "POST" else route.asked(ours.ids)
            answers = []
            for ids in (theirs.ids, other, _nowhere(theirs.ids)):
                if name in ("source", "copy") and ids is other:
                    continue  # a matrix of one's own is what these are for
                if ids is other and template.format_map(ids) == template.format_map(ours.ids):
                    continue  # it belongs to the workspace, not to a matrix
                changed = {k: v for k, v in sent.items() if k != name.format_map(ours.ids)}
                changed[name.format_map(ids)] = template.format_map(ids)
                with taken_back(client):
                    before = digest()
                    url = route.url(ours.ids)
                    answer = send(
                        client, route, method, url, ours.ids, **{"data" if method == "POST" else "query": changed}
                    )
                    refused = answer.status_code in (400, 404, 409, 422) and digest() == before
                    if method == "POST" and not refused and name not in route.loose:
                        wrong.append(f"{route.label}, {name}={template.format_map(ids)}: {answer.status_code}")
                    wrong += _canaries(answer, f"{route.label}, {name}")
                answers.append((answer.status_code, masked(answer, *_numbers(changed.values(), changed))))
            if len(set(answers)) > 1:
                wrong.append(f"{route.label}, {name}: {[status for status, _ in answers]}, or another text")
    return wrong


def other_verbs(world: World, names: Iterable[str] = ()) -> list[str]:
    """Verbs a route does not declare and yet answers otherwise than by 405."""
    wrong = []
    for route in _chosen(names):
        client = world.client("owner" if route.access != "anyone" else "")
        for verb in VERBS:
            if verb not in route.methods:
                with taken_back(client):
                    answer = send(client, route, verb, route.url(world.ids), world.ids)
                if answer.status_code != 405:
                    wrong.append(f"{verb} {route.label}: {answer.status_code}")
    return wrong


def unsafe_reads(world: World, names: Iterable[str] = ()) -> list[str]:
    """Routes whose GET or HEAD leaves a trace in the database, sessions apart; those in USES may note when."""
    wrong, client, before = [], world.client("owner"), digest()
    known = digest(uses=False)
    for route in _chosen(names):
        for method in ("GET", "HEAD"):
            for headers in ({}, HTMX):
                send(client, route, method, route.url(world.ids), world.ids, headers=headers)
        after = digest()
        if after != before:
            wrong += [] if route.name in USES and digest(uses=False) == known else [_changed(route)]
            before, known = after, digest(uses=False)
    return wrong


def _changed(route: Route) -> str:
    return f"{route.label}: a GET changed the database"


def without_token(world: World, names: Iterable[str] = ()) -> list[str]:
    """POSTs that pass without a CSRF token, with a foreign one, or from a foreign page."""
    wrong, client = [], world.client("owner", enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    ways = [
        {},
        HTMX,
        {"X-CSRFToken": "b" * 32, **HTMX},
        {"X-CSRFToken": "a" * 32, "Origin": "https://evil.example", **HTMX},
    ]
    for route in _chosen(names):
        if "POST" in route.methods and not route.tokenless:
            for headers in ways:
                with taken_back(client):
                    before = digest()
                    answer = send(client, route, "POST", route.url(world.ids), world.ids, headers=headers)
                    if answer.status_code != 403 or digest() != before:
                        wrong.append(f"{route.label} with {headers}: {answer.status_code}")
    return wrong


# ---- What they find ------------------------------------------------------------------------------------------------


def test_every_route_says_who_may_use_it_and_has_its_entry():
    assert_none(undeclared())


def test_every_route_answers_everyone_as_it_declares_and_shows_nothing_of_others(ours, theirs):
    assert_none(badly_answered(ours))


def test_the_bodies_that_are_tried_do_what_they_should(ours):
    assert_none(without_effect(ours))


def test_an_object_of_another_workspace_is_answered_like_none(ours, theirs):
    before = digest(theirs.ids["workspace"])
    assert_none(told_apart(ours, theirs))
    assert digest(theirs.ids["workspace"]) == before


def test_an_id_of_another_workspace_in_a_field_is_answered_like_none(ours, theirs):
    before = digest(theirs.ids["workspace"])
    assert_none(told_apart_by_fields(ours, theirs))
    assert digest(theirs.ids["workspace"]) == before


def test_every_other_verb_is_not_allowed(ours):
    assert_none(other_verbs(ours))


def test_looking_changes_nothing(ours):
    assert_none(unsafe_reads(ours))


def test_no_change_passes_without_a_token_of_ours(ours):
    assert_none(without_token(ours))


def test_htmx_is_sent_to_sign_in_and_comes_back_to_its_page(ours):
    page = reverse("matrix", args=[ours.ids["workspace"], ours.ids["matrix"]])
    answer = Client().post(f"{page}undo/", headers={**HTMX, "HX-Current-URL": f"http://testserver{page}?find=price"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?{urlencode({'next': f'{page}?find=price'})}"
    assert 'data-error="auth_required"' in answer.content.decode()
    assert "password" not in answer.content.decode()


# ---- Holes, planted ------------------------------------------------------------------------------------------------


def test_a_view_that_forgets_the_workspace_is_found(ours, theirs, monkeypatch):
    def any_matrix(request, matrix):
        found = Matrix.objects.filter(pk=matrix).first()
        if found is None:
            raise Http404
        return found

    _everywhere(monkeypatch, "matrix_of", any_matrix)
    assert told_apart(ours, theirs, ["matrix", "export", "checks"])


def test_a_refusal_that_gives_a_foreign_matrix_away_is_found(ours, theirs, monkeypatch):
    def forbidden_matrix(request, matrix):
        found = Matrix.objects.filter(pk=matrix).first()
        if found is None:
            raise Http404
        if found.workspace_id != request.workspace.pk:
            raise Forbidden("That is not yours.")
        return found

    _everywhere(monkeypatch, "matrix_of", forbidden_matrix)
    assert told_apart(ours, theirs, ["matrix"])


def test_a_missing_look_at_the_access_level_is_found(ours, theirs, monkeypatch):
    monkeypatch.setattr(Member, "may", lambda *_: True)
    wrong = badly_answered(ours, ["level_set", "arrange"])
    assert any("viewer" in sentence for sentence in wrong)


def test_a_missing_look_at_the_membership_is_found(ours, theirs, monkeypatch):
    def anybody(request, workspace):
        return Member.objects.select_related("workspace", "user").filter(workspace_id=workspace).first() or _none()

    monkeypatch.setattr(access, "member_or_404", anybody)
    assert any("ex-member" in sentence for sentence in badly_answered(ours, ["matrices", "matrix"]))
    assert told_apart(ours, theirs, ["matrices"])


def test_a_route_open_by_accident_is_found(ours, theirs, monkeypatch):
    monkeypatch.setattr(SignInMiddleware, "process_view", lambda *_: None)
    assert any("anonymous" in sentence for sentence in badly_answered(ours, ["home", "matrix"]))


def test_a_route_without_a_declaration_is_found(monkeypatch):
    extra = path("secret/", lambda _request: HttpResponse(""), name="secret")
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, extra])
    walk.get_resolver().__dict__.pop("url_patterns", None)
    try:
        assert undeclared() == ["secret: declares nobody", "secret: has no entry in access.toml"]
    finally:
        walk.get_resolver().__dict__.pop("url_patterns", None)


def test_a_page_that_writes_is_found(ours, monkeypatch):
    def counting(request, matrix, real=grid.matrix_of):
        Workspace.objects.filter(pk=request.workspace.pk).update(name="Looked at")
        return real(request, matrix)

    monkeypatch.setattr(grid, "matrix_of", counting)
    assert unsafe_reads(ours, ["matrices", "matrix"]) == ["matrix: a GET changed the database"]


def test_a_list_of_everybodys_matrices_is_found(ours, theirs, monkeypatch):
    foreign = Workspace.objects.get(pk=theirs.ids["workspace"])
    monkeypatch.setattr(matrices, "overview", lambda _workspace, real=matrices.overview: real(foreign))
    assert any("shows" in sentence for sentence in badly_answered(ours, ["matrices"]))


def test_a_field_that_takes_a_foreign_id_is_found(ours, theirs, monkeypatch):
    monkeypatch.setattr(matrices, "_sources", lambda _request: {row.pk: row for row in Matrix.objects.all()})
    assert told_apart_by_fields(ours, theirs, ["matrix_new"])


def test_a_missing_token_check_is_found(ours, monkeypatch):
    monkeypatch.setattr("django.middleware.csrf.CsrfViewMiddleware.process_view", lambda *_: None)
    assert without_token(ours, ["level_set"])


# ---- Parts of the walks --------------------------------------------------------------------------------------------


def assert_none(wrong: list[str]) -> None:
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong)


def _chosen(names: Iterable[str]) -> list[Route]:
    wanted = set(names)
    return [route for route in walk.routes() if not wanted or route.name in wanted]


def _fault(route: Route, who: str | None, method: str, htmx: bool, answer: HttpResponse) -> str:
    """What is wrong with an answer, "" for a right one."""
    status, body = answer.status_code, answer.content
    if route.access == "anyone":
        return "" if status in route.granted[method] else f"expected {route.granted[method]}"
    if who is None:
        to = answer.headers.get("HX-Redirect" if htmx else "Location", "")
        sent = to.startswith(reverse("account_login"))
        return "" if status == (401 if htmx else 302) and sent else "expected to be sent to sign in"
    if route.access != "signed in":
        if who in ("stranger", "ex-member", "invited"):
            return "" if status == 404 else "expected 404"
        if not Access(who).covers(route.access):
            return "" if status == 403 and b'data-error="forbidden"' in body else "expected 403 and its class"
        if method == "POST" and route.only and who not in route.only:
            return "" if status == 403 else "expected 403: it is another's to do"
    return "" if status in route.granted[method] else f"expected {route.granted[method]}"


def _chains(route: Route, ours: Ids, theirs: Ids) -> list[tuple[Ids, Ids]]:
    """(ids with something foreign, the same with something that does not exist), as far as the route has objects."""
    absent = _nowhere(theirs)
    named = [name for name in ("workspace", *OBJECTS) if name in route.places.values()]
    sets = {tuple(named), tuple(named[1:]), tuple(named[-1:])} - {()}  # all, all but the workspace, the last alone
    return [
        ({**ours, **{n: theirs[n] for n in chosen}}, {**ours, **{n: absent[n] for n in chosen}})
        for chosen in sorted(sets)
    ]


def _asked(client: Client, route: Route, method: str, ids: Ids, ours: Ids, headers: dict[str, str]) -> HttpResponse:
    with taken_back(client):
        return send(client, route, method, route.url(ids), ours, headers=headers)


def _seen(answer: HttpResponse, ids: Ids) -> tuple[int, bytes]:
    return answer.status_code, masked(answer, *(ids[name] for name in ("workspace", *OBJECTS) if ids[name] >= FAR))


def _canaries(answer: HttpResponse, label: str) -> list[str]:
    said = f"{_unpacked(answer.content)}{sorted(answer.headers.items())!r}"
    at = said.find(CANARY)
    return [f"{label}: shows “{said[max(0, at - 30) : at + 30]}”"] if at >= 0 else []


def _unpacked(content: bytes) -> str:
    """The text of a body, also of what is packed in it: workbooks, and archives of workbooks."""
    if not content.startswith(b"PK"):
        return content.decode("utf-8", "replace")
    with ZipFile(BytesIO(content)) as packed:
        return "".join(f"{name} {_unpacked(packed.read(name))}" for name in packed.namelist())


def _mailed(label: str) -> list[str]:
    """Canaries in the mail that a request has put, and in what waits to be mailed."""
    mails = Outbox.objects.filter(workspace_id__lt=FAR).values_list("to", "subject", "text", "html")
    notices = Notice.objects.filter(member__workspace_id__lt=FAR).values_list("text", "url")
    said = "".join(part for row in (*mails, *notices) for part in row)
    return [f"{label}: a mail holds a canary"] if CANARY in said else []


def _nowhere(ids: Ids) -> Ids:
    """The same ids, of nothing: each a number that was never given, and another one."""
    far = {name: NOWHERE + i for i, (name, pk) in enumerate(ids.items()) if isinstance(pk, int) and pk >= FAR}
    return {**ids, **far}


def _other_matrix(world: World) -> Ids:
    """The ids of a second matrix in the same workspace."""
    matrix = Matrix.objects.get(pk=world.ids["matrix"])
    member = Member.objects.filter(workspace=matrix.workspace, access=Access.OWNER).first()
    copy = create_matrix(sender=Sender(member), name="The other", grid=read_grid(matrix))
    return {**world.ids, **walk.ids_in(copy), "matrix": matrix.pk}


def _numbers(values: Iterable[str], names: Iterable[str]) -> list[str]:
    """The long ids in what was sent, for masking: those of our own matrix are short and stay."""
    return [
        part
        for text in (*values, *names)
        for part in text.replace(",", ":").replace("-", ":").split(":")
        if len(part) > 6
    ]


def _label(route: Route, method: str, who: str | None, headers: dict[str, str]) -> str:
    return f"{method} {route.label}, {who or 'anonymous'}{', htmx' if headers else ''}"


def _everywhere(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    """In every module of views that took the name for itself."""
    for module in VIEWS:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, value)


def _none() -> Member:
    raise Http404
