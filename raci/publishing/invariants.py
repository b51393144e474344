"""What must hold of everything published, whoever wrote. Each check says in sentences what is broken.

The letters are those of the rules: I1 exactly one Lead an activity, I5 the digests, I7 what was signed is there.
"""

from collections.abc import Iterator

from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from raci.grid.plain import from_plain
from raci.matrices.models import Change
from raci.notices.sending import KEPT

from .models import Posting, Publication, Receipt, SharedPage, SignOff, Version
from .origins import origins
from .versions import digest_of

AT_ONCE = 20  # versions, with their grids


def broken() -> list[str]:
    """Everything that is wrong with what is published."""
    return [*_versions(), *_logged(), *_numbers(), *_latest(), *_signed(), *_receipts(), *_pages(), *_postings()]


def _versions() -> Iterator[str]:
    """I1: in a version exactly one role leads each activity. I5: its digest is that of its grid."""
    rows = Version.objects.order_by("pk").only("pk", "grid", "digest")
    for version in rows.iterator(AT_ONCE):
        grid = from_plain(version.grid)
        unled = [activity.id for activity in grid.activities if len(grid.leads(activity.id)) != 1]
        if unled:
            yield f"I1: in version row {version.pk} not exactly one role leads the activities {unled}"
        if digest_of(grid) != version.digest:
            yield f"I5: version row {version.pk} has another digest than its grid"


def _logged() -> Iterator[str]:
    """Each version stands in the log of its matrix where it was published, and nothing else says it was."""
    at = Change.objects.filter(matrix=OuterRef("matrix"), revision=OuterRef("logged"), kind="publish")
    for pk, revision in Version.objects.filter(~Exists(at)).order_by("pk").values_list("pk", "logged"):
        yield f"Version row {pk} is not in the log of its matrix at revision {revision}"
    made = Version.objects.filter(matrix=OuterRef("matrix"), logged=OuterRef("revision"))
    lost = Change.objects.filter(Q(kind="publish") & ~Exists(made)).order_by("matrix_id", "revision")
    for matrix, revision in lost.values_list("matrix", "revision"):
        yield f"Matrix {matrix} was published at revision {revision}, and there is no such version"


def _numbers() -> Iterator[str]:
    """The versions of a matrix are numbered from 1 without a gap, in the order of the log."""
    numbers: dict[int, list[int]] = {}
    for matrix, number in Version.objects.order_by("matrix", "logged").values_list("matrix", "number"):
        numbers.setdefault(matrix, []).append(number)
    for matrix, found in numbers.items():
        if found != list(range(1, len(found) + 1)):
            yield f"The versions of matrix {matrix} are numbered {found}"


def _latest() -> Iterator[str]:
    """What counts as published is the version with the highest number, of the same matrix."""
    said = Version.objects.order_by().values_list("matrix", "matrix__publication__latest__number")
    for matrix, latest, highest in said.annotate(Max("number")).order_by("matrix"):
        if latest != highest:
            yield f"Matrix {matrix} counts version {latest} as its latest, not {highest}"
    for pk in Publication.objects.exclude(latest=None).exclude(latest__matrix=F("matrix")).values_list("pk", flat=True):
        yield f"Publication {pk} counts a version of another matrix as its latest"


def _signed() -> Iterator[str]:
    """I7: a version that was signed has the role. What was signed and is no version is for raci.reviews to find."""
    signed: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for pk, matrix, digest, role in SignOff.objects.order_by("pk").values_list("pk", "matrix", "digest", "role"):
        signed.setdefault((matrix, digest), []).append((pk, role))
    of = SignOff.objects.filter(matrix=OuterRef("matrix"), digest=OuterRef("digest"))
    for version in Version.objects.filter(Exists(of)).order_by("pk").iterator(AT_ONCE):
        roles = {role.id for role in from_plain(version.grid).roles}
        for pk, role in signed.pop((version.matrix_id, version.digest), ()):
            if role not in roles:
                yield f"I7: signature {pk} is one for a role that its version does not have"


def _receipts() -> Iterator[str]:
    """A letter, its links and its mail are of one workspace, and each link is for letters. Who was told has a link, and
    their mail is there as long as mails are kept."""
    here = F("version__matrix__workspace")
    for field in ("link", "reminder"):
        wrong = ~Q(**{f"{field}__workspace": here}) | ~Q(**{f"{field}__purpose": "letter"})
        rows = Receipt.objects.filter(wrong, **{f"{field}__isnull": False}).order_by("pk")
        for pk in rows.values_list("pk", flat=True):
            yield f"Receipt {pk} has as its {field} one of another workspace, or for something else"
    recent = timezone.now() - KEPT
    for lost, words in ((Q(link=None), "no link"), (Q(mail=None, told_at__gt=recent), "no mail, and was told lately")):
        for pk in Receipt.objects.filter(lost).order_by("pk").values_list("pk", flat=True):
            yield f"Receipt {pk} has {words}"


def _pages() -> Iterator[str]:
    """A shared page and its version are of one matrix, its link is of their workspace. What is embedded names sites,
    each in its one form, and nothing else names any."""
    for pk in SharedPage.objects.exclude(link__workspace=F("matrix__workspace")).values_list("pk", flat=True):
        yield f"Shared page {pk} has a link of another workspace"
    for pk in SharedPage.objects.exclude(link__purpose="shared").values_list("pk", flat=True):
        yield f"Shared page {pk} has a link for something else"
    strays = SharedPage.objects.exclude(version=None).exclude(version__matrix=F("matrix"))
    for pk in strays.values_list("pk", flat=True):
        yield f"Shared page {pk} shows a version of another matrix"
    for pk, kind, named in SharedPage.objects.order_by("pk").values_list("pk", "kind", "origins"):
        if not (_are_sites(named) if kind == SharedPage.Kind.EMBED else named == []):
            yield f"Shared page {pk} names other sites than it may: {named}"


def _are_sites(named: list[str]) -> bool:
    try:
        return origins(" ".join(named)) == named
    except ValueError:
        return False


def _postings() -> Iterator[str]:
    """A webhook is told of versions of its own matrix."""
    strays = Posting.objects.exclude(webhook__matrix=F("version__matrix")).order_by("pk")
    for pk in strays.values_list("pk", flat=True):
        yield f"Posting {pk} tells a webhook of a version of another matrix"
