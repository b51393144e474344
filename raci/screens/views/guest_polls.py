"""A poll for whoever is asked, by a link and without an account: where they work, then activity by activity, then what
they said as a whole, to be sent. Nothing here reads the matrix."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from raci.publishing import stopping
from raci.reviews import answering
from raci.reviews.answering import Given, answers_of
from raci.reviews.models import Poll
from raci.screens.asked import posted
from raci.screens.guest_links import without_address
from raci.screens.polls.guest_forms import HealthForm, WhereForm, chosen
from raci.screens.polls.guest_page import Sitting, given_of, works_in
from raci.screens.polls.guests import (
    GuestRequest,
    address_of,
    came_back,
    for_guests,
    forget_guest,
    gone,
    known,
    opened_by_link,
    remember_guest,
    remember_link,
    stops,
    turned_away,
)
from raci.web import limits
from raci.web.refusals import Conflict, Gone, Malformed, Refused
from raci.web.routes import anyone
from raci.workspaces.links import digest, is_token, new_token
from raci.workspaces.models import Member


@anyone
@require_safe
def poll_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where a link leads: that of a poll, one in a mail, or one's own. The token moves into a cookie."""
    return without_address(_led(request, link))  # no page with a form stands here


@require_http_methods(["GET", "POST"])
@for_guests
def guest_poll(request: GuestRequest) -> HttpResponse:
    """Says what is asked and how names are treated, before anything is; asks where somebody works; then gives the
    overview of what they have answered. Never what others answered."""
    guest = request.guest
    if request.method == "GET" and _is_through(request):
        return _standing(request)
    token = request.POST.get("key", "") if request.method == "POST" else new_token()
    if not is_token(token):
        raise Malformed
    form = WhereForm(posted(request), poll=guest.poll, respondent=guest.respondent)
    if request.method == "POST" and form.is_valid():
        return _introduced(request, form, token)
    return _welcome(request, form, token)


@require_http_methods(["GET", "POST"])
@for_guests
def guest_poll_activity(request: GuestRequest, activity: int) -> HttpResponse:
    """One activity: who leads it? Where they like, also how it is going, once they have said who does."""
    guest, respondent = request.guest, request.guest.respondent
    asked = request.POST if request.method == "POST" else request.GET
    if respondent is None or (request.method == "GET" and not (respondent.joined_at and guest.poll.is_open)):
        return redirect("guest_poll", poll=guest.poll.pk)
    sitting = Sitting(guest.poll, answers_of(respondent), how="how" in asked)
    if not sitting.number(activity):
        raise Http404
    if request.method == "GET":
        return _activity(request, sitting, activity)
    try:
        return _kept(request, sitting, activity)
    except Conflict as conflict:  # closed, or names are treated in another way by now
        return _standing(request, conflict)


@require_POST
@for_guests
def guest_poll_send(request: GuestRequest) -> HttpResponse:
    """Sends what they have answered."""
    if request.guest.respondent is None:
        return redirect("guest_poll", poll=request.guest.poll.pk)
    try:
        answering.submit(respondent=request.guest.respondent.pk)
    except Refused as refused:
        return _standing(request, refused)
    return redirect("guest_poll", poll=request.guest.poll.pk)


@require_POST
@for_guests
def guest_poll_other(request: GuestRequest) -> HttpResponse:
    """Somebody else sits at this browser: it knows the one before no more. What they answered stays."""
    answer = redirect("guest_poll", poll=request.guest.poll.pk)
    forget_guest(answer, request.guest.poll)
    return answer


@csrf_exempt
@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def poll_stop(request: HttpRequest, link: str) -> HttpResponse:
    """No more polls, letters and reminders to that address; the same as guest_letters.letter_stop, by the token in a
    mail of a poll, which works when the poll is closed and has forgotten whom it asked."""
    found = stops(link)
    if found is None:
        return without_address(turned_away(request, link))
    workspace, address = found
    if request.method == "POST":
        change = stopping.resume if "again" in request.POST else stopping.stop
        change(workspace.pk, address)
    context = {
        "workspace": workspace,
        "address": address,
        "is_done": stopping.wants_none(workspace.pk, address),
        "is_back": "again" in request.POST,
    }
    return without_address(render(request, "screens/letter_stop.html", context))


def _led(request: HttpRequest, token: str) -> HttpResponse:
    respondent = known(token)
    if respondent is not None:
        own = redirect("guest_poll", poll=respondent.poll_id)
        remember_guest(own, respondent.poll, token)
        return own
    poll = Poll.objects.select_related("matrix").filter(link__digest=digest(token)).first()
    if poll is None:
        return turned_away(request, token)
    if Member.objects.filter(workspace=poll.matrix.workspace_id, user=request.user.pk or 0).exists():
        return redirect("poll", workspace=poll.matrix.workspace_id, matrix=poll.matrix_id, poll=poll.pk)
    own = redirect("guest_poll", poll=poll.pk)
    found = opened_by_link(token)
    if found is not None:
        remember_link(own, found, token)
        return own
    return own if came_back(request, poll) else gone(request)


