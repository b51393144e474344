"""What if, as a person does it: some differences taken by keyboard, then undone from the toast."""

from django.urls import reverse
from playwright.sync_api import expect

from culture.references import reference_grid
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.operations import Sender, create_matrix
from tests.browser.test_pages import objections
from tests.matrices.reading import letters


def made_from(member, culture):
    return create_matrix(sender=Sender(member), name="Made", grid=reference_grid(culture))


def open_page(new_page, live_server, member, matrix, **options):
    page = new_page(member, **options)
    page.goto(live_server.url + reverse("what_if", args=[matrix.workspace_id, matrix.pk]) + "?to=market")
    return page


def test_some_differences_are_taken_by_keyboard_and_undone(new_page, live_server, owner):
    matrix = made_from(owner, "sales")
    before = letters(matrix)
    page = open_page(new_page, live_server, owner, matrix)
    boxes = page.get_by_role("checkbox")
    assert boxes.count() > 10
    assert all(box.is_checked() for box in boxes.all())
    page.get_by_role("button", name="Choose none").press("Enter")
    expect(page.locator('input[name="move"]:checked')).to_have_count(0)
    expect(page.locator("#what-if-lede")).to_contain_text("0 of 72 cells would move")
    boxes.nth(0).press("Space")
    boxes.nth(1).press("Space")
    expect(page.locator("#what-if-checks")).to_contain_text("moves that are chosen")
    expect(page.locator("#what-if-lede")).not_to_contain_text(" 0 of 72 cells would move")
    page.get_by_role("button", name="Follow it, and move what is chosen").press("Enter")
    page.wait_for_url("**/matrices/*/")
    moved = letters(matrix)
    assert 1 <= sum(a != b for a, b in zip(before, moved, strict=True)) <= 2
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "market"
    toast = page.locator("#toasts [data-toast]")
    expect(toast).to_contain_text("The matrix follows the market-led reference now")
    toast.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("sales-led reference").first.wait_for()
    assert letters(matrix) == before
    assert Matrix.objects.get(pk=matrix.pk).culture_id == "sales"
    assert Change.objects.filter(matrix=matrix).count() == 3


def test_without_script_everything_is_taken(new_page, live_server, owner):
    matrix = made_from(owner, "sales")
    page = open_page(new_page, live_server, owner, matrix, java_script_enabled=False)
    assert page.get_by_role("button", name="Choose none").count() == 0
    page.get_by_role("button", name="Follow it, and move what is chosen").click()
    market = reference_grid("market")
    wanted = ["".join(level.value if level else "." for level in market.row(row.id)) for row in market.activities]
    assert letters(matrix) == wanted


def test_a_matrix_becomes_a_house_reference_that_another_starts_from(new_page, live_server, owner, matrix):
    page = new_page(owner, reduced_motion="reduce")
    page.goto(live_server.url + reverse("matrix", args=[matrix.workspace_id, matrix.pk]))
    page.get_by_role("button", name="More for Launch").click()
    page.get_by_role("link", name="Save as a house reference").click()
    page.get_by_label("Name").fill("House 2026")
    page.get_by_role("button", name="Save the reference").click()
    page.get_by_role("heading", name="House 2026").wait_for()
    assert HouseReference.objects.get().name == "House 2026"
    found = objections(page)
    page.get_by_role("link", name="Start a matrix from it").click()
    assert page.get_by_role("radio", name="House 2026").is_checked()
    found += objections(page)
    page.get_by_label("Name").fill("Second")
    page.get_by_role("button", name="Make the matrix").click()
    page.get_by_role("heading", name="Second").wait_for()
    made = Matrix.objects.get(name="Second")
    assert made.house.name == "House 2026"
    assert letters(made) == letters(matrix)
    page.goto(live_server.url + reverse("references", args=[owner.workspace_id]))
    page.get_by_text("1 matrix follows it").wait_for()
    found += objections(page)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (
        reverse("references", args=[owner.workspace_id]),
        reverse("house_reference", args=[owner.workspace_id, made.house_id]),
        reverse("reference_what_if", args=[owner.workspace_id]),
        reverse("what_if", args=[owner.workspace_id, made.pk]),
    ):
        page.goto(live_server.url + path)
        found += objections(page)
    assert found == []
