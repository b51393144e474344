"""How it goes, set beside the grid; and letting another role lead for now, in a dialog."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from raci.matrices.models import Activity
from raci.matrices.store import read_grid
from raci.reviews.models import Evidence
from raci.reviews.ratings import Rated, rate


def test_health_is_set_in_the_panel_and_taken_back(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus("Product Launch", "Sales")
    panel, row = grid.page.locator("#panel"), Activity.objects.get(matrix=matrix, name="Product Launch")
    expect(panel.locator("h2")).to_have_text("Product Launch")
    panel.get_by_role("link", name="Set Is it done well?").click()
    form = panel.get_by_role("form", name="Is it done well?")
    form.get_by_text("Partly").click()
    form.get_by_label("Note").fill("Two of five")
    form.get_by_role("button", name="Save").click()
    expect(grid.toast()).to_contain_text("Noted.")
    expect(panel.locator(".answer[data-answer=partly]")).to_have_text("Partly")
    expect(panel.get_by_role("link", name="Set Is it done well?")).to_be_focused()
    expect(grid.page.locator(f"#a{row.pk} .vital")).to_contain_text("uneven")
    grid.toast().get_by_role("button", name="Undo").click()
    expect(grid.toast()).to_contain_text("Taken back")
    expect(panel.locator(".answer[data-answer]")).to_have_count(0)
    expect(grid.page.locator(f"#a{row.pk} .vital")).to_have_count(0)
    assert Evidence.objects.get().health == {}


def test_another_role_leads_for_now_and_undo_gives_it_back(new_page, live_server, owner, matrix):
    row, sales = matrix.activities.get(origin="product-launch"), matrix.roles.get(origin="sales")
    lead = read_grid(matrix).lead(row.pk)
    rate(matrix=matrix.pk, by=owner, activity=row.pk, role=lead, rated=Rated(2, None, "", ""))
    page = new_page(owner)
    page.goto(live_server.url + reverse("capability", args=[matrix.workspace_id, matrix.pk]))
    page.get_by_role("link", name="What can help with Product Launch").click()
    page.get_by_role("link", name="Choose a role").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which role").select_option("Sales")
    dialog.get_by_label("Why?").fill("Nobody else is free")
    dialog.get_by_label("Until").fill("2099-03-31")
    dialog.get_by_role("button", name="Move the Lead").click()
    toast = page.locator("#toasts [data-toast]")
    expect(toast).to_contain_text("Sales leads “Product Launch” until 31 Mar 2099")
    expect(page).to_have_url(re.compile(f"/capability/.*#a{row.pk}$"))
    assert read_grid(matrix).lead(row.pk) == sales.pk
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Undone.")
    assert read_grid(matrix).lead(row.pk) == lead
