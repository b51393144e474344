"""The audit log: for owners, newest first, in plain sentences."""

import pytest
from django.urls import reverse

from culture.asking import ask_others, open_assessment, revoke_link
from raci.screens.audit import PAGE, sentence
from raci.workspaces import audit, members
from raci.workspaces.invitations import accept, invite, revoke
from raci.workspaces.models import Access, AuditEvent, Invitation
from tests.factories import UserFactory


def page(client, member, query=""):
    return client.get(reverse("audit", args=[member.workspace_id]) + query)


def sentences(workspace):
    return [sentence(event) for event in AuditEvent.objects.filter(workspace=workspace).order_by("pk")]


def test_what_owners_and_members_do_is_told_in_sentences(owner, editor, viewer):
    address = invite(by=owner, email="nora@example.org", access=Access.EDITOR).invitation
    link = invite(by=owner, access=Access.REVIEWER)
    accept(by=UserFactory(name="Nora Newcomer"), token=link.token)
    revoke(by=owner, invitation=address.pk)
    revoke(by=owner, invitation=link.invitation.pk)
    members.change_access(by=owner, member=viewer.pk, access=Access.OWNER)
    members.change_access(by=viewer, member=viewer.pk, access=Access.VIEWER)
    members.remove(by=owner, member=viewer.pk)
    members.hand_over(by=owner, to=editor.pk)
    members.leave(by=owner)
    assert sentences(owner.workspace) == [
        "Olive Owner invited an address at example.org as an editor.",
        "Olive Owner made an invitation link; whoever has it may join as a reviewer.",
        "Nora Newcomer joined as a reviewer, invited by Olive Owner.",
        "Olive Owner revoked the invitation of an address at example.org as an editor.",
        "Olive Owner revoked an invitation link to join as a reviewer.",
        "Olive Owner made Vic Viewer an owner, from a viewer.",
        "Vic Viewer stepped down from an owner to a viewer.",
        "Olive Owner removed Vic Viewer, a viewer.",
        "Olive Owner handed the workspace over to Eddie Editor, an editor until then.",
        "Olive Owner, an editor, left.",
    ]


def test_the_links_of_an_assessment_are_told(editor):
    opened = open_assessment(by=editor, title="Our culture", asks_others=True)
    ask_others(assessment=opened.assessment.pk, by=editor)
    revoke_link(assessment=opened.assessment.pk, by=editor)
    revoke_link(assessment=opened.assessment.pk, by=editor)  # a second time there is nothing to tell
    assert sentences(editor.workspace) == [
        "Eddie Editor made a link to answer “Our culture” without an account.",
        "Eddie Editor made a link to answer “Our culture” without an account.",
        "Eddie Editor revoked the link to answer “Our culture”.",
    ]


@pytest.mark.parametrize(
    ("kind", "about", "sentence"),
    [
        ("exported", {"matrix": "Launch", "kind": "xlsx"}, "Olive Owner exported “Launch” as an Excel workbook."),
        ("exported", {"matrix": "Launch", "kind": "other"}, "Olive Owner exported “Launch” as a file."),
        ("draft.shared", {"matrix": "Launch"}, "Olive Owner made a link to look at “Launch” without an account."),
        ("draft.revoked", {"matrix": "Launch"}, "Olive Owner revoked a link to look at “Launch”."),
        (
            "workspace.renamed",
            {"was": "Acme", "name": "Apex"},
            "Olive Owner renamed the workspace to “Apex”.",
        ),
        ("workspace.deleted", {}, "Olive Owner deleted the workspace."),
        ("workspace.restored", {}, "Olive Owner restored the workspace."),
        ("workspace.exported", {}, "Olive Owner exported all of the workspace."),
        ("weather.changed", {}, "Olive Owner: weather.changed."),
        ("member.joined", {}, "Olive Owner joined as a member, invited by somebody."),
    ],
)
def test_each_kind_has_its_sentence_and_an_unknown_one_is_named(owner, kind, about, sentence):
    AuditEvent.objects.create(workspace=owner.workspace, kind=kind, by=owner.user, about=about)
    assert sentences(owner.workspace) == [sentence]


