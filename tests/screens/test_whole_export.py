"""All of a workspace in one file: what is in it, what is not, and that it can be read back."""

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from culture.asking import answer_as_member, close, open_assessment
from culture.entries import Function
from culture.scoring import Choice
from raci.grid.levels import Level
from raci.grid.plain import from_plain, to_plain
from raci.matrices import people
from raci.matrices.house import save_reference
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, rename_matrix, set_level
from raci.matrices.store import read_grid
from raci.matrices.undo import undo
from raci.publishing.models import Version
from raci.publishing.versions import grid_of
from raci.screens import whole_export
from raci.workspaces.links import make_link
from raci.workspaces.models import Access, AuditEvent, Invitation, Link
from tests import walk
from tests.factories import make_matrix


def taken(client, member) -> ZipFile:
    answer = client.post(reverse("workspace_export", args=[member.workspace_id]))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    return ZipFile(io.BytesIO(answer.content))


def read(archive: ZipFile, end: str):
    (name,) = [name for name in archive.namelist() if name.endswith(end)]
    return json.loads(archive.read(name))


@pytest.fixture
def archive(sign_in, owner):
    return lambda: taken(sign_in(owner), owner)


def test_each_matrix_is_there_as_a_workbook_and_as_a_grid_that_reads_back(archive, owner, matrix):
    small = make_matrix(owner, "LS", ".L", name="Small")
    file = archive()
    assert file.testzip() is None
    workbooks = [name for name in file.namelist() if name.endswith(".xlsx")]
    assert workbooks == [
        f"matrices/{matrix.pk} Launch, revision 1.xlsx",
        f"matrices/{small.pk} Small, revision 1.xlsx",
    ]
    book = openpyxl.load_workbook(io.BytesIO(file.read(workbooks[0])))
    assert "Pricing and Packaging" in {cell.value for row in book.worksheets[0].iter_rows() for cell in row}
    for row in (matrix, small):
        kept = read(file, f"{row.pk} {row.name}, revision 1.json")
        assert from_plain(kept["grid"]) == read_grid(Matrix.objects.get(pk=row.pk))
        assert (kept["id"], kept["name"], kept["archived"]) == (row.pk, row.name, False)
    assert "workspace.json" in file.read("README.txt").decode()


def test_the_log_is_there_in_full_the_oldest_change_first(archive, owner, matrix):
    rename_matrix(matrix=matrix.pk, sender=Sender(owner), name="Renamed")
    activity, role = matrix.activities.first(), matrix.roles.last()
    set_level(matrix=matrix.pk, sender=Sender(owner), activity=activity.pk, role=role.pk, level=Level.LEAD, seen=2)
    undo(matrix=matrix.pk, sender=Sender(owner))
    log = read(archive(), "changes.json")
    assert [change["revision"] for change in log] == [1, 2, 3, 4]
    assert [change["kind"] for change in log] == ["create", "rename", "level", "undo"]
    assert log[1]["sentence"] == "The matrix “Launch” is now called “Renamed”."
    assert (log[3]["takes_back"], log[3]["by"]) == (3, "Olive Owner")
    assert log[2]["edits"][0]["after"]["cells"][str(role.pk)] == "L"


def test_who_fills_a_role_is_there_by_the_id_of_their_account(archive, owner, editor, matrix):
    role = matrix.roles.first()
    people.take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=editor.user_id)
    file = archive()
    kept = read(file, "revision 2.json")
    assert kept["fills"] == {str(role.pk): {"members": [editor.user_id], "answers": None}}
    assert read(file, "workspace.json")["people"][str(editor.user_id)] == "Eddie Editor"


def test_members_invitations_references_and_the_audit_log_are_there(archive, owner, viewer, matrix):
    until = timezone.now() + timedelta(days=7)
    made = {"purpose": Link.Purpose.INVITATION, "workspace": owner.workspace, "by": owner.user}
    for end, email in ((until, "nina@example.org"), (timezone.now(), "late@example.org")):
        link, token = make_link(**made, until=end)
        Invitation.objects.create(workspace=owner.workspace, link=link, email=email, access=Access.EDITOR)
    save_reference(by=owner, matrix=matrix, name="Ours")
    file = archive()
    about = read(file, "workspace.json")
    assert [(each["name"], each["email"], each["access"]) for each in about["members"]] == [
        ("Olive Owner", "olive@example.org", "owner"),
        ("Vic Viewer", "vic@example.org", "viewer"),
    ]
    assert [each["email"] for each in about["invitations"]] == ["nina@example.org"]
    (house,) = about["house_references"]
    assert house["name"] == "Ours"
    assert to_plain(from_plain(house["grid"])) == house["grid"]
    assert token not in file.read("workspace.json").decode()  # nor anything else that opens a door
    assert link.digest not in file.read("workspace.json").decode()
    (event,) = AuditEvent.objects.all()
    assert (event.kind, event.by) == ("workspace.exported", owner.user)
    assert read(archive(), "workspace.json")["audit"][0]["kind"] == "workspace.exported"


def test_whose_id_stands_in_it_has_a_name_though_they_have_left(archive, owner, editor, matrix):
    rename_matrix(matrix=matrix.pk, sender=Sender(editor), name="Renamed")
    save_reference(by=editor, matrix=matrix, name="Ours")
    editor.delete()
    about = read(archive(), "workspace.json")
    assert [each["id"] for each in about["members"]] == [owner.user_id]
    assert about["people"][str(about["house_references"][0]["by"])] == "Eddie Editor"


