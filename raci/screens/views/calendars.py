"""The calendar of a workspace: when each matrix is reviewed next, and the sessions that are planned, as a page and for
calendar programs."""

import hashlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_GET, require_POST, require_safe

from raci.publishing import subscriptions
from raci.publishing.calendars import calendar_file, entries_of, matrices_of
from raci.reviews.calendars import appointments_of, coming
from raci.screens import guest_links
from raci.screens.calendar_page import lines_of
from raci.web import days
from raci.web.routes import anyone
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.links import digest, note_look
from raci.workspaces.models import Access, Link

from .upkeep import CALENDAR

NEW = "calendar_new"  # the cookie that hands a new link to the page that shows it
GONE = "screens/calendar_link_gone.html"


@requires(Access.VIEWER)
@require_GET
def calendar(request: MemberRequest) -> HttpResponse:
    """All reviews by their days, and the reader's own link. One that was just made is shown this once."""
    link = subscriptions.link_of(request.member)
    token = request.COOKIES.get(NEW, "")
    is_new = link is not None and token != "" and digest(token) == link.digest
    address = request.build_absolute_uri(reverse("calendar_link", args=[token])) if is_new else ""
    matrices = matrices_of(request.workspace)
    entries = entries_of(matrices)
    known = {entry.matrix.pk for entry in entries}
    context = {
        "lines": lines_of(entries, days.today()),
        "sessions": coming(request.workspace),
        "unpublished": [matrix for matrix in matrices if matrix.pk not in known],
        "own": link,
        "link": address,
        "subscribe": f"webcal:{address.partition(':')[2]}" if address else "",
    }
    answer = render(request, "screens/calendar.html", context)
    if is_new:
        guest_links.show_once(answer, NEW, "", request.path)
    return answer


@requires(Access.VIEWER)
@require_POST
def calendar_link_new(request: MemberRequest) -> HttpResponse:
    token = subscriptions.subscribe(by=request.member)
    answer = redirect("calendar", request.workspace.pk)
    guest_links.show_once(answer, NEW, token, answer.headers["Location"])
    return answer


@requires(Access.VIEWER)
@require_POST
def calendar_link_revoke(request: MemberRequest) -> HttpResponse:
    subscriptions.unsubscribe(by=request.member)
    messages.success(request, "The link is revoked. No calendar reads by it any more.")
    return redirect("calendar", request.workspace.pk)


@anyone
@require_safe
def calendar_link(request: HttpRequest, link: str) -> HttpResponse:
    """The reviews of a workspace for whoever has the link, to be asked for again and again."""
    found = subscriptions.opened_by(link)
    if found is None or found.workspace is None:
        return guest_links.without_address(guest_links.turned_away(request, Link.Purpose.CALENDAR, link, GONE))
    note_look(found)
    name = f"Reviews of {found.workspace.name}"
    entries, appointments = entries_of(matrices_of(found.workspace)), appointments_of(found.workspace)
    content = calendar_file(entries, name=name, appointments=appointments)
    answer = HttpResponse(content, content_type=CALENDAR)
    answer.headers["Content-Disposition"] = 'inline; filename="reviews.ics"'
    answer.headers["ETag"] = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    final = get_conditional_response(request, etag=answer.headers["ETag"], response=answer) or answer
    guest_links.without_address(final)
    final.headers["Cache-Control"] = "private, no-cache"  # it asks again each time, and is told if nothing changed
    return final
