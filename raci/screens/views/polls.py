"""Polls for members: opening one, how far it is, whom to ask, closing it, and what it says."""

from collections.abc import Collection

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raci.grid.text import counted
from raci.matrices.models import Matrix, Role
from raci.matrices.store import read_grid
from raci.reviews import answering, asking, leaving_out, polling
from raci.reviews.models import Poll
from raci.reviews.states import PollState
from raci.screens.asked import matrix_of, notation, number, posted, sender
from raci.screens.frame import frame, open_matrix
from raci.screens.polls import guests
from raci.screens.polls.forms import NamingForm, OpenForm, PeopleForm
from raci.screens.polls.page import PollPage, told
from raci.screens.polls.result import ResultPage
from raci.screens.reviews.agenda_rows import make_anew
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.members import by_name
from raci.workspaces.models import Access


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def poll_new(request: MemberRequest, matrix: int) -> HttpResponse:
    """Opens a poll and asks whom was chosen; who fills a role of the matrix is chosen already."""
    row = open_matrix(request, matrix)
    people, filling = by_name(request.workspace.pk), _filling(row)
    first = {
        "title": f"{row.name}: who leads what, {timezone.localdate():%B %Y}"[:200],
        "members": [each.user_id for each in people if each.user_id in filling],
    }
    form = OpenForm(posted(request), people=people, initial=first)
    if request.method == "GET" or not form.is_valid():
        running = Poll.objects.filter(matrix=row, state=PollState.OPEN).first()
        context = frame(request, row, form=form, running=running)
        return render(request, "screens/poll_new.html", context, status=422 if form.errors else 200)
    opened = polling.open_poll(
        matrix=row.pk,
        by=request.member,
        title=form.cleaned_data["title"],
        until=form.cleaned_data["until"],
        naming=form.cleaned_data["naming"],
        key=sender(request).key,
    )
    if form.is_asking:
        try:
            asked = asking.ask(
                poll=opened.poll, by=request.member, members=form.chosen, pasted=form.cleaned_data["addresses"]
            )
        except Refused as refused:
            messages.warning(request, f"The poll is open, and nobody is asked yet. {refused.sentence}")
        else:
            messages.success(request, f"The poll is open. {told(asked)}")
    return _with_link(request, row, opened)


