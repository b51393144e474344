"""Fills a workspace with an invented organisation, so that every screen can be seen full."""

import tomllib
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from raci.accounts.models import User
from raci.grid.text import counted
from raci.matrices import house
from raci.matrices.models import Change
from raci.publishing.models import Version
from raci.reviews.models import Review
from raci.screens.demo.calendar import evening, moments
from raci.screens.demo.culture import assess, own_product_marketing
from raci.screens.demo.readers import addresses, tell_of
from raci.screens.demo.reviews import ask, decided_at, know, plan_next, set_back
from raci.screens.demo.story import Story, begin
from raci.screens.demo.team import open_doors
from raci.workspaces.models import Access, Member, Workspace
from raci.workspaces.signup import FIRST_NAME

from .serve import local_owner

DATA = Path(__file__).parents[2] / "demo" / "tidewater.toml"


class Command(BaseCommand):
    help = "Fill your workspace with an invented organisation: matrices, people and weeks of history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", help="whose workspace; without it, that of the person this machine signs in")

    def handle(self, *, email: str | None, **options: Any) -> None:
        if settings.LOCAL:
            call_command("migrate", verbosity=0)
        workspace = _workspace_of(_owner(email))
        data = tomllib.loads(DATA.read_text(encoding="utf-8"))
        if workspace.members.filter(user__email=data["people"][0]["email"]).exists():
            self.stdout.write(f"{workspace.name} holds the demonstration already. Nothing was added.")
            return
        with transaction.atomic():
            stories = _fill(workspace, data)
            people = _by_name(workspace)
            open_doors(data["doors"], stories, people)
            assessed = [assess(entry, people) for entry in data["assessments"]]
            own_product_marketing(data["advice"], people)
            review = _review_next(data["review"], stories, people)
        self.stdout.write(f"Made in the workspace {workspace.name}:\n")
        for story in stories:
            self.stdout.write(f"  {_told(story)}")
        self.stdout.write(f"  {len(assessed)} assessments: {', '.join(made.title for made in assessed)}")
        self.stdout.write(f"  a poll that is closed, and a session to come: {review.title}")
        self.stdout.write(f"  a reference of the house: {data['house']['name']}")
        self.stdout.write(f"  an invitation to {data['doors']['invitation']['email']}, and a link to look at a draft")
        self.stdout.write(f"  {len(data['people'])} people with their access: {_names(data['people'])}.")


def _owner(email: str | None) -> User:
    if email is None:
        return local_owner()
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(f"Nobody has the address {email}. Sign up with it first, or leave --email out.")
    return user


def _workspace_of(user: User) -> Workspace:
    owned = Member.objects.filter(user=user, access=Access.OWNER, workspace__deleted_at=None)
    member = owned.select_related("workspace").order_by("pk").first()
    if member is None:
        raise CommandError(f"{user} owns no workspace.")
    return member.workspace


def _fill(workspace: Workspace, data: dict[str, Any]) -> list[Story]:
    if workspace.name == FIRST_NAME:
        workspace.name = data["workspace"]
        workspace.save(update_fields=["name"])
    people = [_member(workspace, **person) for person in data["people"]]
    editors = [member for member in people if member.may(Access.EDITOR)]
    dice, stories, times = Random(20), [], dict[int, datetime]()
    by_name = _by_name(workspace)
    fills = {role: [by_name[name] for name in names] for role, names in data["fills"].items()}
    entries = [*data["matrices"], data["wide"]]
    for entry in entries:
        dice.shuffle(editors)
        story = begin(entry, list(editors), data["roles"], fills, dice)
        story.tell(entry.get("steps", []), entry["edits"])
        stories.append(story)
    _keep_for_the_house(data["house"], stories, by_name)
    for entry, story in zip(entries, stories, strict=True):
        times |= _times(story, dice, entry["begun"])
    _backdate(times)
    for story in stories:
        for review, published in story.held.items():
            set_back(Review.objects.get(pk=review), published)
    colleagues = addresses(data["colleagues"], data["people"][0]["email"].partition("@")[2])
    for entry, story in zip(entries, stories, strict=True):
        tell_of(story, entry, by_name, colleagues, dice)
    return stories


def _keep_for_the_house(entry: dict[str, str], stories: Sequence[Story], people: dict[str, Member]) -> None:
    """One of the matrices becomes a reference of the house, and another follows it from now on."""
    by_name, by = {story.matrix.name: story for story in stories}, people[entry["by"]]
    kept = house.save_reference(by=by, matrix=by_name[entry["from"]].matrix, name=entry["name"])
    by_name[entry["from"]].made += Change.objects.filter(matrix=by_name[entry["from"]].matrix, kind="house")
    follower = by_name[entry["followed_by"]]
    follower.follow(kept, by)


def _review_next(entry: dict[str, Any], stories: Sequence[Story], people: dict[str, Member]) -> Review:
    """People were asked about one of the matrices, and a session about it is planned."""
    matrix = next(story.matrix for story in stories if story.matrix.name == entry["matrix"])
    poll = ask(matrix, entry["poll"], people)
    know(matrix, entry, people)
    return plan_next(matrix, entry["session"], people, poll)


def _by_name(workspace: Workspace) -> dict[str, Member]:
    return {str(member.user): member for member in workspace.members.select_related("user", "workspace")}


def _member(workspace: Workspace, *, name: str, email: str, access: str) -> Member:
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    return Member.objects.create(workspace=workspace, user=user, access=Access(access))


def _times(story: Story, dice: Random, begun: int) -> dict[int, datetime]:
    """When each change was made: between two versions, all of them after the one and before the other."""
    times: dict[int, datetime] = {}
    between: list[Change] = []
    for change in story.made:
        until = story.published.get(change.pk)
        if until is None:
            between.append(change)
        else:
            times |= _spread(between, dice, begun, until) | {change.pk: evening(until)}
            between, begun = [], until - 1
    return times | _spread(between, dice, begun)


def _spread(made: Sequence[Change], dice: Random, begun: int, until: int = 0) -> dict[int, datetime]:
    """What a session decided was decided at its end."""
    held = [change.pk for change in made if change.kind == "decide"]
    rest = [change.pk for change in made if change.kind != "decide"]
    times = dict(zip(rest, moments(dice, begun, len(rest), until), strict=True))
    return times | {pk: decided_at(until, place) for place, pk in enumerate(held)}


def _backdate(times: dict[int, datetime]) -> None:
    """The one thing no operation does: the log says these changes happened over the last weeks."""
    Change.objects.bulk_update([Change(pk=pk, at=at) for pk, at in times.items()], ["at"], batch_size=200)


def _told(story: Story) -> str:
    story.matrix.refresh_from_db()
    rows, columns = story.matrix.activities.count(), story.matrix.roles.count()
    versions = Version.objects.filter(matrix=story.matrix).count()
    published = f", {counted(versions, 'version')}" if versions else ""
    archived = ", archived" if story.matrix.is_archived else ""
    changes = f"{story.matrix.revision} changes"
    return f"{story.matrix.name}: {rows} activities, {columns} roles, {changes}{published}{archived}"


def _names(people: Sequence[dict[str, str]]) -> str:
    return ", ".join(f"{person['name']} ({person['access']})" for person in people)
