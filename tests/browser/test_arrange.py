"""Putting rows and roles in order: by dragging, and by the arrows."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from raci.matrices.models import Activity, Role


def order(matrix, model=Activity) -> list[str]:
    return list(model.objects.filter(matrix=matrix).order_by("position").values_list("name", flat=True))


def arrange(new_page, live_server, owner, matrix, **options) -> Page:
    page = new_page(owner, **options)
    page.goto(live_server.url + reverse("arrange", args=[matrix.workspace_id, matrix.pk]))
    return page


def item(page: Page, name: str):
    return page.locator(".arrange-item", has=page.get_by_text(name, exact=True))


def test_an_activity_is_dragged_below_another(new_page, live_server, owner, matrix):
    page = arrange(new_page, live_server, owner, matrix)
    item(page, "Size the Market Opportunity").locator(".arrange-handle").drag_to(item(page, "Win/Loss Analysis"))
    expect(page.locator("#toasts [data-toast]")).to_contain_text("Size the Market Opportunity")
    assert order(matrix)[0] == "Identify Market Need"
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".arrange-item").first).to_contain_text("Size the Market Opportunity")
    assert order(matrix)[0] == "Size the Market Opportunity"


def test_the_arrows_move_by_keyboard_and_keep_the_focus(new_page, live_server, owner, matrix):
    page = arrange(new_page, live_server, owner, matrix)
    down = item(page, "Size the Market Opportunity").get_by_role("button", name="down")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".arrange-item").first).to_contain_text("Identify Market Need")
    expect(item(page, "Size the Market Opportunity").get_by_role("button", name="down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".arrange-item").nth(2)).to_contain_text("Size the Market Opportunity")
    assert order(matrix)[:3] == ["Identify Market Need", "Competitive Intelligence", "Size the Market Opportunity"]


def test_roles_are_moved_by_arrow_too(new_page, live_server, owner, matrix):
    page = arrange(new_page, live_server, owner, matrix)
    item(page, "Sales").get_by_role("button", name="up").click()
    expect(page.locator("#toasts [data-toast]")).to_contain_text("Sales")
    assert order(matrix, Role) == ["Product Management", "Product Marketing", "Sales", "Engineering"]


def test_an_activity_is_renamed_and_removed_in_its_place(new_page, live_server, owner, matrix):
    page = arrange(new_page, live_server, owner, matrix)
    item(page, "Sales Enablement").get_by_role("link", name="Edit Sales Enablement").click()
    page.get_by_label("Name").fill("Enable sales")
    page.keyboard.press("Enter")
    expect(item(page, "Enable sales")).to_be_visible()
    item(page, "Enable sales").get_by_role("link", name="Edit Enable sales").click()
    page.get_by_role("button", name="Remove Enable sales").click()
    expect(page.get_by_text("Enable sales", exact=True)).to_have_count(0)
    assert "Enable sales" not in order(matrix)
