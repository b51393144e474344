"""What happens when the page is behind, or the network is gone: nobody is overwritten, nothing is lost silently."""

import re

from playwright.sync_api import Page, expect

from raci.grid.levels import Level
from raci.matrices.models import Activity, Change, Role
from raci.matrices.operations import Sender, set_level

SIZE, NEED = "Size the Market Opportunity", "Identify Market Need"
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


def notice(page: Page):
    return page.locator("#connection")


def test_an_edit_on_a_stale_page_learns_of_the_other_first_and_may_be_sent_again(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix, is_live=False)
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
    expect(grid.toast()).to_have_count(0)
    assert grid.stored(SIZE) == "LSIS"


def test_keeping_theirs_changes_nothing(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix, is_live=False)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.LEAD)
    cell = grid.focus(SIZE, PMM)
    grid.press("l")
    expect(grid.toast()).to_contain_text("Sales is Lead now")
    expect(cell).to_have_attribute("data-state", "conflict")
    grid.toast().get_by_role("button", name="Keep theirs").click()
    expect(grid.toast()).to_have_count(0)
    expect(cell).not_to_have_attribute("data-state", re.compile("."))
    assert grid.stored(SIZE) == "SSIL"


def test_two_conflicts_are_asked_one_after_the_other(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix, is_live=False)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.CONTRIBUTE)
    change_elsewhere(matrix, editor, NEED, SALES, Level.INFORMED)
    grid.focus(SIZE, SALES)
    grid.press("s", "ArrowDown", "s")
    expect(grid.toast()).to_have_count(2)
    expect(grid.toast().nth(0)).to_contain_text(SIZE)
    expect(grid.toast().nth(1)).to_be_hidden()
    grid.press("ArrowUp", "ArrowLeft", "c")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    grid.toast().nth(0).get_by_role("button", name="Keep theirs").click()
    expect(grid.toast().nth(0)).to_be_visible()
    grid.toast().nth(0).get_by_role("button", name="Use mine").click()
    expect(grid.toast()).to_have_count(0)
    assert [grid.stored(SIZE), grid.stored(NEED)] == ["LSCC", "LSIS"]


def test_another_cell_of_the_row_is_no_conflict(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix, is_live=False)
    change_elsewhere(matrix, editor, SIZE, SALES, Level.CONTRIBUTE)
    grid.focus(SIZE, ENG)
    grid.press("c")
    expect(grid.cell(SIZE, SALES).locator(".level")).to_have_attribute("data-level", "contribute")
    assert grid.stored(SIZE) == "LSCC"


