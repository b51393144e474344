"""What was published, who was told, who has read it, and who signed.

A version never changes: the database refuses it, as it refuses one in which not exactly one role leads each activity
(triggers, see migration 0001). What comes after a version stands in rows of its own.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from raci.grid.grid import Grid
from raci.grid.text import NAME_LIMIT
from raci.matrices.models import Matrix
from raci.notices.models import Outbox
from raci.workspaces.models import Link, Workspace

MONTHS = 12  # between two reviews, unless somebody says otherwise


class Version(models.Model):
    """A matrix as it was agreed: `name` and `grid` (see raci.grid.plain) as they were at `revision`, which is what its
    publisher looked at; `logged` is the revision that says so in the log, and others may have changed the draft between
    the two. `digest` is that of the grid (see versions.py).

    `known` lists the errors it was published with, {key, rule, text, reason} each. `filled` lists the ids of the roles
    that somebody filled then.
    """

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    revision = models.BigIntegerField()
    logged = models.BigIntegerField()
    name = models.CharField(max_length=NAME_LIMIT)
    grid = models.JSONField()
    digest = models.CharField(max_length=64)
    filled = models.JSONField(default=list)
    note = models.TextField(blank=True)
    known = models.JSONField(default=list)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    as_grid: Grid | None = None  # what this process made of `grid`, once somebody asked for it (see versions.py)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("matrix", "number"), name="one_version_a_number"),
            models.UniqueConstraint(fields=("matrix", "revision"), name="one_version_a_revision"),
            models.UniqueConstraint(fields=("matrix", "logged"), name="logged_once"),
        )

    def __str__(self) -> str:
        return f"version {self.number}"

    def is_what_stands(self, revision: int) -> bool:
        """Whether nothing was changed up to this revision of the matrix, but that it was published."""
        return revision == self.logged == self.revision + 1

    @cached_property
    def before(self) -> "Version | None":
        """The one that people had until then, without its grid; None, and no query, for the first."""
        if self.number == 1:
            return None
        rows = Version.objects.filter(matrix=self.matrix_id, number__lt=self.number).defer("grid")
        return rows.order_by("-number").first()


class Publication(models.Model):
    """What is known of a matrix as something published: its latest version, and when it is to be looked at again.

    `months` is the time between two reviews, and `next_on` the day of the next one where that was chosen for `latest`.
    `changed_at` is when somebody last said that strategy or culture had changed, and `changed_why` what they said.
    `confirmed` maps activity ids, as text, to the keys of the events for which the row was confirmed since `latest`
    (see upkeep.py). `looked_back_at` is when the team looked back on its first version. `moves` counts how often the
    day of the next review was moved but by a version, `moved_at` is when that was last: calendars need both.
    """

    matrix = models.OneToOneField(Matrix, on_delete=models.CASCADE, related_name="publication")
    latest = models.ForeignKey(Version, on_delete=models.SET_NULL, null=True, related_name="+")
    months = models.PositiveIntegerField(default=MONTHS)
    next_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_why = models.CharField(max_length=NAME_LIMIT, blank=True)
    confirmed = models.JSONField(default=dict)
    looked_back_at = models.DateTimeField(null=True, blank=True)
    moves = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(months__gte=1, months__lte=60), name="review_interval_sane"),)

    def __str__(self) -> str:
        return f"what is published of {self.matrix}"


class SignOff(models.Model):
    """Who answers for a role agreed to its rows, as they stand in the grid with this digest: in each version that has
    it, and in no other. `name` is what the role was called."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="sign_offs")
    digest = models.CharField(max_length=64)
    role = models.BigIntegerField()
    name = models.CharField(max_length=NAME_LIMIT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=("matrix", "digest", "role"), name="signed_once"),)

    def __str__(self) -> str:
        return f"{self.name} signed"


class Letter(models.Model):
    """What a version tells everyone, as it was edited. `text` is "" while nobody has: then what the version changed is
    written for them (see letters.py). `minutes` is what the review that led to the version decided, and why; "" without
    one. `told_at` is when anybody was first told, in whatever way."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="letter")
    subject = models.CharField(max_length=NAME_LIMIT, blank=True)
    text = models.TextField(blank=True)
    minutes = models.TextField(blank=True, default="", db_default="")
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"letter about {self.version}"


class Receipt(models.Model):
    """One person told of one version, once: `link` is the one in the mail that told them, `reminder` that in the mail
    that reminded them. `address` is in lower case; `roles` lists the ids of the roles it told them of, [] for
    everyone. `read_at` is when they said that they have read it: opening the page says nothing."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="receipts")
    address = models.EmailField(max_length=254)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    roles = models.JSONField(default=list)
    link = models.OneToOneField(Link, on_delete=models.SET_NULL, null=True, related_name="receipt")
    mail = models.ForeignKey(Outbox, on_delete=models.SET_NULL, null=True, related_name="+")
    reminder = models.OneToOneField(Link, on_delete=models.SET_NULL, null=True, related_name="reminded")
    told_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("address", "id")
        constraints = (models.UniqueConstraint(fields=("version", "address"), name="told_of_a_version_once"),)

    def __str__(self) -> str:
        return f"{self.address} and {self.version}"


class Unsubscribed(models.Model):
    """An address, in lower case, that wants no letters of this workspace any more."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField(max_length=254)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "address"), name="unsubscribed_once"),)

    def __str__(self) -> str:
        return self.address


class SharedPage(models.Model):
    """Lets whoever has the link read what is published of a matrix, and nothing else: its latest version, or one.

    `kind` says what for: a page, a page to embed on one of `origins`, or a feed of versions. `shows_people` says
    whether it tells who fills each role and how to reach them. `name` says whom it is for. `key` is that of the form
    that made it, so that it is made once.
    """

    class Kind(models.TextChoices):
        PAGE = "page", "Page"
        EMBED = "embed", "Embedded page"
        FEED = "feed", "Feed"

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="shared_pages")
    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="shared_page")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAGE)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=NAME_LIMIT, blank=True)
    shows_people = models.BooleanField(default=False)
    origins = models.JSONField(default=list)
    key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=["page", "embed", "feed"]), name="shared_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.matrix}"


class Webhook(models.Model):
    """An address of a chat tool that is told of each version. It is as good as a key, so pages show its host alone;
    `address` is encrypted (see webhooks.py)."""

    matrix = models.ForeignKey(Matrix, on_delete=models.CASCADE, related_name="webhooks")
    host = models.CharField(max_length=253)
    address = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"webhook at {self.host}"


class Posting(models.Model):
    """What a webhook is told of a version, once; sent as mails are (see raci.notices)."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="postings")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="postings")
    text = models.TextField()
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("webhook", "version"), name="posted_once"),)

    def __str__(self) -> str:
        return f"{self.version} to {self.webhook}"
