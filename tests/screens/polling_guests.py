"""Short ways to answer a poll in a browser, as people do who came by a link."""

import re

from django.core import mail
from django.urls import reverse

from raci.notices.sending import send_due
from raci.reviews.asking import ask
from raci.reviews.models import Poll
from raci.workspaces.links import new_token
from tests.reviews.respondents import asked

MEI = "mei@example.org"


def link(token) -> str:
    return reverse("poll_link", args=[token])


def page(poll) -> str:
    return reverse("guest_poll", args=[poll.pk])


def activity(poll, at=0) -> str:
    return reverse("guest_poll_activity", args=[poll.pk, asked(poll)[0][at]])


def join_as(client, poll, place="other", other="Legal", name="Gina Guest", **more):
    told = {"told": Poll.objects.get(pk=poll.pk).naming, "key": new_token()}
    return client.post(page(poll), {"name": name, "place": place, "other": other, **told, **more})


def says(client, poll, at=0, choice="nobody", told="named", **more):
    return client.post(activity(poll, at), {"choice": choice, "told": told, **more})


def sends(client, poll):
    return client.post(reverse("guest_poll_send", args=[poll.pk]))


def mailed(poll, editor, **whom) -> str:
    """The token of the personal link in the mail that arrives."""
    ask(poll=poll, by=editor, **(whom or {"pasted": MEI}))
    send_due()
    return re.search(r"/polls/([A-Za-z0-9_-]{43})/\n", mail.outbox[-1].body)[1]
