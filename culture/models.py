"""The catalogue in the database, so that other rooms can point at it; only migrations write it (see seed.py).

After it the assessments, which asking.py writes, and the advice on product marketing, which advising.py does.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.conf import settings
from django.db import models

from raci.grid.grid import Activity, Grid, Role, Stage
from raci.grid.levels import Level
from raci.grid.text import NAME_LIMIT
from raci.workspaces.models import Link, Workspace

from .catalogue import REASON_LIMIT
from .entries import Function
from .files import KEY_LIMIT


class Culture(models.Model):
    """An organisation's approach to products: led by its technology, its sales or its market."""

    key = models.CharField(max_length=KEY_LIMIT, unique=True)
    name = models.CharField(max_length=NAME_LIMIT)
    summary = models.CharField(max_length=NAME_LIMIT)
    strategy = models.CharField(max_length=NAME_LIMIT)
    suits = models.JSONField(help_text="A list of lines: where the culture often works.")
    danger = models.CharField(max_length=NAME_LIMIT)
    note = models.TextField(blank=True, help_text="How to read its reference.")
    position = models.PositiveBigIntegerField(unique=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """How one function of a culture describes itself; read without the culture's name."""

    culture = models.ForeignKey(Culture, on_delete=models.CASCADE, related_name="statements")
    function = models.CharField(
        max_length=KEY_LIMIT, choices=[(function.value, function.label) for function in Function]
    )
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["culture", "function"], name="statement_once_per_function"),
            models.CheckConstraint(
                condition=models.Q(function__in=[function.value for function in Function]),
                name="statement_function_known",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class CatalogueStage(models.Model):
    """A group of activities, from finding a market to learning from it."""

    key = models.CharField(max_length=KEY_LIMIT, unique=True)
    name = models.CharField(max_length=NAME_LIMIT, unique=True)
    position = models.PositiveBigIntegerField(unique=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class CatalogueRole(models.Model):
    """A role a matrix may take as a column."""

    key = models.CharField(max_length=KEY_LIMIT, unique=True)
    name = models.CharField(max_length=NAME_LIMIT, unique=True)
    short = models.CharField(max_length=20)
    purpose = models.CharField(max_length=NAME_LIMIT)
    position = models.PositiveBigIntegerField(unique=True)
    in_references = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class CatalogueActivity(models.Model):
    """An activity a matrix may take as a row. A Lead is proposed only where a source names one."""

    key = models.CharField(max_length=KEY_LIMIT, unique=True)
    name = models.CharField(max_length=NAME_LIMIT, unique=True)
    stage = models.ForeignKey(CatalogueStage, on_delete=models.PROTECT, related_name="activities")
    help = models.CharField(max_length=NAME_LIMIT)
    position = models.PositiveBigIntegerField(unique=True)
    in_references = models.BooleanField(default=False)
    proposed_lead = models.ForeignKey(
        CatalogueRole, on_delete=models.PROTECT, related_name="proposed_for", null=True, blank=True
    )

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "catalogue activities"

    def __str__(self) -> str:
        return self.name


class ReferenceQuerySet(models.QuerySet["Reference"]):
    """References turned into values, in as many queries for three as for one."""

    def grids(self) -> dict[int, Grid]:
        """Reference id -> grid, in the order of this queryset; five queries."""
        cultures = dict(self.values_list("pk", "culture__key"))
        cells: dict[int, dict[int, dict[int, Level]]] = defaultdict(lambda: defaultdict(dict))
        rows = ReferenceLevel.objects.filter(reference__in=cultures).order_by("activity__position", "role__position")
        for reference, activity, role, level in rows.values_list(
            "reference", "activity__position", "role__position", "level"
        ):
            cells[reference][activity][role] = Level(level)
        stages, activities, roles = _stages(), _activities(), _roles()
        return {
            pk: Grid(activities=activities, roles=roles, stages=stages, cells=dict(cells[pk]), culture=culture)
            for pk, culture in cultures.items()
        }

    def reasons(self) -> dict[int, Mapping[int, str]]:
        """Reference id -> activity id in its grid -> why the Lead leads it; one query."""
        result: dict[int, dict[int, str]] = defaultdict(dict)
        rows = ReferenceReason.objects.filter(reference__in=self).order_by("activity__position")
        for reference, activity, text in rows.values_list("reference", "activity__position", "text"):
            result[reference][activity] = text
        return dict(result)


class Reference(models.Model):
    """An example of who does what: guidance to weigh, never a rule."""

    culture = models.OneToOneField(Culture, on_delete=models.CASCADE, related_name="reference")

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ["culture__position"]

    def __str__(self) -> str:
        return f"{self.culture.name} reference"

    def grid(self) -> Grid:
        """This reference as a Grid: ids are catalogue positions, origins are keys."""
        return Reference.objects.filter(pk=self.pk).grids()[self.pk]


class ReferenceLevel(models.Model):
    """How far a role is involved in an activity of a reference."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="levels")
    activity = models.ForeignKey(CatalogueActivity, on_delete=models.PROTECT, related_name="reference_levels")
    role = models.ForeignKey(CatalogueRole, on_delete=models.PROTECT, related_name="reference_levels")
    level = models.CharField(max_length=1, choices=[(level.value, level.name.capitalize()) for level in Level])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "activity", "role"], name="reference_one_level_per_cell"),
            models.UniqueConstraint(
                fields=["reference", "activity"],
                condition=models.Q(level=Level.LEAD.value),
                name="reference_one_lead_per_activity",
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=[level.value for level in Level]), name="reference_level_known"
            ),
        ]

    def __str__(self) -> str:
        return self.level


class ReferenceReason(models.Model):
    """Why the Lead of an activity leads it in a reference: one line."""

    reference = models.ForeignKey(Reference, on_delete=models.CASCADE, related_name="reasons")
    activity = models.ForeignKey(CatalogueActivity, on_delete=models.PROTECT, related_name="reference_reasons")
    text = models.CharField(max_length=REASON_LIMIT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reference", "activity"], name="reference_one_reason_per_activity"),
        ]

    def __str__(self) -> str:
        return self.text


class Assessment(models.Model):
    """One round of the four questions. With `asks_others` any member, and whoever has its link, may answer too."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="assessments")
    title = models.CharField(max_length=NAME_LIMIT)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    asks_others = models.BooleanField(default=False)
    link = models.OneToOneField(Link, on_delete=models.SET_NULL, null=True, blank=True, related_name="assessment")
    closed_at = models.DateTimeField(null=True, blank=True)
    is_shared = models.BooleanField(default=False, help_text="Guests who answered may read the result.")
    key = models.CharField(max_length=64, blank=True, help_text="Of the form that opened it: sent twice, opened once.")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "opened_by", "key"], condition=~models.Q(key=""), name="assessment_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Respondent(models.Model):
    """Somebody who answers: a member, or a guest who came by the link and is known by a token of their own.

    Of the token only the digest is kept, "" for members. `group` is the function a guest says they work in.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="respondents")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=NAME_LIMIT)
    group = models.CharField(max_length=NAME_LIMIT, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    joined_at = models.DateTimeField()
    is_set_aside = models.BooleanField(
        default=False, help_text="Counts nowhere; whoever manages the assessment may change it."
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "user"], name="respondent_once_per_user"),
            models.UniqueConstraint(fields=["digest"], condition=~models.Q(digest=""), name="respondent_digest_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What somebody chose for one function: the culture that fits best (None: none fits), and perhaps another."""

    respondent = models.ForeignKey(Respondent, on_delete=models.CASCADE, related_name="answers")
    function = models.CharField(
        max_length=KEY_LIMIT, choices=[(function.value, function.label) for function in Function]
    )
    first = models.ForeignKey(Culture, on_delete=models.PROTECT, to_field="key", null=True, related_name="+")
    second = models.ForeignKey(
        Culture, on_delete=models.PROTECT, to_field="key", null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["respondent", "function"], name="answer_once_per_function"),
            models.CheckConstraint(
                condition=models.Q(function__in=[function.value for function in Function]),
                name="answer_function_known",
            ),
            models.CheckConstraint(
                condition=models.Q(second=None) | (models.Q(first__isnull=False) & ~models.Q(second=models.F("first"))),
                name="answer_second_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function}: {self.first_id or 'none fits'}"


class Advice(models.Model):
    """What a workspace once answered about its product marketing; what follows from it stands in advice.py."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="advice")
    answers = models.JSONField(help_text="As culture.advice.Answers writes them.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "advice"

    def __str__(self) -> str:
        return f"Advice of {self.at:%Y-%m-%d}"


class Sign(models.Model):
    """A sign, seen by somebody, that product marketing works; `key` is one of data/advice.toml."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="signs")
    key = models.CharField(max_length=KEY_LIMIT)
    ticked_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="sign_once_per_workspace")]

    def __str__(self) -> str:
        return self.key


def _stages() -> tuple[Stage, ...]:
    rows = CatalogueStage.objects.values_list("position", "name", "key")
    return tuple(Stage(position, name, origin=key) for position, name, key in rows)


def _activities() -> tuple[Activity, ...]:
    rows = CatalogueActivity.objects.filter(in_references=True)
    return tuple(
        Activity(position, name, stage, origin=key, description=text)
        for position, name, stage, key, text in rows.values_list("position", "name", "stage__position", "key", "help")
    )


def _roles() -> tuple[Role, ...]:
    rows = CatalogueRole.objects.filter(in_references=True)
    return tuple(
        Role(position, name, short, origin=key, purpose=purpose)
        for position, name, short, key, purpose in rows.values_list("position", "name", "short", "key", "purpose")
    )
