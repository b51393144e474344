"""The live matrix: what it is made of, and the log of every change to it.

Nothing but `operations.py` (through `writing.py`) writes these rows. What a draft may never be, the database forbids:
two Leads on an activity, two levels in a cell, a cell whose activity and role belong to different matrices (a trigger,
see migration 0002).
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from raci.grid.levels import Level
from raci.grid.text import NAME_LIMIT
from raci.workspaces.models import Link, Member, Workspace


class HouseReference(models.Model):
    """An agreed matrix that a workspace keeps as a reference of its own. `grid` (see raci.grid.plain) never changes: to
    have another, save another. One that is put away is no longer offered, and those who follow it still do."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="house_references")
    name = models.CharField(max_length=NAME_LIMIT)
    grid = models.JSONField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)
    is_put_away = models.BooleanField(default=False)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class MatrixQuerySet(models.QuerySet["Matrix"]):
    def live(self) -> "MatrixQuerySet":
        return self.filter(is_archived=False)

    def archived(self) -> "MatrixQuerySet":
        return self.filter(is_archived=True)


class Matrix(models.Model):
    """`culture` is the key of the culture it is in, whose reference it follows unless it follows a house reference;
    `asides` maps finding keys to why they are set aside; `rules_off` lists the ids of checks that are off for it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="matrices")
    name = models.CharField(max_length=NAME_LIMIT)
    culture = models.ForeignKey(
        "culture.Culture", to_field="key", db_column="culture", null=True, blank=True, on_delete=models.PROTECT
    )
    house = models.ForeignKey(HouseReference, null=True, blank=True, on_delete=models.RESTRICT, related_name="matrices")
    is_archived = models.BooleanField(default=False)
    asides = models.JSONField(default=dict)
    rules_off = models.JSONField(default=list)
    revision = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MatrixQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=NAME_LIMIT)
    origin = models.CharField(max_length=80, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """`people` lists the names of those who fill it, as somebody typed them; `members` the ids of users who fill it,
    of whom `answers` is the one who answers for it, or null. `contact` says how to reach them: an address, a page, a
    channel. `headcount` is null until somebody states it."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField(max_length=NAME_LIMIT)
    short = models.CharField(max_length=12, blank=True)
    origin = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=NAME_LIMIT, blank=True)
    contact = models.CharField(max_length=NAME_LIMIT, blank=True, db_default="")
    people = models.JSONField(default=list)
    members = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    answers = models.BigIntegerField(null=True, blank=True)
    headcount = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class Activity(models.Model):
    """`people` lists {role, name, task}; `departures` maps "role:reference key" to why that cell's level is kept (see
    departures.py); `revision` is the matrix revision that last touched the row."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="activities")
    stage = models.ForeignKey(Stage, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities")
    name = models.CharField(max_length=NAME_LIMIT)
    origin = models.CharField(max_length=80, blank=True)
    description = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    deliverer = models.ForeignKey(Role, on_delete=models.SET_NULL, null=True, blank=True, related_name="delivers")
    people = models.JSONField(default=list)
    departures = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    position = models.PositiveIntegerField()
    revision = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A cell that is not blank."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="assignments")
    level = models.CharField(max_length=1, choices=[(level.value, level.name.title()) for level in Level])

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("activity", "role"), name="one_level_a_cell"),
            models.UniqueConstraint(fields=("activity",), condition=Q(level="L"), name="one_lead_an_activity"),
            models.CheckConstraint(condition=Q(level__in=[level.value for level in Level]), name="level_known"),
        )

    def __str__(self) -> str:
        return f"{self.activity_id}/{self.role_id}: {self.level}"


class Change(models.Model):
    """One entry of the log.

    `edits` lists each touched row's values before and after (see edits.py); `names` gives the names of the roles and
    stages the edits point to, as they were then. `key` is the sender's, so that a repeated submission is applied once;
    `body` is a digest of what was sent with it.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="changes")
    revision = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    edits = models.JSONField()
    names = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="undone_by")
    key = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 - nulls differ from each other, "" would not
    body = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-revision",)
        constraints = (
            models.UniqueConstraint(fields=("matrix", "revision"), name="one_change_a_revision"),
            models.UniqueConstraint(fields=("by", "key"), name="one_change_a_key"),
        )

    DECIDED: ClassVar[frozenset[str]] = frozenset({"decide", "undecide"})  # by a review, which takes them back itself
    PERMANENT: ClassVar[frozenset[str]] = DECIDED | {"create", "archive", "unarchive", "house", "publish"}

    def __str__(self) -> str:
        return f"revision {self.revision}: {self.kind}"

    @property
    def can_be_undone(self) -> bool:
        return self.kind not in self.PERMANENT

    def touched(self) -> set[int]:
        """The ids of the activities this change touched."""
        return {edit["id"] for edit in self.edits if edit["table"] == "activity"}

    def is_structural(self) -> bool:
        """Whether more than cells and texts changed, so that showing the touched rows again is not enough."""
        return any(
            edit["table"] != "activity"
            or edit["before"] is None
            or edit["after"] is None
            or {"position", "stage_id"} & set(edit["after"])
            for edit in self.edits
        )

    def moved(self, table: str, row: int) -> bool:
        """Whether this change put that row elsewhere, rather than had it give way to others."""
        about: dict[str, str] = self.names.get("about", {})
        return about.get("moved") == f"{table}:{row}"

    def edit_of(self, table: str, row: int) -> dict[str, Any] | None:
        """What this change did to one row."""
        return next((edit for edit in self.edits if edit["table"] == table and edit["id"] == row), None)


class DraftLink(models.Model):
    """Lets whoever has the link look at a matrix as it stands, without an account. `key` is that of the form that made
    it, so that it is made once."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="draft_links")
    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="draft_link")
    name = models.CharField(max_length=NAME_LIMIT, blank=True, help_text="Whom it is for.")
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"link to {self.matrix}"


class Told(models.Model):
    """Up to which revision a member has been told what changed in a matrix."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    revision = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("matrix", "member"), name="told_once"),)

    def __str__(self) -> str:
        return f"{self.member} knows {self.matrix} up to {self.revision}"
