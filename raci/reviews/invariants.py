"""What must hold of polls and reviews, whoever wrote. Each check says in sentences what is broken."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q

from raci.matrices.models import Change
from raci.notices.models import Outbox
from raci.publishing.models import SignOff, Version

from .asking import REMINDER
from .models import Answer, Decision, Evidence, Item, Poll, Respondent, Result, Review
from .sessions import LIVE
from .states import PollState, ReviewState


def broken() -> list[str]:
    """Everything that is wrong with what was asked and what was decided."""
    return [
        *_polls(),
        *_links(),
        *_answers(),
        *_evidence(),
        *_reviews(),
        *_screens(),
        *_decisions(),
        *_logged(),
        *_results(),
        *_signed(),
    ]


def _polls() -> Iterator[str]:
    """A poll is counted when it is closed, and not before; one by function forgets then who they were."""
    odd = Q(state=PollState.OPEN) & (Q(closed_at__isnull=False) | ~Q(result={}))
    odd |= Q(state=PollState.CLOSED) & (Q(closed_at=None) | Q(result={}))
    for pk, state in Poll.objects.filter(odd).order_by("pk").values_list("pk", "state"):
        yield f"Poll {pk} is {state}, and its result says otherwise"
    known = Q(user__isnull=False) | ~Q(name="") | ~Q(address="") | Q(link__isnull=False) | Q(mail__isnull=False)
    known |= Q(role__isnull=False) | ~Q(function="") | Q(digest="") | Q(reminded_at__isnull=False)
    hidden = Respondent.objects.filter(known, poll__state=PollState.CLOSED, poll__naming=Poll.Naming.FUNCTION)
    for pk, poll in hidden.order_by("pk").values_list("pk", "poll"):
        yield f"Respondent {pk} is known by more than a token, and poll {poll} is closed"
    unsent = Answer.objects.filter(respondent__poll__state=PollState.CLOSED, respondent__submitted_at=None)
    for poll in unsent.order_by("respondent__poll").values_list("respondent__poll", flat=True).distinct():
        yield f"Poll {poll} is closed, and keeps answers that were never sent"
    yield from _mails()


def _mails() -> Iterator[str]:
    """A mail of a poll goes to somebody it still knows, so that none tells whom one by function had asked."""
    mails = Outbox.objects.filter(Q(key__startswith="poll:") | Q(key__startswith=f"{REMINDER}:"))
    theirs = Exists(Respondent.objects.filter(link=OuterRef("link")))
    for pk in mails.exclude(theirs).order_by("pk").values_list("pk", flat=True):
        yield f"Mail {pk} is of a poll, and of nobody who was asked"


def _links() -> Iterator[str]:
    """The links of a poll are of the workspace of its matrix, and for polls."""
    for rows, here in ((Poll.objects, "matrix"), (Respondent.objects, "poll__matrix")):
        wrong = ~Q(link__workspace=F(f"{here}__workspace")) | ~Q(link__purpose="poll")
        for pk in rows.filter(wrong, link__isnull=False).order_by("pk").values_list("pk", flat=True):
            yield f"{rows.model.__name__} {pk} has a link of another workspace, or for something else"


def _answers() -> Iterator[str]:
    """Whoever answers says it of what was asked, and has said before where they belong."""
    for poll in Poll.objects.filter(respondents__answers__isnull=False).distinct().order_by("pk"):
        asked = {each["id"] for each in poll.asked["activities"]}
        roles = {each["id"] for each in poll.asked["roles"]}
        given = Answer.objects.filter(respondent__poll=poll)
        for pk in given.exclude(activity__in=asked).order_by("pk").values_list("pk", flat=True):
            yield f"Answer {pk} is about an activity that poll {poll.pk} does not ask about"
        strays = given.filter(lead__isnull=False).exclude(lead__in=roles)
        for pk in strays.order_by("pk").values_list("pk", flat=True):
            yield f"Answer {pk} names a role that poll {poll.pk} does not offer"
    early = Respondent.objects.filter(submitted_at__isnull=False, joined_at=None).order_by("pk")
    for pk in early.values_list("pk", flat=True):
        yield f"Respondent {pk} has sent answers without ever joining"


def _evidence() -> Iterator[str]:
    """What is known of a matrix comes from a poll of its own that is closed."""
    rows = Evidence.objects.filter(poll__isnull=False)
    wrong = rows.filter(~Q(poll__matrix=F("matrix")) | ~Q(poll__state=PollState.CLOSED))
    for pk, poll in wrong.order_by("pk").values_list("pk", "poll"):
        yield f"Evidence {pk} goes by poll {poll}, which is open or one of another matrix"


def _reviews() -> Iterator[str]:
    """A review has come as far as its state says, looks at things of its own matrix, and is held alone."""
    had = {
        "a beginning": (Q(started_at=None), (*LIVE, ReviewState.ENDED, ReviewState.PUBLISHED)),
        "an end and a result": (Q(ended_at=None) | Q(result=""), (ReviewState.ENDED, ReviewState.PUBLISHED)),
        "no clock that runs": (Q(shown_at__isnull=False), tuple(set(ReviewState) - {ReviewState.RUNNING})),
    }
    for what, (lacks, states) in had.items():
        for pk, state in Review.objects.filter(lacks, state__in=states).order_by("pk").values_list("pk", "state"):
            yield f"Review {pk} is {state}, and so it should have {what}"
    for field in ("poll", "version"):
        strays = Review.objects.filter(**{f"{field}__isnull": False}).exclude(**{f"{field}__matrix": F("matrix")})
        for pk in strays.order_by("pk").values_list("pk", flat=True):
            yield f"Review {pk} has a {field} of another matrix"
    live = Review.objects.filter(state__in=LIVE).order_by().values("matrix").annotate(held=Count("pk"))
    for row in live.filter(held__gt=1).order_by("matrix"):
        yield f"{row['held']} sessions of matrix {row['matrix']} are held at once"


def _screens() -> Iterator[str]:
    """What is on the screen of a session is on its own agenda, and the agenda is in one order."""
    strays = Review.objects.filter(item__isnull=False).exclude(item__review=F("pk"))
    for pk, item in strays.order_by("pk").values_list("pk", "item"):
        yield f"Review {pk} shows item {item}, which is of another"
    same = Item.objects.order_by().values("review", "position").annotate(items=Count("pk")).filter(items__gt=1)
    for row in same.order_by("review", "position"):
        yield f"{row['items']} items of review {row['review']} are at place {row['position']}"


def _decisions() -> Iterator[str]:
    """A decision stands in the log of its matrix as one, and names what belongs to its kind."""
    logged = Q(change__matrix=F("review__matrix"), change__kind="decide")
    for pk in Decision.objects.exclude(logged).order_by("pk").values_list("pk", flat=True):
        yield f"Decision {pk} is not in the log of its matrix"
    settles = [Decision.Kind.KEEP, Decision.Kind.LEAD, Decision.Kind.LEVELS]
    for pk in Decision.objects.filter(kind__in=settles, lead=None).order_by("pk").values_list("pk", flat=True):
        yield f"Decision {pk} settles a row, and nobody leads it"
    for pk in Decision.objects.filter(kind=Decision.Kind.ASK, due=None).order_by("pk").values_list("pk", flat=True):
        yield f"Decision {pk} has something found out, and by no day"
    undone = Change.objects.filter(undoes=OuterRef("change"))
    for pk in Decision.objects.filter(Exists(undone), taken_back_at=None).order_by("pk").values_list("pk", flat=True):
        yield f"Decision {pk} stands, and the log says that it was taken back"


def _logged() -> Iterator[str]:
    """Whatever the log calls decided is a decision, and what it calls taken back was one: all of a change, or one of
    several that were left open as one."""
    made = Decision.objects.filter(change=OuterRef("pk"))
    lost = Change.objects.filter(~Exists(made), kind="decide")
    for matrix, revision in lost.order_by("matrix", "revision").values_list("matrix", "revision"):
        yield f"Matrix {matrix} says at revision {revision} that something was decided, and nothing was"
    strays = Change.objects.filter(kind="undecide").exclude(undoes__kind="decide", undoes__matrix=F("matrix"))
    strays = strays.exclude(undoes=None, names__about__decision=Decision.Kind.OPEN)
    for matrix, revision in strays.order_by("matrix", "revision").values_list("matrix", "revision"):
        yield f"Matrix {matrix} takes back at revision {revision} what was no decision"


def _results() -> Iterator[str]:
    """What was put up for signing stood in the matrix, and what a review has put up last is among it."""
    ahead = Result.objects.filter(revision__gt=F("review__matrix__revision"))
    for pk in ahead.order_by("pk").values_list("pk", flat=True):
        yield f"Result {pk} stands at a revision that its matrix has not reached"
    kept = Result.objects.filter(review=OuterRef("pk"), digest=OuterRef("result"))
    for pk in Review.objects.filter(~Q(result=""), ~Exists(kept)).order_by("pk").values_list("pk", flat=True):
        yield f"Review {pk} has put up a result that is not among its results"


def _signed() -> Iterator[str]:
    """I7: what was signed is there, a version of the same matrix or what a review of it put up. What is published of a
    review is what it put up."""
    versions = Version.objects.filter(matrix=OuterRef("matrix"), digest=OuterRef("digest"))
    put_up = Result.objects.filter(review__matrix=OuterRef("matrix"), digest=OuterRef("digest"))
    lost = SignOff.objects.filter(~Exists(versions), ~Exists(put_up))
    for pk in lost.order_by("pk").values_list("pk", flat=True):
        yield f"I7: signature {pk} is one of a grid that is neither a version of its matrix nor a result of its reviews"
    others = Review.objects.filter(version__isnull=False).exclude(version__digest=F("result"))
    for pk in others.order_by("pk").values_list("pk", flat=True):
        yield f"Review {pk} is published as another grid than it put up"
