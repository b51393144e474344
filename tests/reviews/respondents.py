"""Short ways to open a poll and to answer it by the real operations, as people do."""

from datetime import timedelta

from django.utils import timezone

from raci.matrices.models import Matrix
from raci.reviews import answering
from raci.reviews.answering import About, Given
from raci.reviews.models import Poll, Respondent
from raci.reviews.polling import Opened, open_poll
from raci.workspaces.links import new_token
from raci.workspaces.models import Member

NAMED, FUNCTION = Poll.Naming.NAMED, Poll.Naming.FUNCTION


def opened(matrix: Matrix, member: Member, naming: str = NAMED, *, days: float = 14, **more) -> Opened:
    until = timezone.now() + timedelta(days=days)
    return open_poll(matrix=matrix.pk, by=member, title="Who leads what?", naming=naming, **{"until": until} | more)


def came(opened: Opened, place: int | str = "Legal", name: str = "Gina Guest") -> Respondent:
    """Somebody by the link of the poll, of a role (its id) or another function."""
    return answering.join(link_token=opened.token, about=about(opened.poll, place, name), token=new_token())


def about(poll: Poll, place: int | str = "Legal", name: str = "Gina Guest") -> About:
    """What somebody says of themselves who was told how names are treated now."""
    told = Poll.objects.values_list("naming", flat=True).get(pk=poll.pk)
    if isinstance(place, int):
        return About(told, role=place, name=name)
    return About(told, function=place, name=name)


def says(respondent: Respondent, activity: int, lead: int | str, **health) -> None:
    given = Given("role", lead, health) if isinstance(lead, int) else Given(lead, None, health)
    told = Poll.objects.values_list("naming", flat=True).get(pk=respondent.poll_id)
    answering.answer(respondent=respondent.pk, activity=activity, given=given, told=told)


def sends(respondent: Respondent) -> None:
    answering.submit(respondent=respondent.pk)


def asked(poll: Poll) -> tuple[list[int], list[int]]:
    """The ids of the activities and the roles that a poll asks about."""
    return [each["id"] for each in poll.asked["activities"]], [each["id"] for each in poll.asked["roles"]]
