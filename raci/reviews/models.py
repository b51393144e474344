"""What is asked before a review, what is known of the rows beside who does what, and what a review decided.

Rows and roles of a matrix are named by their ids, not by foreign keys: one that is removed and brought back by an undo
is the same one, and what was said of it stands.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raci.grid.text import NAME_LIMIT
from raci.matrices.models import Change, Matrix
from raci.notices.models import Outbox
from raci.publishing.models import Version
from raci.workspaces.models import Link

from . import agreement
from .states import PollState, ReviewState

SAID = ("role", "nobody", "unknown")
ANSWERS = ("yes", "partly", "no")
QUESTIONS = ("done", "well", "on_time", "skill", "time")


class Poll(models.Model):
    """Asks people, each alone, who leads the activities of a matrix.

    `asked` is what it asks about, as it was when it was opened: {"activities": [{id, name, stage, description}],
    "roles": [{id, name}]}; it holds no level, so nothing made from it can tell who leads. `naming` says whether names
    are shown once it is closed. `result` is what was counted when it was closed (see agreement.py), {} until then.
    """

    class Naming(models.TextChoices):
        NAMED = "named", "With names"
        FUNCTION = "function", "By function"

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="polls")
    title = models.CharField(max_length=NAME_LIMIT)
    naming = models.CharField(max_length=10, choices=Naming, default=Naming.NAMED)
    state = models.CharField(max_length=10, default=PollState.OPEN.value)
    asked = models.JSONField()
    result = models.JSONField(default=dict)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(help_text="When it closes by itself.")
    closed_at = models.DateTimeField(null=True, blank=True)
    link = models.OneToOneField(
        Link, on_delete=models.SET_NULL, null=True, blank=True, related_name="poll", help_text="For whoever has it."
    )
    key = models.CharField(max_length=64, blank=True, help_text="Of the form that opened it: sent twice, opened once.")
    as_result: agreement.Result | None = None  # what was made of `result` (see evidence.py)

    class Meta:
        ordering = ("-opened_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(naming__in=["named", "function"]), name="poll_naming_known"),
            models.CheckConstraint(condition=Q(state__in=["open", "closed"]), name="poll_state_known"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == PollState.OPEN

    @property
    def is_named(self) -> bool:
        return self.naming == self.Naming.NAMED


class Respondent(models.Model):
    """Somebody who is asked: a member or an address that was sent a personal link (`link`, in `mail`), or whoever came
    by the link of the poll and is known by a token, of which `digest` is kept. All mails to one of them have the same
    link, so that none of them ends with the next.

    `role` is the role of the matrix they say they belong to, or null and `function` what else they work in; both are
    empty until `joined_at`. What counts are the answers of those with `submitted_at`. `address` is in lower case.
    An editor may leave out who came by the link: they count nowhere then. Where a poll is by function, whoever closes
    it takes all of them away once they are counted, with what they answered; of who has a token, that and whether they
    had sent something stays, in no order, so that they can be told that it is closed.
    """

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="respondents")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.EmailField(max_length=254, blank=True)
    name = models.CharField(max_length=NAME_LIMIT, blank=True)
    role = models.BigIntegerField(null=True, blank=True)
    function = models.CharField(max_length=NAME_LIMIT, blank=True)
    link = models.OneToOneField(Link, on_delete=models.SET_NULL, null=True, blank=True, related_name="respondent")
    mail = models.ForeignKey(Outbox, on_delete=models.SET_NULL, null=True, related_name="+")
    digest = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    is_left_out = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("poll", "user"), name="asked_once_a_member"),
            models.UniqueConstraint(fields=("poll", "address"), condition=~Q(address=""), name="asked_once_an_address"),
            models.UniqueConstraint(fields=("digest",), condition=~Q(digest=""), name="asked_once_a_token"),
        )

    def __str__(self) -> str:
        return f"{self.name or self.address or 'somebody'} in {self.poll}"

    @property
    def is_known(self) -> bool:
        """Whether they are a member or were asked, and did not only come by the link."""
        return self.user_id is not None or bool(self.address)


class Asking(models.Model):
    """That an address was sent a mail with a poll of this matrix, and when. `sign` is made of the address by what only
    this Remit knows, so that it tells nobody which it is; it is kept for a day, also where the poll has forgotten whom
    it asked, so that nobody gets one poll after the other."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="+")
    sign = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("matrix", "sign"), name="asked_by_mail_once_a_day"),)

    def __str__(self) -> str:
        return f"somebody was asked about {self.matrix} at {self.at:%Y-%m-%d %H:%M}"


