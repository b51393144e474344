"""The fixed cast of every test: who they are, what they may, and the matrix they look at.

Workspace A ("Acme") has an owner, an editor, a reviewer and a viewer, and had an ex-member; the stranger owns workspace
B. All are `Member`s; `.user` is the person. `sign_in(member)` gives a client of theirs.
"""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client

from culture.models import Culture
from culture.references import known_references, reference_grid
from culture.seed import seed
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, create_matrix
from raci.screens.live.hub import hub
from raci.workspaces.models import Access, Member, Workspace
from tests.factories import MemberFactory, UserFactory, WorkspaceFactory
from tests.serving import Server
from tests.web.outside import Outside


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Sign-in limits are counted in the cache; one test's attempts are not the next one's."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _emptied_from_the_top():
    """SQLite empties the tables one by one after a transactional test, and an audit log goes after its workspace."""
    flush = DatabaseOperations.sql_flush

    def workspaces_first(self, style, tables, **options):
        return flush(self, style, sorted(tables, key=lambda table: table != "workspaces_workspace"), **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", workspaces_first)
        yield


@pytest.fixture(scope="session")
def _server(django_db_setup, django_db_blocker):
    server = Server()
    with django_db_blocker.unblock():
        server.start()
    yield server
    server.stop()


@pytest.fixture
def live_server(_server, transactional_db):
    """The product on a port, live streams and all. pytest-django's own speaks WSGI, which has no streams."""
    yield _server
    hub.close()


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """The internet, as far as this test needs one."""
    net = Outside(tmp_path)
    monkeypatch.setattr("socket.getaddrinfo", net.resolve)
    monkeypatch.setattr("socket.socket", net.diverted())
    monkeypatch.setenv("SSL_CERT_FILE", str(net.certificate))
    yield net
    net.close()


@pytest.fixture
def seeded(db):
    """The catalogue, also where an earlier transactional test has emptied the tables."""
    if not Culture.objects.exists():
        seed(apps)
    known_references()  # a server reads them once, with its first page


@pytest.fixture
def workspace(seeded) -> Workspace:
    return WorkspaceFactory(name="Acme")


@pytest.fixture
def owner(workspace) -> Member:
    return _member(workspace, "Olive Owner", Access.OWNER)


@pytest.fixture
def editor(workspace) -> Member:
    return _member(workspace, "Eddie Editor", Access.EDITOR)


@pytest.fixture
def reviewer(workspace) -> Member:
    return _member(workspace, "Rita Reviewer", Access.REVIEWER)


@pytest.fixture
def viewer(workspace) -> Member:
    return _member(workspace, "Vic Viewer", Access.VIEWER)


@pytest.fixture
def ex_member(workspace) -> Member:
    """Was an editor of Acme; the row is gone, the object (and an open page) still knows its id."""
    member = _member(workspace, "Xena Exmember", Access.EDITOR)
    Member.objects.filter(pk=member.pk).delete()
    return member


@pytest.fixture
def stranger(seeded) -> Member:
    return _member(WorkspaceFactory(name="Bolt"), "Stan Stranger", Access.OWNER)


@pytest.fixture
def matrix(owner) -> Matrix:
    """Acme's matrix: the market-led reference, made as a person makes it."""
    return create_matrix(sender=Sender(owner), name="Launch", grid=reference_grid("market"))


@pytest.fixture
def foreign_matrix(stranger) -> Matrix:
    """Bolt's matrix, which nobody of Acme may see."""
    return create_matrix(sender=Sender(stranger), name="Bolt canary", grid=reference_grid("market"))


@pytest.fixture
def sign_in() -> Callable[[Member], Client]:
    def signed_in(member: Member, **options) -> Client:
        client = Client(**options)
        client.force_login(member.user)
        return client

    return signed_in


def _member(workspace: Workspace, name: str, access: Access) -> Member:
    user = UserFactory(name=name, email=f"{name.split()[0].lower()}@example.org")
    return MemberFactory(workspace=workspace, user=user, access=access)
