"""Editing by keyboard alone."""

import re

from playwright.sync_api import expect

from raci.matrices.models import Change

SIZE, NEED, INTEL = "Size the Market Opportunity", "Identify Market Need", "Competitive Intelligence"
PM, PMM, ENG, SALES = "Product Management", "Product Marketing", "Engineering", "Sales"


def test_a_dozen_edits_by_keyboard_alone_are_saved(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PM)
    for _ in range(3):
        grid.press("s", "ArrowRight", "c", "ArrowRight", "i", "ArrowRight", "Backspace", "Home", "ArrowDown")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(grid.cell(INTEL, SALES).locator(".level")).to_have_attribute("data-level", "none")
    assert [grid.stored(name) for name in (SIZE, NEED, INTEL)] == ["SCI-", "SCI-", "SCI-"]


def test_giving_a_second_role_the_lead_moves_the_first_says_so_and_is_one_undo(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, PMM)
    grid.press("l")
    expect(grid.toast()).to_contain_text(f"{PMM} now leads “{SIZE}”; {PM} moved to Support.")
    expect(cell).to_be_focused()
    assert grid.stored(SIZE) == "SLII"
    grid.press("Control+z")
    expect(grid.toast()).to_contain_text("Undone.")
    assert grid.stored(SIZE) == "LSII"
    grid.press("Control+Shift+Z")
    expect(grid.toast()).to_contain_text("Redone.")
    assert grid.stored(SIZE) == "SLII"
    assert Change.objects.filter(matrix=matrix).count() == 4


def test_undo_works_after_a_reload(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    grid.press("c")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    grid.page.reload()
    grid.page.locator("#grid .is-focused").wait_for(state="attached")
    grid.press("Control+z")
    expect(grid.cell(SIZE, SALES).locator(".level")).to_have_attribute("data-level", "informed")
    expect(grid.page.get_by_role("button", name="Redo")).to_be_enabled()
    assert grid.stored(SIZE) == "LSII"


def test_the_keys_go_where_they_say(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    for keys, at in [
        (["Control+Home"], (SIZE, PM)),
        (["End"], (SIZE, SALES)),
        (["Home"], (SIZE, PM)),
        (["PageDown"], ("Product Strategy/Roadmap", PM)),
        (["PageUp"], (SIZE, PM)),
        (["ArrowUp", "ArrowLeft"], (SIZE, PM)),
        (["Control+End"], ("Manage Product Financial/Sales Performance", SALES)),
    ]:
        grid.page.locator('#grid .cell[tabindex="0"]').focus()
        grid.press(*keys)
        expect(grid.cell(*at)).to_be_focused()


def test_enter_opens_the_levels_arrows_choose_enter_sets_and_escape_leaves(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, ENG)
    grid.press("Enter")
    expect(grid.page.locator("#picker")).to_be_visible()
    expect(grid.page.get_by_role("menuitemradio", name="Informed")).to_be_focused()
    expect(grid.page.locator("#picker")).to_contain_text("Product Management moves to Support")
    grid.press("Escape")
    expect(cell).to_be_focused()
    grid.press("F2", "ArrowUp", "Enter")
    expect(cell.locator(".level")).to_have_attribute("data-level", "contribute")
    expect(cell).to_be_focused()


def test_a_letter_sets_a_whole_block_and_never_two_leads_in_a_row(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PMM)
    grid.press("Shift+ArrowDown", "Shift+ArrowRight", "l")
    expect(grid.toast()).to_contain_text("4 cells set. 2 Leads too many: the first in each row stays")
    assert [grid.stored(SIZE), grid.stored(NEED)] == ["SLSI", "SLSC"]
    assert Change.objects.filter(matrix=matrix).count() == 2
    grid.press("c")
    expect(grid.toast()).to_contain_text(re.compile(r"4 cells set\.\s+Undo"))
    assert [grid.stored(SIZE), grid.stored(NEED)] == ["SCCI", "SCCC"]


def test_a_row_without_a_lead_is_marked_at_once(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PM)
    grid.press("Delete")
    expect(grid.page.locator("tr.activity.has-error")).to_contain_text("No Lead")
    expect(grid.page.locator("#counts")).to_contain_text("1 error")
    grid.press("l")
    expect(grid.page.locator("tr.activity.has-error")).to_have_count(0)


def test_slash_finds_rows_and_escape_brings_all_back(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.press("/")
    grid.page.keyboard.type("pricing and")
    expect(grid.page.locator("#filter-count")).to_have_text("1 of 18 activities")
    expect(grid.page.locator("tr.activity")).to_have_count(1)
    assert "find=pricing" in grid.page.url
    grid.press("Escape")
    expect(grid.page.locator("tr.activity")).to_have_count(18)
    expect(grid.page.locator("#filterbar")).to_be_hidden()


def test_the_question_mark_shows_the_keys_and_f6_goes_round_the_regions(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    expect(grid.page.locator("#panel-title")).to_contain_text(SIZE)
    cell = grid.focus(SIZE, PM)
    grid.press("?")
    expect(grid.page.get_by_role("dialog", name="Keys in the grid")).to_be_visible()
    grid.press("Escape", "F6")
    assert grid.page.evaluate("document.getElementById('panel').contains(document.activeElement)")
    grid.press("F6")
    assert grid.page.evaluate("document.querySelector('.toolbar').contains(document.activeElement)")
    grid.press("F6")
    expect(cell).to_be_focused()


def test_in_raci_the_letters_are_those_of_raci(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_role("button", name="RACI").click()
    grid.page.locator("#grid .is-focused").wait_for(state="attached")
    cell = grid.focus(SIZE, SALES)
    grid.press("r")
    expect(cell).to_contain_text("R Responsible")
    grid.press("a")
    expect(cell).to_contain_text("A/R Accountable")
    expect(grid.toast()).to_contain_text("Sales is now accountable for")
    grid.press("l")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(SIZE) == "SSIL"


def test_the_panel_follows_the_row_in_focus(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(INTEL, PM)
    expect(grid.page.locator("#panel-title")).to_contain_text(INTEL)
    expect(grid.page.locator("tr.activity[aria-current='true']")).to_contain_text(INTEL)