class Answer(models.Model):
    """What somebody says of one activity: which role leads it (`lead`, where `said` is "role"), nobody, or that they
    don't know; and, where they say so, whether it is done, done well and on time, and whether the role they named has
    the skill and the time to lead it ("" where they say nothing)."""

    respondent = models.ForeignKey(Respondent, on_delete=models.CASCADE, related_name="answers")
    activity = models.BigIntegerField()
    said = models.CharField(max_length=10)
    lead = models.BigIntegerField(null=True, blank=True)
    done = models.CharField(max_length=6, blank=True)
    well = models.CharField(max_length=6, blank=True)
    on_time = models.CharField(max_length=6, blank=True)
    skill = models.CharField(max_length=6, blank=True)
    time = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("respondent", "activity"), name="answered_once_an_activity"),
            models.CheckConstraint(
                condition=Q(said="role", lead__isnull=False) | Q(said__in=["nobody", "unknown"], lead__isnull=True),
                name="answer_names_a_lead_or_none",
            ),
            *(
                models.CheckConstraint(condition=Q(**{f"{question}__in": ["", *ANSWERS]}), name=f"answer_{question}")
                for question in QUESTIONS
            ),
        )

    def __str__(self) -> str:
        return f"{self.respondent} on activity {self.activity}"


class Evidence(models.Model):
    """What is known of the rows of one matrix, beside who does what. One row, which is read together with its matrix.

    `poll` is the last one that was closed; `settled` lists the ids of the activities that were decided upon since.
    `health` maps activity ids, as text, to questions to what an editor set, the latest first: {answer, note, on, by,
    at}, with the role that skill and time are about. `ratings` maps "activity:role" to how that role rates itself,
    {skill, time, note, on, by, at, was}: skill and time are 1 to 5 or null, `was` is the rating before it. `at` tells
    one entry from another.
    `wrong` maps activity ids, as text, to what the last look-back said of rows that had turned out wrong.
    """

    matrix = models.OneToOneField(Matrix, on_delete=models.CASCADE, related_name="evidence")
    poll = models.ForeignKey(Poll, on_delete=models.SET_NULL, null=True, related_name="+")
    settled = models.JSONField(default=list)
    health = models.JSONField(default=dict)
    ratings = models.JSONField(default=dict)
    wrong = models.JSONField(default=dict)
    as_healths: Any = None  # what was made of it for one grid (see evidence.py)

    def __str__(self) -> str:
        return f"what is known of {self.matrix}"


class Review(models.Model):
    """One session in which a team goes through a matrix.

    `item` is what is on the screen, since `shown_at`; `step` is raised by whatever its followers should see. `result`
    and `result_revision` are the digest of the grid that is put up for signing, and the revision at which it stood;
    "" and null until it ends. `figures` is how things stood at its end (see trends.py). `moves` counts how often what
    calendars show of it was changed, which they need, and `moved_at` is when that was last.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="reviews")
    title = models.CharField(max_length=NAME_LIMIT)
    state = models.CharField(max_length=10, default=ReviewState.PLANNED.value)
    planned_at = models.DateTimeField()
    minutes = models.PositiveIntegerField(default=60)
    place = models.CharField(max_length=NAME_LIMIT, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    moves = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(default=timezone.now)
    poll = models.ForeignKey(Poll, on_delete=models.SET_NULL, null=True, blank=True, related_name="reviews")
    item = models.ForeignKey("Item", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    shown_at = models.DateTimeField(null=True, blank=True)
    step = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=64, blank=True)
    result_revision = models.BigIntegerField(null=True, blank=True)
    sign_by = models.DateField(null=True, blank=True)
    figures = models.JSONField(default=dict)
    version = models.ForeignKey(Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="reviews")
    key = models.CharField(max_length=64, blank=True, help_text="Of the form that planned it: sent twice, made once.")

    class Meta:
        ordering = ("-planned_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["planned", "running", "paused", "ended", "published", "cancelled"]),
                name="review_state_known",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=1440), name="review_minutes_sane"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def held_at(self) -> datetime:
        """When it ended, or began; until then, when it is planned."""
        return self.ended_at or self.started_at or self.planned_at


class Participant(models.Model):
    """A member who is asked to a session; `came_at` is when they first followed it."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    came_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("review", "user"), name="takes_part_once"),)

    def __str__(self) -> str:
        return f"{self.user} in {self.review}"


