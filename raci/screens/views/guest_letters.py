"""A version for whoever was sent its letter, without an account; saying that one has read it; and getting no more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raci.publishing import receipts
from raci.screens.asked import question_asked
from raci.screens.guest_links import unlisted, without_address
from raci.screens.received import LINK, card_of, mine, place_of, receipt_of, remember, turned_away
from raci.screens.shared import words
from raci.screens.sheet import sheet
from raci.web.routes import anyone


@anyone
@require_safe
def letter_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where a personal link leads. Nothing is noted: mail scanners open it too."""
    found = receipts.opened_by(link)
    if found is None:
        return without_address(turned_away(request, link))
    answer = redirect("received", receipt=found.pk)
    remember(answer, found, link)
    return without_address(answer)


@anyone
@require_safe
def received(request: HttpRequest, receipt: int) -> HttpResponse:
    """The version the letter was about, as everyone reads it, and what is the reader's own in it."""
    found = receipt_of(request, receipt)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))
    look, q = words(request), question_asked(request)
    shown = sheet(found.version, notation=look, shows_people=True)
    context = {
        "sheet": shown,
        "workspace": found.version.matrix.workspace,
        "inside": place_of(request.user, found.version),
        "ask": request.path,
        "q": q,
        "answers": shown.answers(q) if q else (),
        "own_card": card_of(found),
        "mine": mine(found, look),
    }
    return unlisted(render(request, "screens/received.html", context))


@anyone
@require_POST
def received_read(request: HttpRequest, receipt: int) -> HttpResponse:
    """They have read it, and say so."""
    found = receipt_of(request, receipt)
    if found is None:
        return turned_away(request, request.COOKIES.get(LINK, ""))
    receipts.read(found)
    return unlisted(redirect(reverse("received", args=[found.pk])))


@csrf_exempt
@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def letter_stop(request: HttpRequest, link: str) -> HttpResponse:
    """No more letters to that address. A mail program sends the POST by itself, without cookies, when its reader
    presses its button (RFC 8058); whoever opens the page is asked first.

    The token says whose wish it is, so nothing else could be forged here; it says so for good, also when the link opens
    nothing any more. `again` takes it back, which no mail program sends.
    """
    found = receipts.of_token(link)
    if found is None:
        return without_address(turned_away(request, link))
    if request.method == "POST":
        change = receipts.resume if "again" in request.POST else receipts.stop
        change(found)
    context = {
        "workspace": found.version.matrix.workspace,
        "address": found.address,
        "is_done": receipts.wants_none(found),
        "is_back": "again" in request.POST,
    }
    return without_address(render(request, "screens/letter_stop.html", context))