def test_quick_edits_of_one_cell_are_no_conflict_with_each_other(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    grid.press("c", "s", "i", "c", "s")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(grid.toast()).to_have_count(0)
    assert grid.stored(SIZE) == "LSIS"


def test_a_block_on_a_stale_page_sets_nothing_and_shows_the_rows_as_they_are(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix, is_live=False)
    change_elsewhere(matrix, editor, SIZE, PMM, Level.CONTRIBUTE)
    grid.focus(SIZE, PM)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight", "i")
    expect(grid.toast()).to_contain_text("Nothing of your block was set.")
    expect(grid.cell(SIZE, PMM).locator(".level")).to_have_attribute("data-level", "contribute")
    expect(grid.cell(SIZE, PM).locator(".level")).to_have_attribute("data-level", "lead")
    assert grid.stored(SIZE) == "LCII"
    grid.press("i")
    expect(grid.cell(SIZE, PMM).locator(".level")).to_have_attribute("data-level", "informed")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(SIZE) == "IIII"


def test_without_a_connection_changes_wait_and_are_sent_in_order_and_once(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, SALES)
    grid.page.context.set_offline(True)
    expect(notice(grid.page)).to_have_text("You are offline.")
    grid.press("c")
    expect(notice(grid.page)).to_have_text("You are offline. 1 change waits and is sent when you are back.")
    expect(cell.locator(".level")).to_have_attribute("data-level", "contribute")
    expect(cell).to_have_attribute("data-state", "waiting")
    grid.press("s", "ArrowDown", "l")
    expect(notice(grid.page)).to_contain_text("3 changes wait and are sent")
    expect(grid.page.locator("#save-state")).to_have_text("Waiting")
    assert Change.objects.filter(matrix=matrix).count() == 1
    grid.page.context.set_offline(False)
    expect(notice(grid.page)).to_be_hidden()
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(cell.locator(".level")).to_have_attribute("data-level", "support")
    assert [grid.stored(SIZE), grid.stored(NEED)] == ["LSIS", "SSIL"]
    kinds = list(Change.objects.filter(matrix=matrix).order_by("revision").values_list("kind", flat=True))
    assert kinds == ["create", "level", "level", "level"]


def test_an_undo_waits_its_turn(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    grid.page.context.set_offline(True)
    grid.press("c", "Control+z")
    expect(notice(grid.page)).to_contain_text("2 changes wait")
    grid.page.context.set_offline(False)
    expect(grid.toast()).to_contain_text("Undone.")
    assert grid.stored(SIZE) == "LSII"
    assert list(Change.objects.filter(matrix=matrix).order_by("revision").values_list("kind", flat=True))[1:] == [
        "level",
        "undo",
    ]


def test_a_block_set_without_a_connection_shows_its_letters_and_waits(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PM)
    grid.page.context.set_offline(True)
    grid.press("Shift+ArrowRight", "l")
    expect(grid.cell(SIZE, PM).locator(".level")).to_have_attribute("data-level", "lead")
    expect(grid.cell(SIZE, PMM).locator(".level")).to_have_attribute("data-level", "support")
    expect(grid.cell(SIZE, PMM)).to_have_attribute("data-state", "waiting")
    grid.press("i")
    expect(grid.cell(SIZE, PM).locator(".level")).to_have_attribute("data-level", "informed")
    grid.page.context.set_offline(False)
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(SIZE) == "IIII"


def test_whoever_comes_back_with_a_change_learns_what_was_changed_meanwhile(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, SALES)
    grid.page.context.set_offline(True)
    grid.press("c")
    expect(cell).to_have_attribute("data-state", "waiting")
    change_elsewhere(matrix, editor, SIZE, SALES, Level.SUPPORT)
    grid.page.context.set_offline(False)
    expect(grid.toast()).to_contain_text("Eddie Editor changed")
    expect(cell.locator(".level")).to_have_attribute("data-level", "support")
    expect(cell).to_have_attribute("data-state", "conflict")
    assert grid.stored(SIZE) == "LSIS"


def test_a_server_that_is_away_for_a_while_costs_nothing(open_grid, live_server, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    live_server.stop()
    grid.press("c")
    expect(notice(grid.page)).to_contain_text("Connection lost. Trying again. 1 change waits")
    change_elsewhere(matrix, editor, NEED, ENG, Level.CONTRIBUTE)
    live_server.start()
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(grid.cell(NEED, ENG).locator(".level")).to_have_attribute("data-level", "contribute")
    expect(notice(grid.page)).to_be_hidden()
    assert grid.stored(SIZE) == "LSIC"


def test_an_answer_that_takes_long_is_said_to_and_then_is_no_more(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    waiting = []
    grid.page.route(re.compile("/levels/"), lambda route: waiting.append(route))
    grid.page.clock.install()
    grid.press("c")
    expect(grid.page.locator("#save-state")).to_have_text("Saving")
    expect(notice(grid.page)).to_be_hidden()
    grid.page.clock.run_for(8_000)
    expect(notice(grid.page)).to_have_text("Still saving. The connection is slow.")
    waiting[0].continue_()
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(notice(grid.page)).to_be_hidden()
    assert grid.stored(SIZE) == "LSIC"


def test_a_question_in_a_dialog_keeps_what_was_typed_and_says_that_it_was_not_sent(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_role("button", name="Add").click()
    grid.page.get_by_role("link", name="Stage").click()
    dialog = grid.page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("After the launch")
    grid.page.context.set_offline(True)
    dialog.locator("button:not([type=button])").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Not sent: there is no connection.")
    expect(dialog.get_by_role("textbox").first).to_have_value("After the launch")
    grid.page.context.set_offline(False)
    dialog.locator("button:not([type=button])").click()
    expect(grid.page).to_have_url(re.compile("/arrange/"))
    expect(grid.page.get_by_role("main")).to_contain_text("After the launch")


def test_a_viewer_sees_the_grid_and_no_way_to_change_it(open_grid, viewer, matrix):
    grid = open_grid(viewer, matrix)
    expect(grid.page.get_by_role("region", name="Access")).to_contain_text("You can look, not change.")
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
