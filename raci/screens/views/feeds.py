"""The feed of versions, for whoever has its link, without an account."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from raci.publishing import pages
from raci.publishing.models import SharedPage
from raci.screens.feeds import feed_of, versions_of
from raci.screens.guest_links import unlisted
from raci.web import limits
from raci.web.routes import anyone
from raci.web.unchanged import unless_known
from raci.workspaces.links import is_known, note_look
from raci.workspaces.models import Link


@anyone
@require_safe
def feed(request: HttpRequest, link: str) -> HttpResponse:
    """Whoever knows it already is told so before anything is written."""
    page = pages.opened_by(link, SharedPage.Kind.FEED)
    if page is None:
        return _gone(request, link)
    versions = versions_of(page.matrix)

    def make() -> HttpResponse:
        return HttpResponse(feed_of(page, versions), content_type=Atom1Feed.content_type)

    parts = (settings.SITE_URL, page.pk, page.matrix.name, *((each.pk, each.digest, each.note) for each in versions))
    answer = unless_known(request, parts, make)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    note_look(page.link)
    return answer


def _gone(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 of a feed, in words a feed reader shows; a token that nobody was given counts as a guess."""
    if not is_known(Link.Purpose.SHARED, token) and not limits.count(request, "wrong_link"):
        return unlisted(limits.too_many(request))
    said = "This feed has ended. Ask whoever gave you its address for a new one.\n"
    answer = HttpResponse(said, status=410, content_type="text/plain; charset=utf-8")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return unlisted(answer)
