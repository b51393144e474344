"""What was asked and decided, in the export of a workspace: all of it, but no answer that is not told yet."""

import io
import json
from zipfile import ZipFile

import pytest
from django.urls import reverse

from raci.reviews.models import Poll, Respondent, Review
from tests import walk
from tests.reviews.polls import answered
from tests.screens.test_whole_export import read
from tests.walk import World


@pytest.fixture
def world(seeded) -> World:
    return walk.our_world()


def taken(world: World) -> ZipFile:
    answer = world.client("owner").post(reverse("workspace_export", args=[world.ids["workspace"]]))
    assert answer.status_code == 200
    return ZipFile(io.BytesIO(answer.content))


def test_a_closed_poll_with_names_says_who_said_what(world):
    file, ids = taken(world), world.ids
    polls = {each["id"]: each for each in read(file, "Our matrix, reviews.json")["polls"]}
    closed = polls[ids["closed_poll"]]
    assert closed["result"]["answered"] == 7
    assert closed["result"] == Poll.objects.get(pk=ids["closed_poll"]).result
    first = closed["answered"][0]
    assert (first["name"], first["role"]) == ("Our inner answerer 0", ids["role"])
    assert first["answers"][0] == {
        "activity": ids["activity"],
        "said": "role",
        "lead": ids["role"],
        "done": "partly",
        "well": "yes",
        "on_time": "no",
        "skill": "partly",
        "time": "no",
    }
    assert len(closed["answered"]) == 7  # and not who never sent anything
    member = next(each for each in closed["answered"] if each["by"])
    assert read(file, "workspace.json")["people"][str(member["by"])] == "Our user viewer"


def test_of_a_poll_by_function_there_are_the_counts_alone(world):
    (poll,) = [each for each in read(taken(world), "Our matrix, reviews.json")["polls"] if each["naming"] == "function"]
    assert poll["answered"] is None
    assert poll["result"]["answered"] == 7
    assert "Our user" not in json.dumps(poll)


@pytest.mark.parametrize("naming", Poll.Naming.values)
def test_of_an_open_poll_no_answer_is_told_and_nobody_named(world, naming):
    poll = Poll.objects.get(pk=world.ids["poll"])
    Poll.objects.filter(pk=poll.pk).update(naming=naming)
    answered(poll, world.ids["role"], ["nobody"], name="Nadia Answers")
    file = taken(world)
    (found,) = [each for each in read(file, "Our matrix, reviews.json")["polls"] if each["id"] == poll.pk]
    assert (found["answered"], found["result"], found["closed"]) == (None, None, None)
    held = b"".join(file.read(name) for name in file.namelist() if name.endswith(".json")).decode()
    for secret in ("Nadia Answers", "Our inner guest", "our.inner.asked", world.ids["poll_token"]):
        assert secret not in held, secret


def test_how_rows_go_and_how_their_leads_are_rated_is_there_and_by_whom(world):
    file, ids = taken(world), world.ids
    known = read(file, "Our matrix, reviews.json")["known"]
    said = known["health"][str(ids["activity2"])]["done"][0]
    assert (said["answer"], said["note"]) == ("no", "Our inner health")
    rated = known["ratings"][f"{ids['activity2']}:{ids['role2']}"]
    assert (rated["skill"], rated["time"], rated["by"]) == (2, 1, world.people["owner"].pk)
    assert known["poll"] == ids["closed_poll"]


def test_who_said_how_a_row_goes_is_named_though_they_have_left(world):
    ids = world.ids
    review = Review.objects.get(pk=ids["running"])
    evidence = review.matrix.evidence
    former = world.people["ex-member"]
    evidence.health[str(ids["activity2"])]["done"][0]["by"] = former.pk
    evidence.save(update_fields=["health"])
    assert read(taken(world), "workspace.json")["people"][str(former.pk)] == "Xena"


def test_sessions_are_there_with_what_they_decided_and_what_they_became(world):
    file, ids = taken(world), world.ids
    reviews = {each["id"]: each for each in read(file, "Our matrix, reviews.json")["reviews"]}
    running = reviews[ids["running"]]
    assert (running["title"], running["state"]) == ("Our session", "running")
    assert [item["name"] for item in running["agenda"]] == ["Our activity 1", "Our activity 2", "Our activity 4"]
    assert {(each["kind"], bool(each["taken_back"])) for each in running["decisions"]} == {
        ("ask", False),
        ("keep", False),
        ("open", True),
    }
    assert running["decisions"][0]["note"] == "Our inner why"
    assert [each["came"] is not None for each in running["people"]].count(True) == 1
    calm = read(file, "Our calm matrix, reviews.json")
    assert [(each["state"], each["version"]) for each in calm["reviews"]] == [
        ("published", 1),
        ("ended", None),
        ("planned", None),
    ]
    assert calm["reviews"][0]["figures"] == Review.objects.get(pk=ids["published"]).figures
    assert calm["reviews"][1]["results"][-1]["digest"] == ids["ended_digest"]
    (look_back,) = calm["look_backs"]
    assert [each["note"] for each in look_back["wrong"].values()] == ["Our inner wrong"]
    letter = read(file, "Our calm matrix, versions.json")["versions"][0]["letter"]
    assert "Our inner why" in letter["minutes"]


def test_a_matrix_that_nobody_asked_about_has_no_file_of_it(sign_in, owner, matrix):
    answer = sign_in(owner).post(reverse("workspace_export", args=[owner.workspace_id]))
    assert not [name for name in ZipFile(io.BytesIO(answer.content)).namelist() if "reviews.json" in name]


def test_nobody_whose_account_is_gone_stands_in_it(world):
    Respondent.objects.filter(user=world.people["viewer"]).update(user=None)
    closed = next(
        each
        for each in read(taken(world), "Our matrix, reviews.json")["polls"]
        if each["id"] == world.ids["closed_poll"]
    )
    assert {each["by"] for each in closed["answered"]} == {None}
