"""Links to what is published, for those who edit the matrix: the list, a new one, and revoking one."""

from dataclasses import dataclass
from html import escape
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from raci.matrices.models import Matrix
from raci.publishing import pages
from raci.publishing.models import SharedPage, Version
from raci.publishing.origins import MOST as MOST_SITES
from raci.publishing.versions import latest_of
from raci.screens import guest_links
from raci.screens.asked import matrix_of, number, sender
from raci.screens.assessments.forms import UntilForm
from raci.screens.frame import frame
from raci.screens.shared import NEW
from raci.web.fields import LineField
from raci.web.refusals import Refused
from raci.workspaces.access import MemberRequest, requires
from raci.workspaces.links import NO_END, digest
from raci.workspaces.models import Access

ROUTES = {SharedPage.Kind.PAGE: "shared_link", SharedPage.Kind.EMBED: "embed", SharedPage.Kind.FEED: "feed"}
LATEST = "latest"


class SharedPageForm(UntilForm):
    """A new link. The sites count for a page inside another alone, version and names for all but a feed."""

    longest, within = pages.LONGEST, pages.WITHIN

    kind = forms.ChoiceField(
        label="What it is",
        widget=forms.RadioSelect,
        choices=[
            (SharedPage.Kind.PAGE, "A page to read"),
            (SharedPage.Kind.EMBED, "A page inside another, such as a wiki or an intranet"),
            (SharedPage.Kind.FEED, "A feed that tells of each new version"),
        ],
        initial=SharedPage.Kind.PAGE,
        error_messages={"required": "Choose what the link is for."},
    )
    version = forms.ChoiceField(
        label="Version",
        initial=LATEST,
        help_text="The latest follows what you publish.",
        error_messages={"required": "Choose the version.", "invalid_choice": "There is no such version."},
    )
    shows_people = forms.BooleanField(
        label="Show who fills each role", required=False, help_text="Names, and how to reach each role."
    )
    origins = forms.CharField(
        label="Sites it goes into",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://intranet.example.org"}),
        help_text=f"Up to {MOST_SITES}, one a line. No other site can show it.",
    )
    name = LineField(label="Who it is for", required=False, help_text="For your list; readers do not see it.")
    field_order = ("kind", "version", "shows_people", "origins", "name", "until")

    def __init__(self, *args: Any, versions: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            (LATEST, "The latest"),
            *((str(each), f"Version {each}") for each in range(versions, 0, -1)),
        ]
        self.fields["until"].required, self.fields["until"].initial = False, None
        self.fields["until"].help_text = "Without a day it works until somebody revokes it."

    def clean_until(self) -> Any:
        return super().clean_until() if self.cleaned_data["until"] else None

    @property
    def wanted(self) -> pages.Wanted:
        """What was asked for, once the form is valid."""
        chosen = self.cleaned_data
        version = chosen["version"] if chosen["version"] != LATEST else None
        return pages.Wanted(
            kind=SharedPage.Kind(chosen["kind"]),
            version=int(version) if version else None,
            until=chosen["until"],
            name=chosen["name"],
            shows_people=chosen["shows_people"],
            origins=chosen["origins"],
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One link of the list, and whether the reader may revoke it."""

    page: SharedPage
    may_revoke: bool

    @property
    def ends(self) -> bool:
        return self.page.link.expires_at < NO_END


@requires(Access.EDITOR)
@require_GET
def shared_pages(request: MemberRequest, matrix: int) -> HttpResponse:
    """Who can read what is published without an account. A link that was just made is shown this once."""
    return _shown(request, matrix_of(request, matrix))


@requires(Access.EDITOR)
@require_POST
def shared_page_new(request: MemberRequest, matrix: int) -> HttpResponse:
    row = matrix_of(request, matrix)
    latest = latest_of(row)
    if latest is None:
        raise Refused("Nothing of this matrix is published yet. Publish it, then share it.")
    form = SharedPageForm(request.POST, versions=latest.number)
    if not form.is_valid():
        return _shown(request, row, form, 422)
    try:
        made = pages.make(matrix=row.pk, by=request.member, wanted=form.wanted, key=sender(request).key)
    except Refused as refused:
        if refused.status != 422:
            raise
        form.add_error(None, refused.sentence)
        return _shown(request, row, form, 422)
    answer = redirect("shared_pages", request.workspace.pk, row.pk)
    if made.token:
        guest_links.show_once(answer, NEW, made.token, answer.headers["Location"])
    return answer


@requires(Access.EDITOR)
@require_POST
def shared_page_revoke(request: MemberRequest, matrix: int) -> HttpResponse:
    pages.revoke_page(matrix=matrix, page=number(request.POST.get("page")), by=request.member)
    messages.success(request, "The link is revoked. Nobody comes in by it any more.")
    return redirect("shared_pages", request.workspace.pk, matrix)


def _shown(
    request: MemberRequest, matrix: Matrix, refused: SharedPageForm | None = None, status: int = 200
) -> HttpResponse:
    links, latest = pages.links_to(matrix), latest_of(matrix)
    token = request.COOKIES.get(NEW, "")
    new = next((page for page in links.open if token and page.link.digest == digest(token)), None)
    context = frame(
        request,
        matrix,
        lines=[Line(page, pages.may_revoke(page, request.member)) for page in links.open],
        ended=links.ended,
        latest=latest,
        form=refused or (SharedPageForm(versions=latest.number) if latest else None),
        new=new,
        link=_said(request, new, token, latest) if new else "",
    )
    answer = render(request, "screens/shared_pages.html", context, status=status)
    if new:
        guest_links.show_once(answer, NEW, "", reverse("shared_pages", args=[request.workspace.pk, matrix.pk]))
    return answer


def _said(request: MemberRequest, page: SharedPage, token: str, latest: Version | None) -> str:
    """What is copied: the address, or for an embedded page the element that shows it."""
    url = request.build_absolute_uri(reverse(ROUTES[SharedPage.Kind(page.kind)], args=[token]))
    if page.kind != SharedPage.Kind.EMBED:
        return url
    title = escape(f"{(page.version or latest or page.matrix).name}: who leads what")
    return f'<iframe src="{url}" title="{title}" width="100%" height="900" loading="lazy"></iframe>'
