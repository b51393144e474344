"""What a request asks for, read once and strictly: the matrix, the sender, ids, the revision that was seen."""

import re
from collections.abc import Iterable

from django.http import Http404, HttpRequest, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from raci.grid.grid import MAX_ACTIVITIES
from raci.grid.levels import Level, Notation
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.publishing.models import Version
from raci.publishing.versions import latest_of
from raci.reviews import evidence
from raci.web.refusals import Malformed, Refused
from raci.workspaces.access import MemberRequest

NOTATION_COOKIE = "notation"
MOST_OWN = 50
MOST_ASKED = 200
BESIDE = ("house", *evidence.BESIDE)  # read with a matrix
UNREAD = ("house__grid", *evidence.UNREAD)  # and what is left out of that
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)


def matrix_of(request: MemberRequest, matrix: int) -> Matrix:
    """The matrix of this workspace, or the same 404 as for one that does not exist."""
    rows = Matrix.objects.select_related(*BESIDE).defer(*UNREAD)
    found = rows.filter(workspace=request.workspace, pk=matrix).first()
    if found is None:
        raise Http404
    found.workspace = request.workspace
    return found


def version_of(matrix: Matrix, number: int) -> Version:
    """A version of a matrix by its number, without its grid, or a 404; no query for the latest."""
    found = latest_of(matrix)
    if found is None or found.number != number:
        rows = Version.objects.select_related("published_by").defer("grid")
        found = rows.filter(matrix=matrix, number=number).first()
    if found is None:
        raise Http404
    found.matrix = matrix
    return found


def sender(request: MemberRequest) -> Sender:
    """Who sends this change, and the key the page made for this submission; without one no repeat is recognised."""
    key = request.POST.get("key", "")
    if key and not _KEY.fullmatch(key):
        raise Malformed
    return Sender(request.member, key)


def next_page(request: MemberRequest, otherwise: str) -> str:
    """The page a form was sent from, if it names one of ours."""
    to = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return to if ours else otherwise


def notation(request: HttpRequest) -> Notation:
    """The notation the reader chose last, on any page."""
    try:
        return Notation(request.COOKIES.get(NOTATION_COOKIE, ""))
    except ValueError:
        return Notation.LEAD_SUPPORT


def question_asked(request: HttpRequest) -> str:
    """What somebody asks on a page that answers whom to ask, "" for nothing."""
    return " ".join(request.GET.get("q", "")[:MOST_ASKED].split())


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: anything that was sent, an empty body too; None where it is only asked for."""
    return request.POST if request.method == "POST" else None


def seen(request: MemberRequest) -> int:
    """The revision the sender's page showed."""
    return number(request.POST.get("seen"))


def own(request: MemberRequest) -> list[int]:
    """The revisions that the same page made itself since what it showed; it knows of those."""
    said = request.POST.get("own", "")
    return numbers(said)[-MOST_OWN:] if said else []


def number(text: str | None) -> int:
    """A whole number from a form, or a 400."""
    if text is None or not _NUMBER.fullmatch(text) or int(text) > 2**63 - 1:
        raise Malformed
    return int(text)


def number_or_none(text: str | None) -> int | None:
    """The same where an empty choice means none."""
    return number(text) if text else None


def numbers(text: str | None) -> list[int]:
    """Numbers with commas between, no more than a matrix has rows."""
    parts = (text or "").split(",", MAX_ACTIVITIES)
    if len(parts) > MAX_ACTIVITIES:
        raise Malformed
    return [number(part) for part in parts]


def ids(text: str | None) -> list[int]:
    """The same for rows or columns: each is named once."""
    found = numbers(text)
    if len(set(found)) < len(found):
        raise Malformed
    return found


def level(text: str | None, letters: Iterable[str] = tuple(Level)) -> Level | None:
    """A level by its stored letter; "" is not involved."""
    if text is None:
        raise Malformed
    if text == "":
        return None
    if text not in letters:
        raise Refused("There is no such level. Use L, S, C or I, or leave the cell blank.")
    return Level(text)