@requires(Access.VIEWER)
@require_GET
def poll(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    """How far an open poll is; what a closed one says, of which `?show=contested` shows one kind of row."""
    row = matrix_of(request, matrix)
    found = _poll_of(row, poll)
    return _open(request, row, found) if found.is_open else _closed(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_naming(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    found, form = _poll_of(row, poll), NamingForm(request.POST)
    if not form.is_valid():
        raise Refused("Choose how names are treated.")
    polling.set_naming(poll=found.pk, by=request.member, naming=form.cleaned_data["naming"])
    is_named = form.cleaned_data["naming"] == Poll.Naming.NAMED
    messages.success(request, "Names are shown once it is closed." if is_named else "No names are shown.")
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_http_methods(["GET", "POST"])
def poll_ask(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    """Asks more people; those who were asked before are not offered."""
    row = open_matrix(request, matrix)
    found = _poll_of(row, poll)
    if not found.is_open:
        return _back(request, row, found)
    asked = set(found.respondents.exclude(user=None).values_list("user", flat=True))
    people = [each for each in by_name(request.workspace.pk) if request.method == "POST" or each.user_id not in asked]
    form = PeopleForm(posted(request), people=people)
    if request.method == "GET" or not form.is_valid():
        context = frame(request, row, poll=found, form=form)
        return render(request, "screens/poll_ask.html", context, status=422 if form.errors else 200)
    try:
        done = asking.ask(
            poll=found,
            by=request.member,
            members=form.chosen,
            pasted=form.cleaned_data["addresses"],
            naming=request.POST.get("naming", "")[:20],
        )
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, refused.sentence)
        return render(request, "screens/poll_ask.html", frame(request, row, poll=found, form=form), status=422)
    messages.success(request, told(done))
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_link_new(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    """A new link, in the place of the one there was."""
    row = open_matrix(request, matrix)
    found = _poll_of(row, poll)
    return _with_link(request, row, polling.new_link(poll=found.pk, by=request.member))


@requires(Access.EDITOR)
@require_POST
def poll_link_revoke(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    found = _poll_of(row, poll)
    polling.revoke_link(poll=found.pk, by=request.member)
    messages.success(request, "The link is revoked. Nobody new comes in by it.")
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_remind(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    row = open_matrix(request, matrix)
    found = _poll_of(row, poll)
    reminded = asking.remind(poll=found, by=request.member)
    told_them = f"{counted(reminded, 'reminder')} will go out." if reminded else "Nobody is left to remind today."
    messages.success(request, told_them)
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_leave_out(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    """Those who came by the link and should not have, or came twice: counted nowhere from now on."""
    row = open_matrix(request, matrix)
    found, chosen = _poll_of(row, poll), _chosen(request)
    leaving_out.leave_out(poll=found.pk, by=request.member, respondents=chosen)
    messages.success(request, f"{counted(len(chosen), 'person is', 'people are')} left out and not counted.")
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_bring_back(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    row = open_matrix(request, matrix)
    found, chosen = _poll_of(row, poll), _chosen(request)
    leaving_out.bring_back(poll=found.pk, by=request.member, respondents=chosen)
    messages.success(request, f"{counted(len(chosen), 'person is', 'people are')} counted again.")
    return _back(request, row, found)


@requires(Access.EDITOR)
@require_POST
def poll_close(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    found = _poll_of(row, poll)
    polling.close(poll=found.pk, by=request.member, then=make_anew)
    messages.success(request, "The poll is closed. What it says stands on the grid and in the checks, too.")
    return _back(request, row, found)


@requires(Access.VIEWER)
@require_POST
def poll_answer(request: MemberRequest, matrix: int, poll: int) -> HttpResponse:
    """A member answers on the pages that everyone answers on, where nothing shows who leads."""
    found = _poll_of(open_matrix(request, matrix), poll)
    return guests.let_answer(*answering.join_as_member(poll=found.pk, by=request.member))


def _open(request: MemberRequest, matrix: Matrix, poll: Poll) -> HttpResponse:
    page, naming = PollPage(matrix, poll, request.member), NamingForm(initial={"naming": poll.naming})
    link = guests.shown_link(request, poll) if page.may_run else ""
    context = frame(request, matrix, page=page, poll=poll, link=link, naming=naming)
    answer = render(request, "screens/poll.html", context)
    if link:
        guests.show_link_once(answer, "", _url(request, matrix, poll))
    return answer


def _closed(request: MemberRequest, matrix: Matrix, poll: Poll) -> HttpResponse:
    grid = read_grid(matrix, stages=False)
    asked = request.GET
    page = ResultPage(
        matrix, poll, grid, notation(request), asked.get("show", ""), "all" in asked, asked.get("row", "")
    )
    context = frame(request, matrix, page=page, poll=poll, later=page.later)
    return render(request, "screens/poll_result.html", context)


def _poll_of(matrix: Matrix, poll: int) -> Poll:
    """A poll of this matrix, or a 404."""
    found = Poll.objects.select_related("opened_by", "link").filter(matrix=matrix, pk=poll).first()
    if found is None:
        raise Http404
    found.matrix = matrix
    return found


def _chosen(request: MemberRequest) -> list[int]:
    """Those who are ticked; refused where nobody is."""
    chosen = [number(said) for said in request.POST.getlist("respondent")]
    if not chosen:
        raise Refused("Nobody is ticked. Tick whom you mean first.")
    return chosen


def _filling(matrix: Matrix) -> Collection[int]:
    """The accounts that fill or answer for a role of the matrix."""
    rows = Role.objects.filter(~Q(members=[]) | Q(answers__isnull=False), matrix=matrix).order_by()
    return {user for users, answers in rows.values_list("members", "answers") for user in [*users, answers] if user}


def _with_link(request: MemberRequest, matrix: Matrix, opened: polling.Opened) -> HttpResponse:
    """To the page of the poll, which shows the new link this once."""
    answer = _back(request, matrix, opened.poll)
    if opened.token:
        guests.show_link_once(answer, opened.token, answer.headers["Location"])
    return answer


def _back(request: MemberRequest, matrix: Matrix, poll: Poll) -> HttpResponse:
    return redirect(_url(request, matrix, poll))


def _url(request: MemberRequest, matrix: Matrix, poll: Poll) -> str:
    return reverse("poll", args=[request.workspace.pk, matrix.pk, poll.pk])
