"""The letter of a version: its words, whom it goes to, and how far it is. Only editors write letters."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.grid.text import counted
from raci.publishing import telling
from raci.publishing.recipients import audience
from raci.screens.asked import matrix_of, notation, version_of
from raci.screens.forms_letters import LetterForm, RecipientsForm
from raci.screens.frame import frame
from raci.screens.letter_page import LetterPage, groups
from raci.screens.webhooks import webhook_lines
from raci.web import limits
from raci.web.errors import is_htmx
from raci.web.refusals import Conflict, Refused, TooMany
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

TOO_MANY = "That was very often within an hour. Nothing was sent; try again later."


@requires(Access.EDITOR)
@require_GET
def letter(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    return _shown(request, _page(request, matrix, version))


@requires(Access.EDITOR)
@require_POST
def letter_save(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """Keeps the words that were typed; where somebody else was faster, the page has both. Who was chosen to get them is
    still chosen."""
    page = _page(request, matrix, version)
    if refused := _refused_words(request, page):
        return refused
    messages.success(request, "The letter is saved.")
    if request.POST.get("addresses", "").strip():
        return _shown(request, _page(request, matrix, version), recipients=_recipients_as_typed(request, page))
    return _back(request, page)


@requires(Access.EDITOR)
@require_POST
def letter_recipients(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """Shows what goes out, and who would get it and who would not, before anything does; words that were typed
    meanwhile are kept first. From there, `back` leads to the letter with everything that was chosen."""
    page = _page(request, matrix, version)
    if "back" in request.POST:
        return _shown(request, page, recipients=_recipients_as_typed(request, page))
    if page.obstacle:
        raise Conflict(page.obstacle)
    if "text" in request.POST:
        if refused := _refused_words(request, page):
            return refused
        page = _page(request, matrix, version)
    return _looked_at(request, page)


@requires(Access.EDITOR)
@require_POST
def letter_send(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    page = _page(request, matrix, version)
    form = _recipients(page, request.POST)
    if not form.is_valid():
        return _shown(request, page, recipients=form, status=422)
    _count(request)
    try:
        sent = telling.send(
            version=page.version,
            by=request.member,
            chosen=form.chosen,
            seen=request.POST.get("seen", ""),
            notation=page.notation,
        )
    except Conflict as conflict:
        return _looked_at(request, _page(request, matrix, version), conflict)
    said = (
        f"The letter is on its way to {counted(sent, 'person', 'people')}." if sent else "They have the letter already."
    )
    messages.success(request, said)
    return _back(request, page)


@requires(Access.EDITOR)
@require_GET
def letter_progress(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """How far it is, for the page that asks every two seconds as long as mails wait."""
    page = _page(request, matrix, version)
    if not is_htmx(request):
        return _back(request, page)
    return render(request, "screens/_letter_progress.html", frame(request, page.matrix, page=page))


@requires(Access.EDITOR)
@require_POST
def letter_retry(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    page = _page(request, matrix, version)
    _count(request)
    again = telling.retry(version=page.version, by=request.member, notation=page.notation)
    said = f"{counted(again, 'letter')} sent once more." if again else "There is nothing to send once more."
    messages.success(request, said)
    return _back(request, page)


@requires(Access.EDITOR)
@require_POST
def letter_told(request: MemberRequest, matrix: int, version: int) -> HttpResponse:
    """People heard of it in another way."""
    page = _page(request, matrix, version)
    telling.told_another_way(version=page.version, by=request.member)
    messages.success(request, f"It is noted that people know of version {version}.")
    return _back(request, page)


def _page(request: MemberRequest, matrix: int, version: int) -> LetterPage:
    row = matrix_of(request, matrix)
    return LetterPage(row, version_of(row, version), notation(request))


def _recipients(page: LetterPage, *typed: QueryDict, **options: Any) -> RecipientsForm:
    return RecipientsForm(*typed, roles=page.grid.roles, gone=page.gone, filled=page.filled, **options)


def _recipients_as_typed(request: MemberRequest, page: LetterPage) -> RecipientsForm:
    """What was typed and chosen, without a word on what is wrong with it."""
    typed = {name: request.POST[name] for name in ("members", "addresses", "about") if name in request.POST}
    return _recipients(page, initial={**typed, "roles": request.POST.getlist("roles")})


def _refused_words(request: MemberRequest, page: LetterPage) -> HttpResponse | None:
    """Keeps the words of the form; where it cannot, the page that says why, with all that was typed."""
    form, kept = LetterForm(request.POST), _recipients_as_typed(request, page)
    if not form.is_valid():
        return _shown(request, page, form=form, recipients=kept, status=422)
    try:
        telling.edit(
            version=page.version,
            by=request.member,
            **form.cleaned_data,
            seen=request.POST.get("seen", ""),
            notation=page.notation,
        )
    except telling.Overtaken as overtaken:
        return _shown(request, page, form=form, recipients=kept, overtaken=overtaken, status=overtaken.status)
    return None


def _shown(
    request: MemberRequest,
    page: LetterPage,
    *,
    form: LetterForm | None = None,
    recipients: RecipientsForm | None = None,
    overtaken: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page; with a form that was not taken, what was typed is on it."""
    context = frame(
        request,
        page.matrix,
        page=page,
        version=page.version,
        form=form or LetterForm(initial={"subject": page.said.subject, "text": page.said.text}),
        recipients=recipients or _recipients(page),
        members=len(page.members),
        overtaken=overtaken,
        seen=page.said.seal if form is None or overtaken else request.POST.get("seen", ""),
        webhooks=webhook_lines(page.matrix, page.version),
    )
    return render(request, "screens/letter.html", context, status=status)


def _looked_at(request: MemberRequest, page: LetterPage, conflict: Conflict | None = None) -> HttpResponse:
    """Whom the form chooses, as things stand."""
    form = _recipients(page, request.POST)
    if not form.is_valid():
        return _shown(request, page, recipients=form, status=422)
    _count(request)
    try:
        to = audience(page.version, form.chosen)
    except Refused as refused:
        form.add_error("addresses", refused.sentence)
        return _shown(request, page, recipients=form, status=refused.status)
    context = frame(
        request,
        page.matrix,
        page=page,
        version=page.version,
        to=to,
        people=counted(len(to.to), "person", "people"),
        unfilled=page.unfilled(to),
        groups=[*groups(to), *page.getting(to)],
        chosen=form.cleaned_data,
        seen=telling.sending_seal(page.said.seal, to),
        conflict=conflict,
    )
    return render(request, "screens/letter_recipients.html", context, status=conflict.status if conflict else 200)


def _count(request: MemberRequest) -> None:
    if not limits.count(request, "letter"):
        raise TooMany(TOO_MANY)


def _back(request: MemberRequest, page: LetterPage) -> HttpResponse:
    return redirect(reverse("letter", args=[request.workspace.pk, page.matrix.pk, page.version.number]))
