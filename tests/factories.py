"""Makers of people, workspaces and grids. Matrices come from the real operation, so that their log is real."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from raci.accounts.models import User
from raci.grid.grid import Activity, Grid, Role, Stage
from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, create_matrix
from raci.workspaces.models import Access, Member, Workspace


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    workspace = factory.SubFactory(WorkspaceFactory)
    user = factory.SubFactory(UserFactory)
    access = Access.EDITOR


def make_matrix(member: Member, *rows: str, roles: int | None = None, name: str = "Small", stages: int = 0) -> Matrix:
    """A small matrix; each row is a string of levels, one letter a role, "." or " " where it is not involved.

    >>> make_matrix(owner, "LS.", ".LI")  # two activities, three roles
    """
    return create_matrix(sender=Sender(member), name=name, grid=make_grid(*rows, roles=roles, stages=stages))


def make_grid(*rows: str, roles: int | None = None, stages: int = 0) -> Grid:
    """The grid of `make_matrix`. With `stages`, the rows are dealt out to them in equal runs."""
    width = max([roles or 0, *(len(row) for row in rows)])
    columns = tuple(Role(id=100 + i, name=f"Role {i}", short=f"R{i}", origin=f"role-{i}") for i in range(1, width + 1))
    groups = tuple(Stage(id=200 + i, name=f"Stage {i}") for i in range(1, stages + 1))
    activities = tuple(
        Activity(id=i, name=f"Activity {i}", stage=groups[(i - 1) * stages // len(rows)].id if stages else None)
        for i in range(1, len(rows) + 1)
    )
    cells = {
        activity.id: {role.id: Level(letter) for role, letter in zip(columns, row, strict=False) if letter not in ". "}
        for activity, row in zip(activities, rows, strict=True)
    }
    return Grid(activities, columns, groups, cells)