def test_an_open_assessment_comes_without_answers_and_a_closed_one_with_them(archive, owner, editor, viewer):
    asked = [open_assessment(by=editor, title=title, asks_others=True).assessment for title in ("Open", "Closed")]
    for one in asked:
        for function in Function:
            answer_as_member(by=viewer, assessment=one.pk, function=function, choice=Choice("market", "sales"))
    close(assessment=asked[1].pk, by=editor)
    open_assessment(by=editor, title="For myself", asks_others=False)
    found = {each["title"]: each for each in read(archive(), "workspace.json")["assessments"]}
    assert found.keys() == {"Open", "Closed"}  # what somebody answers alone is theirs until it is closed
    assert found["Open"]["answered"] is None
    (given,) = found["Closed"]["answered"]
    assert given["name"] == "Vic Viewer"
    assert given["answers"] == {function.value: ["market", "sales"] for function in Function}


def test_names_that_are_no_file_names_collide_with_none_and_lead_nowhere(archive, owner):
    names = ["../../etc/passwd", "A/B", "A\\B", "CON", "A:B?", "A B", "プロダクト"]
    for name in names:
        make_matrix(owner, "LS", name=name)
    listed = archive().namelist()
    assert len(set(listed)) == len(listed) == 2 + 3 * len(names)
    assert len({name.casefold() for name in listed}) == len(listed)
    assert not [name for name in listed if ".." in name or "\\" in name or name.count("/") > 1 or name.startswith("/")]


def test_nothing_of_another_workspace_is_in_it(seeded):
    ours = walk.our_world()
    theirs = walk.their_world(ours)
    client = ours.client("owner")
    answer = client.post(reverse("workspace_export", args=[ours.ids["workspace"]]))
    file = ZipFile(io.BytesIO(answer.content))
    held = b"".join(file.read(name) for name in file.namelist() if not name.endswith(".xlsx"))
    assert b"Our activity 1" in held
    assert walk.CANARY.encode() not in held
    assert str(theirs.ids["matrix"]).encode() not in held


def test_what_was_published_is_there_with_its_grids_letters_signatures_and_numbers_of_readers(seeded):
    world = walk.our_world()
    answer = world.client("owner").post(reverse("workspace_export", args=[world.ids["workspace"]]))
    file = ZipFile(io.BytesIO(answer.content))
    found, about = read(file, "Our matrix, versions.json"), read(file, "workspace.json")
    first, second = found["versions"]
    assert [from_plain(one["grid"]) for one in (first, second)] == [
        grid_of(version) for version in Version.objects.filter(matrix=world.ids["matrix"]).order_by("number")
    ]
    assert (first["note"], second["note"]) == ("Our note of a version", "Our note of another version")
    assert (second["letter"]["text"], second["told"], second["read"]) == ("Our letter", 5, 0)
    assert first["letter"] is None
    assert [one["name"] for one in second["signatures"]] == ["Our role 2"]
    assert about["people"][str(second["signatures"][0]["by"])] == "Our user owner"
    assert about["people"][str(second["by"])] == "Our user editor"
    assert [page["kind"] for page in found["shared"]] == ["page", "page", "embed", "feed"]
    assert found["webhooks"][0]["host"] == "chat.example"
    assert found["review"]["changed_why"] == "Our inner change of strategy"
    books = [name for name in file.namelist() if "Our matrix, version " in name]
    assert books == [f"matrices/{world.ids['matrix']} Our matrix, version {number}.xlsx" for number in (1, 2)]
    book = openpyxl.load_workbook(io.BytesIO(file.read(books[1])))
    assert "Our activity 1" in {cell.value for row in book.worksheets[0].iter_rows() for cell in row}


def test_nothing_in_it_opens_a_door_and_no_reader_is_named(seeded):
    world = walk.our_world()
    answer = world.client("owner").post(reverse("workspace_export", args=[world.ids["workspace"]]))
    file = ZipFile(io.BytesIO(answer.content))
    held = b"".join(file.read(name) for name in file.namelist() if not name.endswith(".xlsx")).decode()
    tokens = [value for name, value in world.ids.items() if name.endswith("_token")]
    for secret in (*tokens, *Link.objects.values_list("digest", flat=True), "https://chat.example/hook"):
        assert secret not in held
    assert "inner.reader" not in held


def test_a_workspace_without_a_matrix_is_exported_too(archive):
    assert archive().namelist() == ["README.txt", "workspace.json"]


def test_one_that_grows_too_large_is_refused_and_not_noted(sign_in, owner, matrix, monkeypatch):
    monkeypatch.setattr(whole_export, "MOST_BYTES", 1_000)
    answer = sign_in(owner).post(reverse("workspace_export", args=[owner.workspace_id]))
    assert answer.status_code == 413
    assert "one by one" in answer.text
    assert not AuditEvent.objects.exists()


def test_the_name_of_the_file_is_that_of_the_workspace(sign_in, owner):
    owner.workspace.name = "Müller / Söhne"
    owner.workspace.save()
    said = sign_in(owner).post(reverse("workspace_export", args=[owner.workspace_id])).headers["Content-Disposition"]
    assert said.startswith("attachment")
    assert said.isascii()
    assert "M%C3%BCller%20-%20S%C3%B6hne" in said
