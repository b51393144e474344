"""What people are told: mails on their way, and the notices that mails are made of."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from raci.workspaces.models import Link, Member, Workspace


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Outbox(models.Model):
    """One mail. For an address with a token in it, and for the name of a person, a sign stands until it is sent (see
    addresses.py and names.py); once it is sent it is emptied. `claimed_until` is how long nobody else takes it: it is
    being sent, or waits to be tried again. With `key`, the same mail is put once."""

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    link = models.ForeignKey(Link, on_delete=models.CASCADE, null=True, related_name="mails")
    view = models.CharField(max_length=50, blank=True, help_text="The route of the address with a token.")
    stop = models.CharField(
        max_length=50,
        blank=True,
        db_default="",
        help_text="The route, with the same token, by which its reader wants no more of the kind (RFC 8058).",
    )
    key = models.CharField(max_length=100, null=True, unique=True)  # noqa: DJ001 - nulls differ from each other, "" would not
    made_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why the last attempt failed.")

    class Meta:
        indexes = (
            models.Index(  # in the order in which they go, and with all that says whether they do (see queue.py)
                fields=("stop", "due_at", "id", "claimed_until"),
                condition=Q(sent_at=None, failed_at=None),
                name="mail_waiting_in_order",
            ),
        )

    def __str__(self) -> str:
        return f"mail to {self.to}"

    @property
    def state(self) -> State:
        if self.failed_at is not None:
            return State.FAILED
        return State.WAITING if self.sent_at is None else State.SENT


class Notice(models.Model):
    """Something a member should hear; `url` is the path of the page it is about. Signs stand in `text` for the names of
    persons (see names.py). `mailed_at` is when it went into a mail, or was passed over because the member wants none.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notices")
    text = models.TextField()
    url = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("member", "key"), name="told_of_it_once"),)
        indexes = (models.Index(fields=("member",), condition=Q(mailed_at=None), name="notice_unmailed"),)

    def __str__(self) -> str:
        return f"notice to {self.member}"
