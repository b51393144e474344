"""Assessments for members: the list, opening one, how far it is, its link, and answering."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from culture import asking
from culture.entries import Function
from culture.models import Assessment
from culture.scoring import Choice
from raci.grid.text import counted
from raci.screens.asked import number, posted, sender
from raci.screens.assessments import page as assessment_page
from raci.screens.assessments.forms import OpenForm, UntilForm
from raci.screens.assessments.guests import show_link_once, shown_link
from raci.screens.assessments.questions import Sitting, ask, first_open
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.links import is_open
from raci.workspaces.models import Access


@requires(Access.VIEWER)
@require_GET
def assessments(request: MemberRequest) -> HttpResponse:
    context = {"lines": assessment_page.lines(request.member), "can_edit": request.member.may(Access.EDITOR)}
    return render(request, "screens/assessments.html", context)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def assessment_new(request: MemberRequest) -> HttpResponse:
    form = OpenForm(posted(request), initial={"title": f"Our culture, {timezone.localdate():%B %Y}"})
    if request.method == "GET" or not form.is_valid():
        context = {"form": form, "key": uuid4}
        return render(request, "screens/assessment_new.html", context, status=422 if form.errors else 200)
    opened = asking.open_assessment(
        by=request.member,
        title=form.cleaned_data["title"],
        asks_others=form.asks_others,
        until=form.cleaned_data.get("until"),
        key=sender(request).key,
    )
    if opened.token:
        return _with_link(request, opened)
    if opened.assessment.asks_others:  # sent a second time: its link was shown, and stays as it is
        return _back(request, opened.assessment)
    return redirect("assessment_question", request.workspace.pk, opened.assessment.pk, next(iter(Function)))


@requires(Access.VIEWER)
@require_GET
def assessment(request: MemberRequest, assessment: int) -> HttpResponse:
    return _overview(request, assessment_of(request, assessment))


@requires(Access.EDITOR)
@require_POST
def assessment_link_new(request: MemberRequest, assessment: int) -> HttpResponse:
    """Asks others by a new link, which takes the place of an earlier one."""
    row = assessment_of(request, assessment)
    form = UntilForm(request.POST)
    if not form.is_valid():
        return _overview(request, row, form)
    return _with_link(
        request, asking.ask_others(assessment=row.pk, by=request.member, until=form.cleaned_data["until"])
    )


@requires(Access.EDITOR)
@require_POST
def assessment_link_revoke(request: MemberRequest, assessment: int) -> HttpResponse:
    row = assessment_of(request, assessment)
    asking.revoke_link(assessment=row.pk, by=request.member)
    messages.success(request, "The link is revoked. Nobody new can come in by it.")
    return _back(request, row)


@requires(Access.EDITOR)
@require_POST
def assessment_close(request: MemberRequest, assessment: int) -> HttpResponse:
    row = assessment_of(request, assessment)
    asking.close(assessment=row.pk, by=request.member, share=request.POST.get("share") == "1")
    messages.success(request, "The assessment is closed. Its answers stay as they are.")
    return _back(request, row)


@requires(Access.EDITOR)
@require_POST
def assessment_share(request: MemberRequest, assessment: int) -> HttpResponse:
    row = assessment_of(request, assessment)
    share = request.POST.get("share") == "1"
    asking.share_result(assessment=row.pk, by=request.member, share=share)
    said = "can now read the result by their link" if share else "can no longer read the result"
    messages.success(request, f"Those who answered {said}.")
    return _back(request, row)


@requires(Access.EDITOR)
@require_POST
def respondent_aside(request: MemberRequest, assessment: int) -> HttpResponse:
    """Somebody who answered twice, or should not have: counted nowhere from now on."""
    row = assessment_of(request, assessment)
    found = asking.set_aside(assessment=row.pk, by=request.member, respondent=number(request.POST.get("respondent")))
    messages.success(request, f"“{found.name}” is set aside and not counted.")
    return _back(request, row)


@requires(Access.EDITOR)
@require_POST
def respondent_back(request: MemberRequest, assessment: int) -> HttpResponse:
    row = assessment_of(request, assessment)
    found = asking.bring_back(assessment=row.pk, by=request.member, respondent=number(request.POST.get("respondent")))
    messages.success(request, f"“{found.name}” is counted again.")
    return _back(request, row)


@requires(Access.VIEWER)
@require_http_methods(["GET", "POST"])
def assessment_question(request: MemberRequest, assessment: int, function: str) -> HttpResponse:
    row = assessment_of(request, assessment)
    if request.method == "GET" and not row.is_open:
        return _back(request, row)
    place = (request.workspace.pk, row.pk)

    def keep(function: Function, choice: Choice) -> None:
        asking.answer_as_member(by=request.member, assessment=row.pk, function=function, choice=choice)

    sitting = Sitting(
        assessment=row,
        seed=f"{row.pk}:member:{request.member.user_id}",
        chosen=asking.answers_of(asking.member_in(row, request.member)),
        keep=keep,
        url=lambda function: reverse("assessment_question", args=[*place, function]),
        later=reverse("assessment", args=place),
        done=reverse("assessment_result", args=place),
    )
    others = assessment_page.people(row, request.member) if row.asks_others and request.method == "GET" else []
    return ask(request, sitting, function, "screens/assessment_question.html", **_some(others, 12))


def assessment_of(request: MemberRequest, assessment: int) -> Assessment:
    """An assessment this member sees, or the same 404 as for one that does not exist."""
    rows = asking.visible_to(request.member).select_related("opened_by", "link")
    found = rows.filter(pk=assessment).first()
    if found is None:
        raise Http404
    found.workspace = request.workspace
    return found


def _overview(request: MemberRequest, row: Assessment, refused: UntilForm | None = None) -> HttpResponse:
    everybody = assessment_page.people(row, request.member)
    counted_ones = [person for person in everybody if not person.is_set_aside]
    mine = asking.answers_of(asking.member_in(row, request.member)) if row.is_open else {}
    link, may_manage = shown_link(request, row), asking.may_manage(row, request.member)
    context = {
        "assessment": row,
        "finished": sum(person.is_done for person in counted_ones),
        "given": len(mine),
        "is_complete": len(mine) == len(Function),
        "next": first_open(mine),
        "may_read": not row.is_open or len(mine) == len(Function),
        "may_manage": may_manage,
        "may_set_aside": may_manage and row.asks_others,
        "has_guests": any(person.is_guest for person in everybody),
        "link": request.build_absolute_uri(reverse("assessment_link", args=[link])) if link else "",
        "link_works": row.is_open and row.link is not None and is_open(row.link),
        "form": refused or UntilForm(),
        **_some(everybody, 30),
        "total": len(counted_ones),
    }
    answer = render(request, "screens/assessment.html", context, status=422 if refused else 200)
    if link:
        show_link_once(answer, "", reverse("assessment", args=[request.workspace.pk, row.pk]))
    return answer


def _some(everybody: list[assessment_page.Participant], most: int) -> dict[str, object]:
    """The first of them, and how many more there are."""
    more = len(everybody) - most
    told = counted(more, "other") if more > 0 else ""
    return {"people": everybody[:most], "others": everybody[most:], "total": len(everybody), "more": told}


def _with_link(request: MemberRequest, opened: asking.Opened) -> HttpResponse:
    """To the page of the assessment, which shows the link this once."""
    answer = _back(request, opened.assessment)
    show_link_once(answer, opened.token, answer.headers["Location"])
    return answer


def _back(request: MemberRequest, row: Assessment) -> HttpResponse:
    return redirect("assessment", request.workspace.pk, row.pk)
