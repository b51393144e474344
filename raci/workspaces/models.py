"""A workspace is one organisation's own place; a member is a person in it, with an access level."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Access(models.TextChoices):
    """What a member may do, from least to most. Never called a role: roles are columns."""

    VIEWER = "viewer", "Viewer"
    REVIEWER = "reviewer", "Reviewer"
    EDITOR = "editor", "Editor"
    OWNER = "owner", "Owner"

    @property
    def with_article(self) -> str:
        """As a sentence has it: a viewer, an editor."""
        return f"{'an' if self.value[0] in 'eo' else 'a'} {self.value}"

    def covers(self, needed: "Access") -> bool:
        """Whether this level may do what `needed` may."""
        order = list(Access)
        return order.index(self) >= order.index(needed)


class Mail(models.TextChoices):
    """When a member hears by mail of what concerns them."""

    AT_ONCE = "at-once", "At once"
    DAILY = "daily", "Once a day"
    NEVER = "never", "Never"


class Workspace(models.Model):
    """One with `deleted_at` is nobody's to use: its owners can restore it for a while, then it goes for good."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    access = models.CharField(max_length=10, choices=Access, default=Access.EDITOR)
    mail = models.CharField(max_length=10, choices=Mail, default=Mail.AT_ONCE, db_default=Mail.AT_ONCE)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("workspace", "user"), name="one_membership_each"),
            models.CheckConstraint(condition=models.Q(access__in=Access.values), name="member_access_known"),
            models.CheckConstraint(condition=models.Q(mail__in=Mail.values), name="member_mail_known"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}: {self.access}"

    def may(self, needed: Access) -> bool:
        return Access(self.access).covers(needed)


class Link(models.Model):
    """An unguessable link. Only the digest of its token is stored; see links.py."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign-in", "Sign in"
        ASSESSMENT = "assessment", "Answer an assessment"
        INVITATION = "invitation", "Join a workspace"
        DRAFT = "draft", "Look at a draft"
        SHARED = "shared", "Read what is published"
        LETTER = "letter", "Read a version and say so"
        CALENDAR = "calendar", "Subscribe to the calendar"
        POLL = "poll", "Answer a poll"

    purpose = models.CharField(max_length=20, choices=Purpose)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="links",
        help_text="Whom it signs in, or who made it.",
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="links", null=True, blank=True, help_text="Where it leads."
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="Or NO_END of links.py: it is open until it is revoked.")
    used_at = models.DateTimeField(null=True, blank=True, help_text="When a link that works once was used up.")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="When something was sent by it, or looked at.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} link for {self.user}"


class Invitation(models.Model):
    """Lets somebody join by a link. With an e-mail address it is that person's and works once; without one, it is for
    everyone who has it, until it ends or is revoked. Its link says who made it, when it ends and whether it is revoked.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="invitation")
    email = models.EmailField(blank=True)
    access = models.CharField(max_length=10, choices=Access)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(access__in=Access.values), name="invitation_access_known"),
        )

    def __str__(self) -> str:
        return f"invitation to {self.workspace} for {self.email or 'everyone who has it'}"


class AuditEvent(models.Model):
    """What happened to who may see a workspace. Written once, never changed: the database refuses it. `about` holds
    what the sentence needs beside the two people: names of things and levels of access, never of persons (see
    audit.py)."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audit_events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    whom = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    about = models.JSONField(default=dict)

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} in {self.workspace}"