def _is_through(request: GuestRequest) -> bool:
    """Whether somebody has said where they work, and does not want to change that, or can't say it any more."""
    poll, respondent = request.guest.poll, request.guest.respondent
    if respondent is None:
        return False
    return not poll.is_open or bool(respondent.joined_at and "who" not in request.GET)


def _introduced(request: GuestRequest, form: WhereForm, token: str) -> HttpResponse:
    """They have said where they work: on to the first activity without an answer."""
    guest, about = request.guest, form.about(request.POST.get("told", ""))
    if guest.respondent is None and not limits.count(request, "join"):
        return limits.too_many(request)
    try:
        if guest.respondent is not None:
            respondent = answering.introduce(respondent=guest.respondent.pk, about=about)
        else:
            respondent = answering.join(link_token=guest.link, about=about, token=token)
    except Gone:  # revoked or closed since the page was opened
        return gone(request)
    except Conflict as conflict:
        return _standing(request, conflict)
    answer = redirect(Sitting(respondent.poll, answers_of(respondent)).first_open)
    if guest.respondent is None:
        remember_guest(answer, respondent.poll, token)
    return answer


def _kept(request: GuestRequest, sitting: Sitting, activity: int) -> HttpResponse:
    """Keeps what was pressed, and goes on; after saying who leads it, first to how it is going where they say that."""
    before = given_of(sitting.answers.get(activity))
    if "choice" in request.POST:
        given, following = _with_health(chosen(request.POST["choice"]), before), sitting.after(activity)
        if sitting.how and given.said != "unknown":
            following = f"{sitting.url(activity)}#how"
    elif before is not None:
        form = HealthForm(request.POST, lead=_lead_name(sitting, before), given=before)
        if not form.is_valid():
            raise Malformed
        given, following = replace(before, health=form.cleaned_data), sitting.after(activity)
    else:
        raise Malformed
    told, respondent = request.POST.get("told", ""), request.guest.respondent
    if respondent is not None:
        answering.answer(respondent=respondent.pk, activity=activity, given=given, told=told)
    return redirect(following)


def _with_health(given: Given, before: Given | None) -> Given:
    """What they said before of how it goes stays; of the Lead, where it is the same one."""
    health = dict(before.health) if before else {}
    if before is None or before.lead != given.lead:
        health |= {"skill": "", "time": ""}
    return replace(given, health=health)


def _activity(request: GuestRequest, sitting: Sitting, activity: int) -> HttpResponse:
    number = sitting.number(activity)
    given = given_of(sitting.answers.get(activity))
    context = {
        "poll": sitting.poll,
        "activity": sitting.activities[number - 1],
        "number": number,
        "total": len(sitting.activities),
        "choices": sitting.choices(activity),
        "is_answered": given is not None,
        "how": sitting.how,
        "how_url": replace(sitting, how=not sitting.how).url(activity),
        "health": HealthForm(lead=_lead_name(sitting, given), given=given) if sitting.how and given else None,
        "here": sitting.url(activity),  # without the place in the page, where the next one would open
        "before": sitting.before(activity),
        "after": sitting.after(activity),
        "start": sitting.start,
    }
    return render(request, "screens/guest_poll_activity.html", context)


def _lead_name(sitting: Sitting, given: Given) -> str:
    """The role they named, "" where they named none."""
    return next((each.name for each in sitting.choices(0) if each.value == f"role:{given.lead}"), "")


def _welcome(
    request: GuestRequest, form: WhereForm, token: str, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    guest = request.guest
    context = {
        "poll": guest.poll,
        "opener": guest.poll.opened_by,
        "respondent": guest.respondent,
        "activities": len(guest.poll.asked["activities"]),
        "form": form,
        "key": token,
        "refused": refused,
    }
    status = refused.status if refused else 422 if form.errors else status
    return render(request, "screens/guest_poll.html", context, status=status)


def _standing(request: GuestRequest, refused: Refused | None = None) -> HttpResponse:
    """How things stand for somebody who is known, as they are by now."""
    guest = request.guest
    poll = Poll.objects.select_related("opened_by", "link").get(pk=guest.poll.pk) if refused else guest.poll
    respondent = known(guest.own, poll.pk)
    if poll.is_open and (respondent is None or respondent.joined_at is None):
        request.guest = replace(guest, poll=poll, respondent=respondent)
        form = WhereForm(None, poll=poll, respondent=respondent)
        return _welcome(request, form, new_token(), refused)
    if respondent is None:
        return gone(request)
    sitting = Sitting(poll, answers_of(respondent))
    context = {
        "poll": poll,
        "opener": poll.opened_by,
        "respondent": respondent,
        "works_in": works_in(respondent),
        "rows": sitting.rows(),
        "given": len(sitting.activities) - sitting.left,
        "left": sitting.left,
        "first_open": sitting.first_open,
        "own_address": address_of(guest.own),
        "may_others_join": opened_by_link(guest.link) == poll,
        "refused": refused,
    }
    return render(request, "screens/guest_poll_standing.html", context, status=refused.status if refused else 200)
