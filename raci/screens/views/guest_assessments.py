"""An assessment for whoever came by its link, without an account: joining, the questions, and the result if shared."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from culture import asking
from culture.entries import Function
from culture.models import Assessment
from culture.scoring import Choice
from raci.screens.asked import posted
from raci.screens.assessments.forms import JoinForm
from raci.screens.assessments.guests import (
    GuestRequest,
    came_back,
    for_guests,
    forget_guest,
    gone,
    opened_by_link,
    remember_guest,
    remember_link,
    unknown,
)
from raci.screens.assessments.page import finished
from raci.screens.assessments.questions import Sitting, ask, first_open
from raci.screens.assessments.result import result_of
from raci.screens.guest_links import without_address
from raci.web import limits
from raci.web.refusals import Conflict, Gone, Malformed, Refused
from raci.web.routes import anyone
from raci.workspaces.links import digest, is_known, is_token, new_token
from raci.workspaces.models import Link, Member


@anyone
@require_GET
def assessment_link(request: HttpRequest, link: str) -> HttpResponse:
    """Where a link leads. The token moves into a cookie, so that it stands in no address from here on."""
    return without_address(_led(request, link))  # no page with a form stands here


@require_http_methods(["GET", "POST"])
@for_guests
def guest_assessment(request: GuestRequest) -> HttpResponse:
    """Says what is asked, and by whom; asks for a name; later tells how things stand. Never what others answered."""
    if request.guest.respondent is not None:
        return _go_on(request) if request.method == "POST" else _standing(request)
    form = JoinForm(posted(request))
    token = request.POST.get("key", "") if request.method == "POST" else new_token()
    if not is_token(token):
        raise Malformed
    if request.method == "POST" and form.is_valid():
        if not limits.count(request, "join"):
            return limits.too_many(request)
        return _join(request, form, token)
    context = {**_told(request.guest.assessment), "form": form, "key": token}
    return render(request, "screens/guest_assessment.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_guests
def guest_question(request: GuestRequest, function: str) -> HttpResponse:
    assessment, respondent = request.guest.assessment, request.guest.respondent
    start = reverse("guest_assessment", args=[assessment.pk])
    if respondent is None or (request.method == "GET" and not assessment.is_open):
        return redirect(start)

    def keep(function: Function, choice: Choice) -> None:
        asking.answer_as_guest(respondent=respondent, function=function, choice=choice)

    sitting = Sitting(
        assessment=assessment,
        seed=f"{assessment.pk}:guest:{respondent.pk}",
        chosen=asking.answers_of(respondent),
        keep=keep,
        url=lambda function: reverse("guest_question", args=[assessment.pk, function]),
        later=start,
        done=start,
    )
    try:
        return ask(request, sitting, function, "screens/guest_question.html")
    except Conflict as conflict:
        return _standing(request, conflict)


@require_POST
@for_guests
def guest_other(request: GuestRequest) -> HttpResponse:
    """Somebody else sits at this browser: it knows the guest before no more. What they answered stays."""
    answer = redirect("guest_assessment", assessment=request.guest.assessment.pk)
    forget_guest(answer, request.guest.assessment)
    return answer


@require_GET
@for_guests
def guest_result(request: GuestRequest) -> HttpResponse:
    """The result, once it was shared with those who answered."""
    assessment, respondent = request.guest.assessment, request.guest.respondent
    if respondent is None or not asking.may_guest_read(assessment, respondent):
        return redirect("guest_assessment", assessment=assessment.pk)
    return render(request, "screens/guest_result.html", {"assessment": assessment, "result": result_of(assessment)})


def _led(request: HttpRequest, token: str) -> HttpResponse:
    assessment = Assessment.objects.filter(link__digest=digest(token), workspace__deleted_at=None).first()
    if assessment is None:
        return gone(request) if is_known(Link.Purpose.ASSESSMENT, token) else unknown(request)
    if Member.objects.filter(workspace=assessment.workspace_id, user=request.user.pk or 0).exists():
        return redirect("assessment", workspace=assessment.workspace_id, assessment=assessment.pk)
    own = redirect("guest_assessment", assessment=assessment.pk)
    found = opened_by_link(token)
    if found is not None:
        remember_link(own, found, token)
        return own
    return own if came_back(request, assessment) else gone(request)


def _join(request: GuestRequest, form: JoinForm, token: str) -> HttpResponse:
    try:
        respondent = asking.join(
            link_token=request.guest.link, name=form.cleaned_data["name"], group=form.function, token=token
        )
    except Gone:  # revoked or closed since the page was opened
        return gone(request)
    answer = redirect("guest_question", assessment=respondent.assessment_id, function=next(iter(Function)))
    remember_guest(answer, respondent.assessment, token)
    return answer


def _go_on(request: GuestRequest) -> HttpResponse:
    """The name was sent a second time: on to the questions."""
    to = first_open(asking.answers_of(request.guest.respondent))
    return redirect("guest_question", assessment=request.guest.assessment.pk, function=to)


def _standing(request: GuestRequest, refused: Refused | None = None) -> HttpResponse:
    """How things stand for somebody who has joined."""
    guest = request.guest
    chosen = asking.answers_of(guest.respondent)
    context = {
        **_told(guest.assessment),
        "respondent": guest.respondent,
        "given": len(chosen),
        "is_complete": len(chosen) == len(Function),
        "next": first_open(chosen),
        "may_read": bool(chosen) and not guest.assessment.is_open and guest.assessment.is_shared,
        "may_others_join": opened_by_link(guest.link) == guest.assessment,
        "refused": refused,
    }
    return render(request, "screens/guest_standing.html", context, status=refused.status if refused else 200)


def _told(assessment: Assessment) -> dict[str, object]:
    """What a link tells: the title, who opened it and how many have answered. No names beside."""
    return {"assessment": assessment, "opener": assessment.opened_by, "finished": finished(assessment)}
