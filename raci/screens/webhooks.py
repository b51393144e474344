"""The webhooks of a matrix, as the page of a letter shows them: each with what became of the letter there."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.db.models import Prefetch

from raci.matrices.models import Matrix
from raci.publishing.models import Posting, Version, Webhook
from raci.publishing.webhooks import MOST
from raci.web.outgoing import ADDRESS_LIMIT


class WebhookForm(forms.Form):
    address = forms.CharField(
        label="Address of the webhook",
        help_text="Your chat tool makes it, as an incoming webhook. It is as good as a key, so it is not shown again.",
        max_length=ADDRESS_LIMIT,
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "https://"}),
        error_messages={
            "required": "Paste the address your chat tool gave you.",
            "max_length": f"An address has up to {ADDRESS_LIMIT:,} characters.",
        },
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One webhook. `posting` is what it is told of the version, None where nobody has posted it there; `has_twin` says
    whether another one has its host, so that the day has to tell them apart."""

    webhook: Webhook
    posting: Posting | None
    has_twin: bool

    @property
    def is_told(self) -> bool:
        return self.posting is not None and self.posting.sent_at is not None

    @property
    def has_failed(self) -> bool:
        return self.posting is not None and self.posting.failed_at is not None

    @property
    def is_delayed(self) -> bool:
        """Whether it failed for now, and is tried again."""
        return self.posting is not None and not self.is_told and not self.has_failed and bool(self.posting.error)


@dataclass(frozen=True, slots=True)
class Webhooks:
    lines: Sequence[Line]
    form: WebhookForm

    @property
    def has_room(self) -> bool:
        return len(self.lines) < MOST

    @property
    def to_post(self) -> int:
        """How many of them a press on the button tells of the version."""
        return sum(line.posting is None or line.has_failed for line in self.lines)


def webhook_lines(matrix: Matrix, version: Version) -> Webhooks:
    """Two queries at most."""
    told = Prefetch("postings", Posting.objects.filter(version=version), to_attr="of_version")
    rows = list(Webhook.objects.filter(matrix=matrix).prefetch_related(told))
    hosts = Counter(row.host for row in rows)
    lines = [Line(row, next(iter(row.of_version), None), hosts[row.host] > 1) for row in rows]
    return Webhooks(lines, WebhookForm())
