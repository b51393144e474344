"""Every page, in both themes and at three widths: nothing axe objects to, nothing the policy blocks, nothing cut off."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from raci.grid.levels import Level
from raci.matrices import drafts
from raci.matrices.models import Activity, Role
from raci.matrices.operations import Sender, archive, create_matrix, set_aside, set_level
from raci.matrices.people import answer_for, take_part
from raci.matrices.store import read_grid
from raci.publishing.models import Receipt
from raci.reviews import planning
from raci.reviews.agenda import Reason, Row
from raci.reviews.models import Decision, Review
from raci.reviews.planning import Plan
from raci.workspaces import invitations
from raci.workspaces.links import make_sign_in_link, renew
from raci.workspaces.models import Access, Member
from raci.workspaces.operations import delete, open_another
from tests.factories import make_matrix
from tests.matrices.operating import set_cell
from tests.publishing.making import publish
from tests.reviews import ending, holding, polls


@pytest.fixture
def full(matrix, owner, editor):
    """A workspace with something on every page: a version, an error, a warning, one set aside, a deliverer, two
    archived."""
    told = publish(matrix, owner, note="Agreed by all four.")
    for address in ("ada@partner.example", "bo@partner.example"):
        Receipt.objects.create(version=told, address=address)
    rows = {name: Activity.objects.get(matrix=matrix, name=name) for name in ("Product Launch", "Sales Enablement")}
    roles = list(Role.objects.filter(matrix=matrix).order_by("position"))
    for seen, (role, level) in enumerate([(roles[1], None), (roles[0], None), (roles[3], None)], start=2):
        set_level(
            matrix=matrix.pk,
            sender=Sender(editor),
            activity=rows["Product Launch"].pk,
            role=role.pk,
            level=level,
            seen=seen,
        )
    set_level(
        matrix=matrix.pk,
        sender=Sender(owner),
        activity=rows["Sales Enablement"].pk,
        role=roles[2].pk,
        level=Level.LEAD,
        seen=5,
    )
    set_aside(
        matrix=matrix.pk, sender=Sender(owner), finding=f"R10:{rows['Sales Enablement'].pk}:", reason="On purpose"
    )
    for member in (owner, editor):
        done = take_part(matrix=matrix.pk, sender=Sender(owner), role=roles[0].pk, user=member.user_id)
    seen = done.matrix.revision
    answer_for(matrix=matrix.pk, sender=Sender(owner), role=roles[0].pk, user=owner.user_id, seen=seen)
    for name in ("For the board", ""):
        ended = drafts.make(matrix=matrix.pk, by=editor, name=name).draft
    drafts.revoke_draft(matrix=matrix.pk, draft=ended.pk, by=editor)
    drafts.make(matrix=matrix.pk, by=owner)
    invitations.invite(by=owner, email="nora.newcomer@example.org", access=Access.EDITOR)
    invitations.invite(by=owner, access=Access.VIEWER)
    deleted = open_another(by=owner.user, name="Old pier").members.get()
    delete(by=deleted, typed="Old pier")
    put_away = make_matrix(owner, "LS", "SL", name="Old one")
    archive(matrix=put_away.pk, sender=Sender(owner), archived=True)
    review_twice(matrix, owner)
    ask_twice(matrix, owner)
    hold_two(matrix, owner)
    return matrix


def review_twice(matrix, owner) -> None:
    """Two reviews that are over, with something left open, and one that is planned."""
    row, now = matrix.activities.first(), timezone.now()
    figures = {"agreed": [6, 18], "errors": 2, "warnings": 9, "departures": 1, "healthy": [5, 16]}
    for back in (400, 20):
        at = now - timedelta(days=back)
        more = {"state": "published", "planned_at": at, "ended_at": at, "figures": figures}
        review = Review.objects.create(matrix=matrix, title="Autumn review", **more)
    Decision.objects.create(
        review=review, activity=row.pk, name=row.name, kind="ask", owner=owner.user, due=now.date() - timedelta(days=3)
    )
    plan = Plan(title="Spring review", at=now + timedelta(days=7), people=[owner.user_id])
    rows = [Row(row.pk, row.name, (Reason("open", "“Autumn review” left this open."),))]
    planning.plan(matrix=matrix.pk, by=owner, wanted=plan, rows=rows)


def hold_two(matrix, owner) -> None:
    """A session that has ended, with a signature that holds no more, and one that goes on."""
    ended = holding.running(matrix, owner, 0, 1, title="What was put up")
    holding.decide(ended, owner, 0, note="It works.")
    holding.decide(ended, owner, 1, "ask", owner_name="Jonas Weber", due=ending.IN_A_WEEK)
    ending.sign(ending.end(ended, owner), owner)
    set_cell(matrix, owner, 2, 3, Level.CONTRIBUTE)
    held = holding.running(matrix, owner, 2, 3, title="Held now")
    holding.decide(held, owner, 2, "open")


def ask_twice(matrix, owner) -> None:
    """A poll that is closed, with names, and one that is open, by function."""
    roles = [*matrix.roles.values_list("pk", flat=True), None]
    said = [["nobody", roles[n % 3], "unknown", roles[0], roles[1]] for n in range(6)]
    for naming, health in (("named", {"done": "partly", "well": "no"}), ("function", {})):
        poll = polls.opened(owner, matrix, naming=naming, title=f"Who leads what, {naming}?")
        for n, leads in enumerate(said):
            role = roles[n % len(roles)]
            polls.answered(poll, role, leads, name=f"Person {n}", function="" if role else "Finance", health=health)
        polls.answered(poll, roles[0], [], name="Begun Only", sent=False)
        if naming == "named":
            polls.closed(poll, owner)


def inside(matrix) -> list[str]:
    """The pages about one matrix."""
    workspace, row = matrix.workspace_id, Activity.objects.filter(matrix=matrix).order_by("position").first()
    role = Role.objects.filter(matrix=matrix).order_by("position").first()
    ids = [workspace, matrix.pk]
    return [
        reverse("matrix", args=ids),
        reverse("matrix", args=ids) + "?findings=1",
        reverse("matrix", args=ids) + "?find=nothing-like-this",
        *(
            reverse(name, args=ids)
            for name in ("arrange", "checks", "versions", "version_changes", "history", "catalogue")
        ),
        *(reverse(name, args=ids) for name in ("publish", "role_add", "activity_add", "stage_add")),
        reverse("compare", args=ids),
        reverse("compare", args=ids) + "?with=sales",
        reverse("compare", args=ids) + f"?with=version-{matrix.versions.get().pk}",
        reverse("house_save", args=ids),
        reverse("draft_links", args=ids),
        reverse("upkeep", args=ids),
        *(reverse(name, args=ids) for name in ("reviews", "review_new", "look_back", "poll_new")),
        *(reverse("poll", args=[*ids, poll.pk]) for poll in matrix.polls.all()),
        reverse("poll_ask", args=[*ids, matrix.polls.get(state="open").pk]),
        reverse("reviews", args=ids) + f"?open={Decision.objects.get(review__matrix=matrix, owner__isnull=False).pk}",
        reverse("review", args=[*ids, matrix.reviews.get(state="planned").pk]),
        reverse("review_plan", args=[*ids, matrix.reviews.get(state="planned").pk]),
        reverse("result", args=[*ids, matrix.reviews.get(state="ended").pk]),
        reverse("review_end", args=[*ids, matrix.reviews.get(state="running").pk]),
        *(reverse("session", args=[*ids, review.pk]) for review in matrix.reviews.exclude(state="published")),
        *(
            reverse("decision_choose", args=[*ids, matrix.reviews.get(state="running").pk])
            + f"?kind={kind}&activity={row.pk}"
            for kind in ("keep", "lead", "levels", "ask", "open")
        ),
        reverse("capability", args=ids),
        reverse("capability", args=ids) + f"?rate={row.pk}&help={row.pk}",
        reverse("lead_elsewhere", args=ids) + f"?activity={row.pk}",
        reverse("readers", args=[*ids, 1]),
        reverse("what_if", args=ids) + "?to=sales",
        reverse("what_if", args=ids) + "?to=market",
        reverse("history_at", args=[*ids, 1]),
        reverse("activity", args=[*ids, row.pk]),
        reverse("activity", args=[*ids, row.pk]) + "?edit=health-done",
        *(reverse(name, args=[*ids, role.pk]) for name in ("role", "role_remove", "role_merge", "role_split")),
    ]


def around(workspace: int) -> list[str]:
    names = ("matrices", "matrix_new", "references", "advisor", "workspace", "members", "audit", "find", "calendar")
    return [
        *(reverse(name, args=[workspace]) for name in names),
        *(
            reverse("member", args=[workspace, pk])
            for pk in Member.objects.filter(workspace=workspace).values_list("pk", flat=True)
        ),
        *map(reverse, ("about_references", "workspaces", "workspace_new")),
    ]


def of_ones_own() -> list[str]:
    return [reverse(name) for name in ("account", "account_delete", "usersessions_list", "mfa_index", "account_logout")]


def without_account() -> list[str]:
    names = (
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_deleted",
        "about_references",
    )
    return [*(reverse(name) for name in names), "/nothing-here/", reverse("sign_in_link", args=["used-up"])]


def objections(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    expect(page.locator("#panel[hx-get] .panel-empty")).to_have_count(0)  # what a page fetches by itself
    found = [
        f"{page.url}: {violation['id']} {node['target']} {node['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
    ]
    return [*found, *cut_off(page)]


def cut_off(page: Page) -> list[str]:
    """Whether the page scrolls sideways."""
    is_wider = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [f"{page.url}: scrolls sideways"] if is_wider else []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_of_a_matrix_has_anything_axe_objects_to(new_page, live_server, owner, full, theme):
    page = new_page(owner, color_scheme=theme)
    found = []
    for path in [*inside(full), *around(full.workspace_id), *of_ones_own()]:
        page.goto(live_server.url + path)
        found += objections(page)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_cut_off_or_objected_to_on_a_phone(new_page, live_server, owner, full, theme):
    page = new_page(owner, viewport={"width": 390, "height": 844}, color_scheme=theme)
    found = []
    for path in [*inside(full), *around(full.workspace_id), *of_ones_own()]:
        page.goto(live_server.url + path)
        found += objections(page)
    assert found == []


@pytest.mark.parametrize("width", [1024, 640, 320])
def test_no_page_is_cut_off_at_the_widths_between(new_page, live_server, owner, full, width):
    page = new_page(owner, viewport={"width": width, "height": 844})
    found = []
    for path in [*inside(full), *around(full.workspace_id), *of_ones_own()]:
        page.goto(live_server.url + path)
        found += cut_off(page)
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_draft_read_by_a_link_has_nothing_axe_objects_to(new_page, live_server, full, editor, width, theme):
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    asked, found = [], []
    page.on("request", lambda request: asked.append(request.url))
    token = drafts.make(matrix=full.pk, by=editor).token
    read = reverse("draft", args=[full.pk])
    for path in (reverse("draft_link", args=[token]), f"{read}?notation=raci", reverse("draft_link", args=["none"])):
        page.goto(live_server.url + path)
        found += objections(page)
    assert found == []
    assert {url for url in asked if not url.startswith(live_server.url)} == set()  # nobody else hears of the link
    assert not [url for url in asked[1:] if token in url]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_an_invitation_has_nothing_axe_objects_to(new_page, live_server, owner, stranger, width, theme):
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": theme}
    invitation = invitations.invite(by=owner, email="nora@example.org", access=Access.EDITOR).invitation
    token, everybodys = renew(invitation.link), invitations.invite(by=owner, access=Access.VIEWER).token
    found = []
    for who, path in ((None, token), (stranger, token), (stranger, everybodys), (owner, everybodys), (None, "none")):
        page = new_page(who, **look) if who else new_page(**look)
        page.goto(live_server.url + reverse("invitation_link", args=[path]))
        found += objections(page)
    assert found == []


def test_no_page_for_visitors_or_of_an_account_has_anything_axe_objects_to(new_page, live_server, owner):
    found = []
    visitor = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    for path in [*without_account(), reverse("sign_in_link", args=[make_sign_in_link(owner.user)])]:
        visitor.goto(live_server.url + path)
        found += objections(visitor)
    member = new_page(owner)
    for name in ("account_change_password", "usersessions_list", "account_logout"):
        member.goto(live_server.url + reverse(name))
        found += objections(member)
    assert found == []


def test_an_empty_workspace_and_an_empty_matrix_offer_a_first_step(new_page, live_server, owner, editor):
    page = new_page(owner)
    page.goto(live_server.url + reverse("matrices", args=[owner.workspace_id]))
    assert page.get_by_role("link", name="New matrix").count() >= 1
    found = objections(page)
    empty = create_matrix(sender=Sender(owner), name="Empty", grid=read_grid(make_matrix(owner, roles=0)))
    for path in inside_empty(empty):
        page.goto(live_server.url + path)
        found += objections(page)
    assert found == []


def inside_empty(matrix) -> list[str]:
    names = ("matrix", "compare", "arrange", "checks", "history", "catalogue")
    return [reverse(name, args=[matrix.workspace_id, matrix.pk]) for name in names]


def test_the_open_picker_dialog_and_toast_pass_too(open_grid, owner, full):
    grid = open_grid(owner, full, reduced_motion="reduce")  # axe would measure colours halfway through a fade
    grid.focus("Size the Market Opportunity", "Sales")
    grid.press("l")
    grid.toast().wait_for()
    found = objections(grid.page)
    grid.press("Enter")
    found += objections(grid.page)
    grid.press("Escape", "?")
    found += objections(grid.page)
    grid.press("Escape")
    grid.page.get_by_role("button", name="Add").click()
    grid.page.get_by_role("link", name="Activity", exact=True).click()
    grid.page.get_by_role("dialog").wait_for()
    found += objections(grid.page)
    assert found == []


def test_without_script_a_row_is_edited_on_its_page(new_page, live_server, owner, matrix):
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("matrix", args=[matrix.workspace_id, matrix.pk]))
    page.get_by_role("link", name="Pricing and Packaging").click()
    page.get_by_label("Sales", exact=False).first.select_option("L")
    page.get_by_role("button", name="Save").first.click()
    row = Activity.objects.get(matrix=matrix, name="Pricing and Packaging")
    leads = row.assignments.filter(level="L").values_list("role__name", flat=True)
    assert list(leads) == ["Sales"]


def test_without_script_the_rows_are_filtered_by_a_form_that_stands_open(new_page, live_server, owner, matrix):
    page = new_page(owner, java_script_enabled=False)
    page.goto(live_server.url + reverse("matrix", args=[matrix.workspace_id, matrix.pk]))
    names = page.locator("tr.activity .activity-name")
    assert names.count() == 18
    for needing_script in ("Filter", "Keys"):
        assert page.get_by_role("button", name=needing_script, exact=True).count() == 0
    page.get_by_label("Find").fill("market opp")
    page.get_by_role("button", name="Show").click()
    assert names.all_text_contents() == ["Size the Market Opportunity"]
    page.get_by_label("Role").select_option("Sales")
    page.get_by_label("Level").select_option("Lead")
    page.get_by_role("button", name="Show").click()
    assert names.count() == 0
    page.get_by_label("Role").select_option("Product Marketing")
    page.get_by_label("Find").fill("")
    page.get_by_role("button", name="Show").click()
    assert 0 < names.count() < 18
    page.get_by_role("search").get_by_role("link", name="Clear").click()
    assert names.count() == 18


def test_what_a_row_warns_of_is_said_and_stands_in_the_panel(open_grid, owner):
    grid = open_grid(owner, make_matrix(owner, "LSC", "L..", "SLC"))
    mark = grid.page.locator("tr.activity .notes .is-warn").first
    said = mark.get_attribute("title")
    assert said
    expect(mark).to_contain_text(f": {said}")
    mark.locator("xpath=ancestor::tr").locator(".activity-name").click()
    grid.page.locator("#panel .finding.is-warn").first.wait_for()


def test_the_grid_says_whether_it_may_be_edited(open_grid, owner, viewer, matrix):
    editing, reading = (open_grid(member, matrix).page.get_by_role("grid") for member in (owner, viewer))
    expect(editing).to_have_attribute("aria-multiselectable", "true")
    expect(reading).to_have_attribute("aria-readonly", "true")
