"""Who should own product marketing: questions, an answer with its reasons, and the signs that it works."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from culture import advising
from culture.advice import Advice, Answers, Sign, advise, texts
from culture.models import Sign as SeenSign
from raci.accounts.models import User
from raci.screens.forms import complaints
from raci.screens.forms_advisor import AdvisorForm, SignForm, told
from raci.web import days
from raci.web.refusals import Malformed, Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.models import Access

MOST_EARLIER = 50


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of the advisor, when it was given, and who answered the questions."""

    at: datetime
    by: User | None
    advice: Advice


@dataclass(frozen=True, slots=True)
class Row:
    """A sign in the checklist. `on` is what its field shows, `error` why that was not taken, or ""."""

    sign: Sign
    seen: SeenSign | None
    on: str
    error: str


@requires(Access.VIEWER)
@require_GET
def advisor(request: MemberRequest) -> HttpResponse:
    return _page(request)


@requires(Access.EDITOR)
@require_POST
def advisor_answer(request: MemberRequest) -> HttpResponse:
    form = AdvisorForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    advising.keep_answers(by=request.member, answers=form.answers)
    return redirect("advisor", workspace=request.workspace.pk)


@requires(Access.EDITOR)
@require_POST
def advisor_sign(request: MemberRequest) -> HttpResponse:
    """Ticks a sign with the day it was seen, or with `seen=no` takes the tick back."""
    key, back = request.POST.get("sign", ""), reverse("advisor", args=[request.workspace.pk])
    if key not in {sign.key for sign in texts().signs}:
        raise Malformed
    if request.POST.get("seen") == "no":
        advising.untick(by=request.member, key=key)
        return redirect(f"{back}#signs")
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, refused=(key, complaints(form)), status=422)
    try:
        advising.tick(by=request.member, key=key, on=form.cleaned_data["on"])
    except Refused as refusal:
        return _page(request, refused=(key, refusal.sentence), status=refusal.status)
    return redirect(f"{back}#signs")


def _page(
    request: MemberRequest, *, form: AdvisorForm | None = None, refused: tuple[str, str] = ("", ""), status: int = 200
) -> HttpResponse:
    """The page as it stands; `refused` are the key of a sign and why its day was not taken."""
    rows = advising.kept_advice(request.workspace)[: MOST_EARLIER + 1]
    kept = [(row, Answers.from_json(row.answers)) for row in rows]
    given = [Given(row.at, row.by, advise(answers)) for row, answers in kept]
    latest = next(iter(given), None)
    context = {
        "form": form or AdvisorForm(initial=told(kept[0][1]) if kept else {}),
        "latest": latest,
        "earlier": given[1:],
        "signs": _rows(request, latest.advice, refused) if latest else [],
        "today": days.today(),
        "first_day": advising.first_day(),
        "caution": texts().caution,
        "source": texts().source,
        "can_edit": request.member.may(Access.EDITOR),
    }
    return render(request, "screens/advisor.html", context, status=status)


def _rows(request: MemberRequest, advice: Advice, refused: tuple[str, str]) -> list[Row]:
    seen, (key, error) = advising.seen_signs(request.workspace), refused
    asked = request.POST.get("on", "")
    return [
        Row(
            sign,
            seen.get(sign.key),
            on=asked if sign.key == key else days.today().isoformat(),
            error=error if sign.key == key else "",
        )
        for sign in advice.signs
    ]
