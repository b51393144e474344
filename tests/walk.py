"""The way through all routes: what they declare (`access`), how each is asked (access.toml), and two full workspaces.

Used by the tests of access, of bad input and of escaping.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from culture.asking import answer_as_guest, answer_as_member, close, join, open_assessment
from culture.entries import Function
from culture.models import Assessment, Respondent
from culture.scoring import Choice
from raci.accounts.models import User
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level
from raci.grid.plain import to_plain
from raci.matrices import departures, drafts, operations, people, undo
from raci.matrices.house import as_reference, save_reference
from raci.matrices.models import HouseReference, Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.screens.inviting import invite
from raci.workspaces.links import make_sign_in_link, new_token
from raci.workspaces.models import Access, Member, Workspace
from raci.workspaces.operations import delete, open_another
from tests import walk_published, walk_reviews

Ids = dict[str, Any]
PASSWORD = "walrus-teapot-40"
HTMX = {"HX-Request": "true"}
CANARY = "Qz-x"  # with a sign that no token of ours has
NOWHERE = 7_999_993  # an id nothing has, as long as those of the second workspace
APPS = ("matrices", "publishing", "reviews", "workspaces")  # whose rows have ids of their own in each world
FAR = 7_000_000  # where the ids of the second workspace begin


# ---- Routes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """One entry of access.toml with the view it names; `access` is what the view declares, None for nothing."""

    label: str
    name: str
    access: Any
    kwargs: tuple[str, ...]
    methods: tuple[str, ...] = ("GET",)
    post: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    ok: tuple[int, ...] = ()
    changes: bool = True
    ids: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    tokenless: bool = False
    lines: dict[str, int] = field(default_factory=dict)
    prose: dict[str, int] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    at: dict[str, str] = field(default_factory=dict)

    def url(self, ids: Ids) -> str:
        return reverse(self.name, kwargs={name: ids[id_] for name, id_ in self.places.items()})

    @property
    def places(self) -> dict[str, str]:
        """Which id each part of the address has: its own, unless `at` names another."""
        return {name: self.at.get(name, "early" if name == "revision" else name) for name in self.kwargs}

    def body(self, ids: Ids) -> dict[str, str]:
        return {name.format_map(ids): value.format_map(ids) for name, value in self.post.items()}

    def asked(self, ids: Ids) -> dict[str, str]:
        return {name: value.format_map(ids) for name, value in self.query.items()}

    @property
    def granted(self) -> dict[str, tuple[int, ...]]:
        """What each method answers those who may."""
        return {m: self.ok or ((200, 302) if m == "POST" else (200,)) for m in self.methods}


def declared() -> dict[str, tuple[Any, tuple[str, ...]]]:
    """Route name -> what its view declares, and the names of its arguments. Fails where two routes share a name."""
    found: dict[str, tuple[Any, tuple[str, ...]]] = {}
    for pattern in _patterns(get_resolver().url_patterns):
        name = pattern.name or str(pattern.pattern)
        assert name not in found, f"two routes are called {name}"
        found[name] = (getattr(pattern.callback, "access", None), tuple(pattern.pattern.converters or _groups(pattern)))
    return found


def _patterns(patterns: list[Any]) -> Iterator[Any]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def _groups(pattern: Any) -> tuple[str, ...]:
    return tuple(pattern.pattern.regex.groupindex)


def routes() -> list[Route]:
    """The entries of access.toml whose route exists."""
    known = declared()
    entries = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
    found = []
    for label, entry in entries.items():
        name = entry.pop("route", label)
        if name in known:
            access, kwargs = known[name]
            listed = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
            found.append(Route(label, name, access, kwargs, **listed))
    return found


def entries() -> set[str]:
    """The routes access.toml knows."""
    table = tomllib.loads((Path(__file__).parent / "access.toml").read_text())
    return {entry.get("route", label) for label, entry in table.items()}


# ---- Two workspaces, each with a text in every field ---------------------------------------------------------------

Text = Callable[[str], str]


@dataclass
class World:
    """A workspace full of everything: its people by access, and the ids of what is in it."""

    people: dict[str, User]
    ids: Ids

    def client(self, who: str, **options: Any) -> Client:
        client = Client(raise_request_exception=False, **options)
        if who in self.people:
            client.force_login(self.people[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


def our_world() -> World:
    """Acme, with all its people, and one who was a member until a moment ago."""
    start_ids_at(1)  # PostgreSQL does not take a sequence back with the rows of the test before
    world = make_world(lambda what: f"Our {what}", "acme.example")
    world.people["ex-member"] = User.objects.create_user("ex@acme.example", PASSWORD, name="Xena")
    gone = Member(workspace_id=world.ids["workspace"], user=world.people["ex-member"], access=Access.EDITOR)
    gone.save()
    gone.delete()
    world.people["invited"] = User.objects.create_user(world.ids["invited"], PASSWORD, name="Ines")
    return world


def their_world(ours: World) -> World:
    """Another workspace. Each of its texts is a canary, and its ids are like no other number."""
    start_ids_at(FAR)
    world = make_world(lambda what: f"{CANARY} {what}", "bolt.example")
    ours.people["stranger"] = world.people["owner"]
    return world


def make_world(text: Text, domain: str) -> World:
    """`text` gives what each field holds. Each editor has something to undo, and something to redo."""
    workspace, deleted = Workspace.objects.create(name=text("workspace")), text("deleted workspace")
    members = {access.value: _member(workspace, access, text, domain) for access in Access}
    _member(workspace, Access.OWNER, text, f"second.{domain}")  # so that the first may go
    sender = Sender(members["owner"])
    matrix = operations.create_matrix(sender=sender, name=text("matrix"), grid=_grid(text))
    ids = ids_in(matrix)
    operations.set_aside(matrix=matrix.pk, sender=sender, finding=f"R4:{ids['lone2']}:", reason=text("reason"))
    house = save_reference(by=members["owner"], matrix=matrix, name=text("house reference"))
    matrix.refresh_from_db()
    step = {"culture": None, "house": house.pk, "moves": {}, "seen": matrix.revision}
    departures.follow(matrix=matrix.pk, sender=sender, **step)
    _depart(matrix, Sender(members["editor"]), ids["activity4"], ids["role3"], house, text)
    _fill(matrix, sender, ids["role"], members["reviewer"], members["editor"])
    _fill(matrix, sender, ids["role2"], members["editor"], members["owner"])
    house2 = _other_house(house, read_grid(Matrix.objects.get(pk=matrix.pk)), text)
    published = walk_published.publish_twice(matrix, members, ids, text)
    ids |= walk_reviews.asked_and_held(Matrix.objects.get(pk=matrix.pk), members, ids, text)
    for member, row in ((members["owner"], ids["activity2"]), (members["editor"], ids["activity3"])):
        matrix.refresh_from_db()
        for role in (ids["role3"], ids["role4"]):
            told = {"activity": row, "role": role, "level": Level.SUPPORT, "seen": matrix.revision}
            matrix = operations.set_level(matrix=matrix.pk, sender=Sender(member), **told).matrix
        matrix = undo.undo(matrix=matrix.pk, sender=Sender(member)).matrix
    ids |= {
        "workspace": workspace.pk,
        "workspace_name": workspace.name,
        "deleted": _deleted(members["owner"], deleted),
        "house": house.pk,
        "house2": house2.pk,
        "house_name": house.name,
        "level": "S",
        "person": text("named"),
        "task": text("task"),
        "newcomer": members["viewer"].user_id,
        "filler": members["reviewer"].user_id,
        "member": members["viewer"].pk,
        **_invitations(members["owner"], text, domain),
        **_draft(matrix, members["editor"], text),
        **walk_published.around(matrix, members, published, text, domain),
        **walk_reviews.around(matrix, members, ids, text, domain),
        **_account(members["owner"].user, User.objects.get(email=f"owner@second.{domain}"), text),
        "revision": matrix.revision,
        "early": 4,
        "kind": "csv",
        "token": make_sign_in_link(members["owner"].user),
        **_assessment(members["editor"], text),
        "closed": _closed_assessment(members["editor"], members["viewer"], text),
        "later": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}",
        "key": "x",
        "uidb36": "x",
    }
    return World({access: member.user for access, member in members.items()}, ids)


def _account(person: User, other: User, text: Text) -> Ids:
    """A session of one person in another browser, and a passkey of another, which nobody of the cast may touch."""
    passkey = {"name": text("passkey"), "credential": {}}
    key = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data=passkey)
    session = UserSession.objects.create(
        user=person, ip="192.0.2.7", user_agent=text("browser"), session_key=new_token()[:40]
    )
    return {"passkey": key.pk, "session": session.pk}


def ids_in(matrix: Matrix) -> Ids:
    """What the routes may name in a matrix made by `make_world`: the first is "role", the second "role2"."""
    grid = read_grid(matrix)
    rows = {"activity": grid.activities[:4], "role": grid.roles, "stage": grid.stages}
    named = {
        f"{kind}{n if n > 1 else ''}": row.id for kind, found in rows.items() for n, row in enumerate(found, start=1)
    }
    return {"matrix": matrix.pk, **named, "lone": grid.activities[4].id, "lone2": grid.activities[5].id}


def _depart(matrix: Matrix, sender: Sender, activity: int, role: int, house: HouseReference, text: Text) -> None:
    """A cell that differs from the house reference, and stays so for a reason."""
    one = {"matrix": matrix.pk, "sender": sender, "activity": activity}
    done = operations.set_level(**one, role=role, level=Level.SUPPORT, seen=Matrix.objects.get(pk=matrix.pk).revision)
    departures.keep(
        **one,
        ours={role: Level.SUPPORT},
        theirs={role: Level.CONTRIBUTE},
        against=f"house-{house.pk}",
        reference=house.name,
        reason=text("reason to keep"),
        until=None,
        seen=done.matrix.revision,
    )


def _deleted(owner: Member, name: str) -> int:
    """Another workspace of the owner, which can be restored."""
    other = open_another(by=owner.user, name=name)
    return delete(by=other.members.get(), typed=other.name).pk


def _fill(matrix: Matrix, sender: Sender, role: int, *fillers: Member) -> None:
    """Members fill a role; the last of them answers for it."""
    for member in fillers:
        done = people.take_part(matrix=matrix.pk, sender=sender, role=role, user=member.user_id)
    answers = {"user": fillers[-1].user_id, "seen": done.matrix.revision}
    people.answer_for(matrix=matrix.pk, sender=sender, role=role, **answers)


def _invitations(owner: Member, text: Text, domain: str) -> Ids:
    """One that was mailed, and the link of another."""
    until, address = timezone.now() + timedelta(days=7), f"{text('invited').replace(' ', '.')}@{domain}"
    mailed = invite(by=owner, email=address, access=Access.EDITOR, until=until)
    link = invite(by=owner, email="", access=Access.VIEWER, until=until)
    return {"invitation": mailed.invitation.pk, "invited": address, "invitation_token": link.token}


def _draft(matrix: Matrix, maker: Member, text: Text) -> Ids:
    """A link to look at a matrix."""
    made = drafts.make(matrix=matrix.pk, by=maker, name=text("draft reader"))
    return {"draft": made.draft.pk, "draft_token": made.token}


def _assessment(opener: Member, text: Text) -> Ids:
    """An open one that asks others, with a link; a guest has answered, nobody else."""
    opened = open_assessment(by=opener, title=text("assessment"), asks_others=True)
    guest = join(link_token=opened.token, name=text("guest"), group=text("guest group"), token=new_token())
    for function in Function:
        answer_as_guest(respondent=guest, function=function, choice=Choice("market", "sales"))
    return {
        "assessment": opened.assessment.pk,
        "respondent": guest.pk,
        "link": opened.token,
        "function": Function.MARKETING_STRATEGY.value,
        "until": f"{opened.assessment.opened_at:%Y-%m-%d}",
        "guest_token": new_token(),
    }


def _closed_assessment(opener: Member, other: Member, text: Text) -> int:
    """One whose result is shared, and which a guest and a member have answered."""
    opened = open_assessment(by=opener, title=text("closed assessment"), asks_others=True)
    row = opened.assessment.pk
    guest = join(link_token=opened.token, name=text("earlier guest"), group=text("earlier group"), token=new_token())
    for function in Function:
        answer_as_guest(respondent=guest, function=function, choice=Choice("market", "technology"))
        answer_as_member(by=other, assessment=row, function=function, choice=Choice("sales", None))
    close(assessment=row, by=opener, share=True)
    return row


def _other_house(house: HouseReference, grid: Grid, text: Text) -> HouseReference:
    """A second one, with another level where the last role of the fourth row still follows the first."""
    row, role = grid.activities[3].id, grid.roles[3].id
    cells = {**grid.cells, row: {**grid.cells[row], role: Level.CONTRIBUTE}}
    plain = to_plain(as_reference(replace(grid, cells=cells)))
    return HouseReference.objects.create(
        workspace=house.workspace, name=text("second house reference"), grid=plain, saved_by=house.saved_by
    )


def _member(workspace: Workspace, access: Access, text: Text, domain: str) -> Member:
    user = User.objects.create_user(f"{access.value}@{domain}", PASSWORD, name=text(f"user {access.value}")[:100])
    return Member.objects.create(workspace=workspace, user=user, access=access)


def _grid(text: Text) -> Grid:
    """Six rows in three stages and four roles; the last two rows have a Lead alone."""
    stages = tuple(Stage(i, text(f"stage {i}")) for i in (1, 2, 3))
    roles = tuple(
        Role(
            i,
            text(f"role {i}"),
            text(f"s{i}")[:12],
            purpose=text(f"purpose {i}"),
            contact=text(f"contact {i}"),
            people=(text(f"filler {i}"),),
            headcount=i,
        )
        for i in (1, 2, 3, 4)
    )
    rows = ["SLCI", "SLCI", "LSCI", "LSCI", "L...", "L..."]
    activities = tuple(
        Activity(
            i,
            text(f"activity {i}"),
            (i + 1) // 2,
            description=text(f"description {i}"),
            notes=text(f"notes {i}"),
            deliverer=1 if i == 1 else None,
            people=(Named(1, text("named"), text("task")[:80]),) if i == 1 else (),
        )
        for i in range(1, 7)
    )
    cells = {
        i: {role: Level(letter) for role, letter in enumerate(row, start=1) if letter != "."}
        for i, row in enumerate(rows, start=1)
    }
    return Grid(activities, roles, stages, cells)


def start_ids_at(first: int) -> None:
    """Rows made from here on have ids from `first`, so that an id in an answer cannot be taken for another number."""
    ours = [model for model in apps.get_models() if model._meta.app_label in APPS]
    tables = [model._meta.db_table for model in (*ours, Assessment, Respondent)]
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first])
            else:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first])


# ---- Looking at answers and at the database ------------------------------------------------------------------------


def send(client: Client, route: Route, method: str, url: str, ids: Ids, **options: Any) -> HttpResponse:
    """One request as access.toml describes it. Sign-in limits never get in the way."""
    cache.clear()
    if method == "POST":
        return client.post(url, options.pop("data", None) or route.body(ids), **options)
    if method in ("GET", "HEAD"):
        return client.generic(
            method, url, QUERY_STRING=urlencode(options.pop("query", None) or route.asked(ids)), **options
        )
    return client.generic(method, url, **options)


@contextmanager
def taken_back(client: Client | None = None) -> Iterator[None]:
    """What the block writes is rolled back, and the client is as signed in as before."""
    cookies = deepcopy(client.cookies) if client else None
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    if client:
        client.cookies = cookies


SESSIONS = {"django_session", "usersessions_usersession", "django_migrations"}


def digest(workspace: int | None = None, without: str = "", *, uses: bool = True) -> str:
    """A digest of every row, but for sessions and the table `without`; with a workspace, of the rows that are its own.
    Without `uses`, but for when links were last used."""
    total = hashlib.sha256()
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in SESSIONS or not model._meta.managed or model._meta.label == without:
            continue
        rows = model._default_manager.all()
        if workspace is not None:
            if (path := _OWN.get(model._meta.label)) is None:
                continue
            rows = rows.filter(**{path: workspace})
        skipped = {"last_login"} if uses else {"last_login", "last_used_at"}
        fields = [f.attname for f in model._meta.concrete_fields if f.name not in skipped]
        total.update(repr((model._meta.label, sorted(rows.order_by().values_list(*fields), key=repr))).encode())
    return total.hexdigest()


_OWN = {
    "notices.Outbox": "workspace",
    "notices.Notice": "member__workspace",
    "workspaces.Workspace": "pk",
    "workspaces.Member": "workspace",
    "workspaces.Link": "workspace",
    "workspaces.Invitation": "workspace",
    "workspaces.AuditEvent": "workspace",
    "accounts.User": "memberships__workspace",
    "culture.Assessment": "workspace",
    "culture.Respondent": "assessment__workspace",
    "culture.Answer": "respondent__assessment__workspace",
    "matrices.HouseReference": "workspace",
    "matrices.Matrix": "workspace",
    "matrices.Stage": "matrix__workspace",
    "matrices.Role": "matrix__workspace",
    "matrices.Activity": "matrix__workspace",
    "matrices.Assignment": "activity__matrix__workspace",
    "matrices.Change": "matrix__workspace",
    "matrices.DraftLink": "matrix__workspace",
    "publishing.Version": "matrix__workspace",
    "publishing.Publication": "matrix__workspace",
    "publishing.SignOff": "matrix__workspace",
    "publishing.Letter": "version__matrix__workspace",
    "publishing.Receipt": "version__matrix__workspace",
    "publishing.Unsubscribed": "workspace",
    "publishing.SharedPage": "matrix__workspace",
    "publishing.Webhook": "matrix__workspace",
    "publishing.Posting": "webhook__matrix__workspace",
    "reviews.Poll": "matrix__workspace",
    "reviews.Respondent": "poll__matrix__workspace",
    "reviews.Asking": "matrix__workspace",
    "reviews.Answer": "respondent__poll__matrix__workspace",
    "reviews.Evidence": "matrix__workspace",
    "reviews.Review": "matrix__workspace",
    "reviews.Participant": "review__matrix__workspace",
    "reviews.Item": "review__matrix__workspace",
    "reviews.Decision": "review__matrix__workspace",
    "reviews.Result": "review__matrix__workspace",
    "reviews.LookBack": "matrix__workspace",
    "culture.Advice": "workspace",
    "culture.Sign": "workspace",
}

_CHANGING = re.compile(
    rb'(name="csrfmiddlewaretoken" value="|X-CSRFToken":"|X-CSRFToken&quot;:&quot;)[A-Za-z0-9]+'
    rb"|[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def masked(response: HttpResponse, *ids: Any) -> bytes:
    """The body without what differs from one answer to the next: tokens, keys, and the ids that were asked for."""
    body = _CHANGING.sub(b"", response.content)
    for one in ids:
        body = body.replace(str(one).encode(), b"ID")
    return body
