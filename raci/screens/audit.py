"""The audit log in plain sentences, one for each kind of entry. See raci/workspaces/audit.py for who writes them."""

from dataclasses import dataclass
from typing import Any

from raci.accounts.models import name_of
from raci.grid.text import SOMEBODY, counted
from raci.workspaces.models import Access, AuditEvent, Invitation, Workspace

PAGE = 50
_FILES = {"xlsx": "an Excel workbook", "csv": "CSV", "markdown": "Markdown"}
_PAGES = {
    "page": "a link to read what is published of",
    "embed": "a page for other sites with what is published of",
    "feed": "a feed of what is published of",
}


@dataclass(frozen=True, slots=True)
class Line:
    event: AuditEvent
    text: str


def lines(workspace: Workspace, before: int | None = None) -> tuple[list[Line], int | None]:
    """A page of the log, newest first, and where the next one begins: before that id. None where there is none."""
    rows = AuditEvent.objects.filter(workspace=workspace).select_related("by", "whom").order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[: PAGE + 1])
    page = found[:PAGE]
    addresses = _addresses(page)
    said = [Line(event, sentence(event, addresses.get(event.about.get("invitation"), ""))) for event in page]
    return said, page[-1].pk if len(found) > PAGE else None


def sentence(event: AuditEvent, address: str = "") -> str:
    """What happened. A kind that is not known here is named as it is. `address` is that of an invitation it is about,
    "" where that is not known any more."""
    by = name_of(event.by)
    whom = "" if event.by_id and event.by_id == event.whom_id else name_of(event.whom)  # "" is oneself
    said = _about_people(event.kind, event.about, by, whom, address) or _about_things(event.kind, event.about, by)
    said = said or _about_polls(event.kind, event.about, by)
    return said or f"{by}: {event.kind}."


def _about_people(kind: str, about: dict[str, Any], by: str, whom: str, address: str) -> str:
    access, was = _as_noun(about.get("access")), _as_noun(about.get("was"))
    domain = about.get("domain", "")
    invited = address or f"an address at {domain}"
    match kind:
        case "member.invited" if domain:
            return f"{by} invited {invited} as {access}."
        case "member.invited":
            return f"{by} made an invitation link; whoever has it may join as {access}."
        case "invitation.revoked" if domain:
            return f"{by} revoked the invitation of {invited} as {access}."
        case "invitation.revoked":
            return f"{by} revoked an invitation link to join as {access}."
        case "member.joined":
            return f"{by} joined as {access}, invited by {_inside(whom)}."
        case "member.access" if not whom:
            return f"{by} stepped down from {was} to {access}."
        case "member.access":
            return f"{by} made {_inside(whom)} {access}, from {was}."
        case "member.removed":
            return f"{by} removed {_inside(whom)}, {access}."
        case "member.left" if about.get("deleted"):
            return f"{by} deleted their account."
        case "member.left":
            return f"{by}, {access}, left."
        case "draft.revoked" | "assessment.revoked" if "matrix" not in about and "assessment" not in about:
            what = "to look at a draft" if kind == "draft.revoked" else "to answer an assessment"
            return f"{by} revoked a link of {_inside(whom)} {what}." if whom else f"{by} gave up a link {what}."
        case "shared.revoked":
            return (
                f"{by} revoked a link of {_inside(whom)} to what is published."
                if whom
                else f"{by} gave up a link to what is published."
            )
        case "workspace.handed_over":
            return f"{by} handed the workspace over to {_inside(whom)}, {was} until then."
    return ""


def _about_things(kind: str, about: dict[str, Any], by: str) -> str:
    matrix, title = about.get("matrix", ""), about.get("assessment", "")
    match kind:
        case "exported":
            return f"{by} exported “{matrix}” as {_FILES.get(about.get('kind', ''), 'a file')}."
        case "draft.shared":
            return f"{by} made a link to look at “{matrix}” without an account."
        case "draft.revoked":
            return f"{by} revoked a link to look at “{matrix}”."
        case "page.shared":
            return f"{by} made {_PAGES.get(about.get('kind', ''), 'a link to read')} “{matrix}” without an account."
        case "page.revoked":
            return f"{by} revoked {_PAGES.get(about.get('kind', ''), 'a link to read')} “{matrix}”."
        case "version.exported":
            return f"{by} exported version {about.get('version', '')} of “{matrix}” as an Excel workbook."
        case "assessment.shared":
            return f"{by} made a link to answer “{title}” without an account."
        case "assessment.revoked":
            return f"{by} revoked the link to answer “{title}”."
        case "letter.sent":
            to = counted(about.get("people", 0), "person", "people")
            return f"{by} sent the letter of “{matrix}”, version {about.get('version', '')}, to {to}."
        case "letter.posted":
            to = counted(about.get("webhooks", 1), "webhook")
            return f"{by} posted the letter of “{matrix}”, version {about.get('version', '')}, to {to}."
        case "webhook.added":
            return f"{by} added a webhook of “{matrix}” at {about.get('host', '')}."
        case "webhook.removed":
            return f"{by} removed a webhook of “{matrix}” at {about.get('host', '')}."
        case "workspace.renamed":
            return f"{by} renamed the workspace to “{about.get('name', '')}”."
        case "workspace.deleted":
            return f"{by} deleted the workspace."
        case "workspace.restored":
            return f"{by} restored the workspace."
        case "workspace.exported":
            return f"{by} exported all of the workspace."
    return ""


def _came_by_link(about: dict[str, Any]) -> str:
    return f"{counted(about.get('people', 0), 'person', 'people')} who came by the link of"


def _about_polls(kind: str, about: dict[str, Any], by: str) -> str:
    poll = about.get("poll", "")
    match kind:
        case "poll.opened":
            return f"{by} opened the poll “{poll}” about “{about.get('matrix', '')}”."
        case "poll.asked":
            return f"{by} asked {counted(about.get('people', 0), 'person', 'people')} to answer “{poll}” by mail."
        case "poll.shared":
            return f"{by} made a link to answer “{poll}” without an account."
        case "poll.revoked":
            return f"{by} revoked the link to answer “{poll}”."
        case "poll.left_out":
            return f"{by} left out {_came_by_link(about)} “{poll}”."
        case "poll.counted_again":
            return f"{by} counts {_came_by_link(about)} “{poll}” again."
        case "poll.closed" if about.get("by_itself"):
            return f"The poll “{poll}” about “{about.get('matrix', '')}” closed by itself."
        case "poll.closed":
            return f"{by} closed the poll “{poll}” about “{about.get('matrix', '')}”."
    return ""


def _addresses(events: list[AuditEvent]) -> dict[int, str]:
    """The addresses of invitations these are about, by id, as far as they are still there; one query at most."""
    wanted = {event.about["invitation"] for event in events if "invitation" in event.about}
    rows = Invitation.objects.filter(pk__in=wanted) if wanted else Invitation.objects.none()
    return dict(rows.values_list("pk", "email"))


def _inside(name: str) -> str:
    """A name within a sentence, which “Somebody” does not begin."""
    return "somebody" if name == SOMEBODY else name


def _as_noun(access: object) -> str:
    return Access(access).with_article if access in Access.values else "a member"