class Item(models.Model):
    """One activity on the agenda of a session. `reasons` says why, the worst first: {rule, text} each, and `raci`
    where the words of RACI are others (see agenda.py), [] where somebody put it there (`by_hand`). `seconds` is how
    long it was on the screen."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="items")
    activity = models.BigIntegerField()
    name = models.CharField(max_length=NAME_LIMIT)
    position = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)
    by_hand = models.BooleanField(default=False)
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (models.UniqueConstraint(fields=("review", "activity"), name="once_on_the_agenda"),)

    def __str__(self) -> str:
        return self.name


class Decision(models.Model):
    """What a session decided on one activity. `name`, `lead` and `lead_name` are as they were then.

    `change` is the entry of the log in which it stands. `owner` (or `owner_name`, who has no account here) finds out,
    or sees to what stays open, by `due`; `settled_at` and `outcome` are set once they did, or once a later
    session decided on the row, by the decision `settled_with`. One that was taken back, or decided anew, has
    `taken_back_at` and counts no more. `together` says that it was confirmed with the rest.
    """

    class Kind(models.TextChoices):
        KEEP = "keep", "Stays as it is"
        LEAD = "lead", "Another role leads"
        LEVELS = "levels", "Other levels"
        ASK = "ask", "Someone finds out"
        OPEN = "open", "Left open"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="decisions")
    activity = models.BigIntegerField()
    name = models.CharField(max_length=NAME_LIMIT)
    kind = models.CharField(max_length=10, choices=Kind)
    lead = models.BigIntegerField(null=True, blank=True)
    lead_name = models.CharField(max_length=NAME_LIMIT, blank=True)
    note = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    owner_name = models.CharField(max_length=NAME_LIMIT, blank=True)
    due = models.DateField(null=True, blank=True)
    together = models.BooleanField(default=False)
    change = models.ForeignKey(Change, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="settles")
    outcome = models.CharField(max_length=NAME_LIMIT, blank=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("review", "activity"), condition=Q(taken_back_at=None), name="decided_once_an_activity"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["keep", "lead", "levels", "ask", "open"]), name="decision_kind_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to see to it."""
        return self.kind in (self.Kind.ASK, self.Kind.OPEN) and self.taken_back_at is None and self.settled_at is None


class Result(models.Model):
    """A grid that a session put up for signing: what its matrix was at `revision`, and the digest of that (see
    raci.publishing.versions). What is changed afterwards is another result, and nobody has signed it. `besides` lists
    the rows in it that were changed without a decision (see besides.py). `decided` tells the decisions that stood with
    it from others; `at` is since when it is put up with those. `again` maps the ids of roles, as text, to {by, at}: who
    signed for them once more, and when; a signature itself is never changed (see put_ups.py)."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="results")
    digest = models.CharField(max_length=64)
    revision = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    besides = models.JSONField(default=list)
    decided = models.CharField(max_length=64, blank=True)
    again = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("review", "digest"), name="put_up_once"),)

    def __str__(self) -> str:
        return f"result of {self.review} at revision {self.revision}"


class LookBack(models.Model):
    """What the team said when it looked back on a version: `wrong` maps the ids of the activities that had turned out
    wrong, as text, to {name, note}."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="look_backs")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    wrong = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"look back on {self.version} of {self.matrix}"