def test_a_deleted_account_is_somebody(owner, editor, viewer):
    members.change_access(by=owner, member=viewer.pk, access=Access.OWNER)
    members.change_access(by=viewer, member=editor.pk, access=Access.REVIEWER)
    viewer.user.delete()
    assert sentences(owner.workspace) == [
        "Olive Owner made somebody an owner, from a viewer.",
        "Somebody made Eddie Editor a reviewer, from an editor.",
    ]


def test_only_owners_read_it(sign_in, owner, editor, stranger):
    members.leave(by=editor)
    assert "Eddie Editor, an editor, left." in page(sign_in(owner), owner).text
    assert page(sign_in(stranger), owner).status_code == 404


@pytest.mark.parametrize("name", ["audit", "workspace"])
def test_whoever_may_not_see_a_page_hears_whose_it_is_and_goes_back(sign_in, editor, name):
    refused = sign_in(editor).get(reverse(name, args=[editor.workspace_id]))
    assert refused.status_code == 403
    assert "<p>Only owners see this page.</p>" in refused.text
    assert "Nothing was changed" not in refused.text
    assert f'href="{reverse("matrices", args=[editor.workspace_id])}">Back to your matrices' in refused.text


def test_whoever_may_not_change_something_hears_whom_to_ask(sign_in, editor):
    refused = sign_in(editor).post(reverse("workspace_export", args=[editor.workspace_id]))
    assert refused.status_code == 403
    assert "<h1>Nothing was changed</h1>" in refused.text
    assert "You are an editor here. Only an owner can do that; ask one." in refused.text


def test_an_invitation_is_told_by_its_address_for_as_long_as_it_is_there(sign_in, owner):
    for name in ("nora", "noel"):
        invite(by=owner, email=f"{name}@example.org", access=Access.EDITOR)
    shown = page(sign_in(owner), owner).text
    assert "Olive Owner invited nora@example.org as an editor." in shown
    assert "Olive Owner invited noel@example.org as an editor." in shown
    Invitation.objects.filter(email="nora@example.org").delete()
    shown = page(sign_in(owner), owner).text
    assert "Olive Owner invited an address at example.org as an editor." in shown
    assert "nora@" not in shown
    assert not any("@" in str(event.about) for event in AuditEvent.objects.all())


def test_it_shows_fifty_a_page_the_newest_first(sign_in, owner):
    for number in range(PAGE + 2):
        audit.record(owner.workspace, f"step {number}.", by=owner.user)
    client = sign_in(owner)
    first = page(client, owner)
    assert first.text.count("Olive Owner: step") == PAGE
    assert first.text.index(f"step {PAGE + 1}.") < first.text.index(f"step {PAGE}.")
    older = first.context["older"]
    second = page(client, owner, f"?before={older}")
    assert second.text.count("Olive Owner: step") == 2
    assert "Older entries" not in second.text
    assert "Back to the latest" in second.text
    assert page(client, owner, "?before=1").status_code == 200
    assert page(client, owner, "?before=x").status_code == 400


def test_a_hostile_name_stays_text(sign_in, owner):
    owner.user.name = "<b>Olive</b>"
    owner.user.save()
    audit.record(owner.workspace, "<i>kind</i>", by=owner.user)
    said = page(sign_in(owner), owner).text
    assert "&lt;b&gt;Olive&lt;/b&gt;: &lt;i&gt;kind&lt;/i&gt;." in said


def test_a_full_page_takes_as_many_queries_as_a_short_one(sign_in, owner, django_assert_max_num_queries):
    for _ in range(PAGE):
        audit.record(owner.workspace, "member.left", by=UserFactory(), whom=UserFactory())
    client = sign_in(owner)
    with django_assert_max_num_queries(6):
        page(client, owner)
