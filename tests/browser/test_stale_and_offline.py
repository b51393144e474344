"""What happens when the page is behind, or the network is gone: nobody is overwritten, nothing is lost silently."""

import re

from playwright.sync_api import expect

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Role
from raci.matrices.operations import Sender, set_level

SIZE = "Size the Market Opportunity"
PM, PMM, ENG, SALES = "Product Management", "Product Marketing", "Engineering", "Sales"


def change_elsewhere(matrix, member, activity, role, level):
    set_level(
        matrix=matrix.pk,
        sender=Sender(member),
        activity=Activity.objects.get(matrix=matrix, name=activity).pk,
        role=Role.objects.get(matrix=matrix, name=role).pk,
        level=level,
        seen=Change.objects.filter(matrix=matrix).count(),
    )


def test_an_edit_on_a_stale_page_learns_of_the_other_first_and_may_be_sent_again(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.CONTRIBUTE)
    cell = grid.focus(SIZE, SALES)
    grid.press("s")
    expect(grid.toast()).to_contain_text("Eddie Editor changed")
    expect(cell.locator(".level")).to_have_attribute("data-level", "contribute")
    expect(cell).to_have_attribute("data-state", "conflict")
    assert grid.stored(SIZE) == "LSIC"
    grid.toast().get_by_role("button", name="Use mine").click()
    expect(cell.locator(".level")).to_have_attribute("data-level", "support")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(SIZE) == "LSIS"


def test_keeping_theirs_changes_nothing(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.LEAD)
    grid.focus(SIZE, PMM)
    grid.press("l")
    expect(grid.toast()).to_contain_text("Sales is Lead now")
    grid.toast().get_by_role("button", name="Keep it so").click()
    expect(grid.toast()).to_have_count(0)
    assert grid.stored(SIZE) == "SSIL"


def test_another_cell_of_the_row_is_no_conflict(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.CONTRIBUTE)
    grid.focus(SIZE, ENG)
    grid.press("c")
    expect(grid.cell(SIZE, SALES).locator(".level")).to_have_attribute("data-level", "contribute")
    assert grid.stored(SIZE) == "LSCC"


def test_without_a_connection_the_old_level_comes_back_and_trying_again_applies_once(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, SALES)
    grid.page.context.set_offline(True)
    grid.press("c")
    expect(grid.toast()).to_contain_text(f"Not saved: Sales in {SIZE}. There is no connection.")
    expect(cell.locator(".level")).to_have_attribute("data-level", "informed")
    expect(cell).to_have_attribute("data-state", "failed")
    grid.page.context.set_offline(False)
    grid.toast().get_by_role("button", name="Try again").click()
    expect(cell.locator(".level")).to_have_attribute("data-level", "contribute")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(SIZE) == "LSIC"
    assert Change.objects.filter(matrix=matrix).count() == 2


def test_a_viewer_sees_the_grid_and_no_way_to_change_it(open_grid, viewer, matrix):
    grid = open_grid(viewer, matrix)
    expect(grid.page.locator(".notice")).to_contain_text("You can look, not change.")
    cell = grid.focus(SIZE, SALES)
    grid.press("l", "Enter")
    expect(cell.locator(".level")).to_have_attribute("data-level", "informed")
    expect(grid.page.locator("#picker")).to_have_count(0)
    assert grid.stored(SIZE) == "LSII"


def test_someone_signed_out_meanwhile_is_sent_to_sign_in(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    grid.page.context.clear_cookies(name="sessionid")
    grid.press("c")
    expect(grid.page).to_have_url(re.compile("/account/sign-in/"))
    assert grid.stored(SIZE) == "LSII"


def test_a_block_on_a_stale_page_sets_nothing_and_shows_the_rows_as_they_are(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    change_elsewhere(matrix, editor, SIZE, PMM, Level.CONTRIBUTE)
    grid.focus(SIZE, PM)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight", "i")
    expect(grid.toast()).to_contain_text("Nothing of your block was set.")
    expect(grid.cell(SIZE, PMM).locator(".level")).to_have_attribute("data-level", "contribute")
    assert grid.stored(SIZE) == "LCII"
    grid.press("i")
    expect(grid.cell(SIZE, PMM).locator(".level")).to_have_attribute("data-level", "informed")
    assert grid.stored(SIZE) == "IIII"
