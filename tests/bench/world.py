"""The world of a benchmark: a database of its own, thrown away afterwards, and matrices of three sizes.

`start()` comes before anything of Django is imported: it chooses the settings, a temporary folder instead of var/, and
the database, which is SQLite in that folder or a test database beside the one `DATABASE_URL` names.
"""

import os
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

SIZES = ((18, 4), (200, 12), (1000, 30))


def start() -> Path:
    """Settles the environment; returns the folder."""
    folder = Path(tempfile.mkdtemp(prefix="remit-bench-"))
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "raci.settings",
        "REMIT_LOCAL": "1",
        "REMIT_VAR": str(folder),
        "REMIT_TEST_DATABASE": str(folder / "bench.sqlite3"),
    }
    import django

    django.setup()
    return folder


@contextmanager
def database() -> Iterator[str]:
    """A migrated database for as long as the block runs; gives its URL."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    url = os.environ.get("DATABASE_URL", "")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl() if connection.vendor != "sqlite" else f"sqlite:///{name}"
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def populate():
    """A member who owns a workspace with one matrix of each size: (member, {size: matrix}).

    That of 18 x 4 follows the market-led reference, the others a house reference saved from themselves.
    """
    from raci.accounts.models import User
    from raci.matrices.operations import Sender, create_matrix
    from raci.workspaces.models import Member
    from raci.workspaces.signup import open_workspace

    user = User.objects.create_user("bench@example.org", name="Bea Bench")
    workspace = open_workspace(user, "Bench")
    member = Member.objects.select_related("user", "workspace").get(workspace=workspace)
    matrices = {
        size: create_matrix(sender=Sender(member), name=f"Matrix of {size[0]} x {size[1]}", grid=grid(*size))
        for size in SIZES
    }
    return member, {
        size: matrix if size == SIZES[0] else _following_itself(member, matrix) for size, matrix in matrices.items()
    }


def _following_itself(member, matrix):
    """The matrix, once it follows a house reference that says what it says."""
    from raci.matrices.departures import follow
    from raci.matrices.house import save_reference
    from raci.matrices.models import Matrix
    from raci.matrices.operations import Sender

    house = save_reference(by=member, matrix=matrix, name=f"House of {matrix.name}")
    matrix = Matrix.objects.get(pk=matrix.pk)
    step = {"culture": None, "house": house.pk, "moves": {}, "seen": matrix.revision}
    return follow(matrix=matrix.pk, sender=Sender(member), **step).matrix


def what_ifs(member, others):
    """The key of what each matrix could follow instead, by size; from 200 x 12 on other levels in the same rows."""
    from raci.matrices.house import save_reference

    large = {size: matrix for size, matrix in others.items() if size != SIZES[0]}
    saved = {size: save_reference(by=member, matrix=matrix, name=matrix.name) for size, matrix in large.items()}
    return {SIZES[0]: "sales"} | {size: f"house-{house.pk}" for size, house in saved.items()}


def shared(member, others):
    """The token of a link to what is published of each, with names, by size; in two versions, one Lead moved between."""
    from raci.grid.levels import Level
    from raci.matrices.models import Matrix
    from raci.matrices.operations import Sender, set_level
    from raci.matrices.store import read_grid
    from raci.publishing import pages
    from raci.publishing.versions import obstacles, publish

    def publish_all_of(matrix):
        row = Matrix.objects.get(pk=matrix.pk)
        known = dict.fromkeys([found.key for found in obstacles(row, read_grid(row)).nameable], "As it is")
        publish(matrix=row, sender=Sender(member), seen=row.revision, known=known)
        return row.revision + 1

    tokens = {}
    for size, matrix in others.items():
        seen, grid = publish_all_of(matrix), read_grid(matrix)
        row = grid.activities[0]
        role = next(each.id for each in grid.roles if grid.level(row.id, each.id) is not Level.LEAD)
        where = {"activity": row.id, "role": role, "level": Level.LEAD, "seen": seen}
        set_level(matrix=matrix.pk, sender=Sender(member), **where)
        publish_all_of(matrix)
        tokens[size] = pages.make(matrix=matrix.pk, by=member, wanted=pages.Wanted(shows_people=True)).token
    return tokens


def others(member):
    """Of each size another matrix, with the same rows and other levels: {size: matrix}."""
    from raci.matrices.operations import Sender, create_matrix

    sender = Sender(member)
    return {
        size: create_matrix(sender=sender, name=f"Other of {size[0]} x {size[1]}", grid=grid(*size, other=True))
        for size in SIZES
    }


def polled(member, size: tuple[int, int] = SIZES[0], respondents: int = 30):
    """A closed poll with names about a matrix of that size, which so many have answered: on most activities most of
    them name the Lead, on the others each names a role at random."""
    from datetime import timedelta

    from django.utils import timezone

    from raci.grid.load import leads_in
    from raci.matrices.operations import Sender, create_matrix
    from raci.matrices.store import read_grid
    from raci.reviews import polling
    from raci.reviews.models import Answer, Respondent

    matrix = create_matrix(sender=Sender(member), name=f"Asked about, {size[0]} x {size[1]}", grid=grid(*size))
    led = leads_in(read_grid(matrix))
    now, dice = timezone.now(), random.Random(respondents)
    poll = polling.open_poll(matrix=matrix.pk, by=member, title="Who leads what?", until=now + timedelta(days=9)).poll
    rows, roles = ([each["id"] for each in poll.asked[kind]] for kind in ("activities", "roles"))
    people = Respondent.objects.bulk_create(
        Respondent(poll=poll, role=dice.choice(roles), name=f"Person {n}", joined_at=now, submitted_at=now)
        for n in range(respondents)
    )
    health, agreed = ("done", "well", "on_time", "skill", "time"), {row for row in rows if dice.random() < 0.7}
    Answer.objects.bulk_create(
        Answer(
            respondent=person,
            activity=row,
            said="role",
            lead=led[row] if row in agreed and dice.random() < 0.9 else dice.choice(roles),
            **{question: dice.choice(("yes", "partly", "no")) for question in health},
        )
        for person in people
        for row in rows
    )
    return polling.close(poll=poll.pk, by=member)


def assessed(member, respondents: int = 1_000):
    """A closed assessment that so many have answered, each at random."""
    from django.utils import timezone

    from culture import asking
    from culture.entries import Function
    from culture.models import Answer, Respondent
    from culture.references import known_references

    made = asking.open_assessment(by=member, title="Our culture", asks_others=True).assessment
    dice, keys, now = random.Random(respondents), [*known_references(), None], timezone.now()
    people = Respondent.objects.bulk_create(
        Respondent(assessment=made, name=f"Person {n}", group="Sales", digest=f"{n:064}", joined_at=now)
        for n in range(respondents)
    )
    Answer.objects.bulk_create(
        Answer(respondent=person, function=function, first_id=dice.choice(keys))
        for person in people
        for function in Function
    )
    asking.close(assessment=made.pk, by=member)
    return made


def grid(activities: int, roles: int, *, other: bool = False):
    """The market-led reference at its own size; else rows in ten stages, two cells in three set, one Lead each.

    `other` is one with the same rows and other levels.
    """
    from culture.references import reference_grid
    from raci.grid.grid import Activity, Grid, Role, Stage
    from raci.grid.levels import Level

    if (activities, roles) == (18, 4):
        return reference_grid("sales" if other else "market")
    dice = random.Random(activities + other)
    stages = tuple(Stage(i, f"Stage {i}") for i in range(1, 11))
    columns = tuple(
        Role(i, f"Responsible group {i}", short=f"RG{i}", people=("Amara Okafor",)) for i in range(1, roles + 1)
    )
    rows = tuple(
        Activity(i, f"{VERBS[i % len(VERBS)]} {NOUNS[i % len(NOUNS)]}, part {i}", stages[(i - 1) * 10 // activities].id)
        for i in range(1, activities + 1)
    )
    usual = [Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED, Level.INFORMED, None, None]
    cells = {}
    for row in rows:
        levels = {column.id: dice.choice(usual) for column in columns} | {dice.randint(1, roles): Level.LEAD}
        cells[row.id] = {column: level for column, level in levels.items() if level is not None}
    return Grid(rows, columns, stages, cells)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Columns set flush: the first to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(row: list[str]) -> str:
        name, *numbers = zip(row, widths, strict=True)
        return "  ".join([name[0].ljust(name[1]), *(cell.rjust(width) for cell, width in numbers)]).rstrip()

    lines = [line(row) for row in [head, ["-" * width for width in widths], *rows]]
    return "\n".join(lines)


def machine() -> str:
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        version = cursor.fetchone()[0]
    python = ".".join(map(str, sys.version_info[:3]))
    load = os.getloadavg()[0]
    return f"Python {python}, Django {django.__version__}, {connection.vendor} {version}, load {load:.1f} on {os.cpu_count()} cores"


VERBS = ("Define", "Estimate", "Prepare", "Review", "Agree", "Publish", "Measure", "Plan", "Decide", "Support", "Price")
NOUNS = (
    "the market",
    "requirements",
    "the launch",
    "the business case",
    "forecasts",
    "the pilot",
    "training",
    "pricing",
)
