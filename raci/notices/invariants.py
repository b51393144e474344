"""What must hold of all mail."""

from django.db.models import Q

from .models import Outbox


def broken() -> list[str]:
    """Nothing that was told is kept, once it was sent or has failed."""
    done = Outbox.objects.filter(~Q(sent_at=None) | ~Q(failed_at=None)).exclude(subject="", text="", html="")
    return [f"Mail {pk} is done and still has its text" for pk in done.order_by("pk").values_list("pk", flat=True)]
