"""Editing by mouse, by touch, and by the clipboard."""

import pytest
from playwright.sync_api import expect

SIZE, NEED = "Size the Market Opportunity", "Identify Market Need"
PM, PMM, ENG, SALES = "Product Management", "Product Marketing", "Engineering", "Sales"


def test_a_press_opens_the_levels_and_a_second_sets_one(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.cell(SIZE, SALES).click()
    expect(grid.page.locator("#picker-title")).to_have_text(f"{SALES} · {SIZE}")
    grid.page.get_by_role("menuitemradio", name="S Support does").click()
    expect(grid.cell(SIZE, SALES).locator(".level")).to_have_attribute("data-level", "support")
    expect(grid.page.locator("#picker")).to_be_hidden()


def test_shift_and_a_press_select_a_block(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PM)
    grid.cell(NEED, PMM).click(modifiers=["Shift"])
    expect(grid.page.locator('[aria-selected="true"]')).to_have_count(4)


def test_the_toast_undoes_and_keeps_the_focus(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, PMM)
    grid.press("l")
    grid.toast().get_by_role("button", name="Undo").click()
    expect(cell.locator(".level")).to_have_attribute("data-level", "support")
    assert grid.stored(SIZE) == "LSII"


def test_on_a_phone_a_tap_raises_the_sheet_of_levels(open_grid, owner, matrix):
    grid = open_grid(owner, matrix, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    grid.cell(SIZE, SALES).tap()
    picker = grid.page.locator("#picker")
    expect(picker).to_be_visible()
    box = picker.bounding_box()
    assert box["x"] == 0
    assert round(box["y"] + box["height"]) == 844
    grid.page.get_by_role("menuitemradio", name="C Contribute gives").tap()
    expect(grid.cell(SIZE, SALES).locator(".level")).to_have_attribute("data-level", "contribute")
    assert grid.stored(SIZE) == "LSIC"


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_page_itself_never_scrolls_sideways(open_grid, owner, matrix, width):
    grid = open_grid(owner, matrix, viewport={"width": width, "height": 844})
    assert grid.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_block_is_copied_and_pasted_as_letters(open_grid, owner, matrix):
    grid = open_grid(owner, matrix, permissions=["clipboard-read", "clipboard-write"])
    grid.focus(SIZE, PM)
    grid.press("Shift+ArrowDown", "Shift+End", "Control+c")
    expect(grid.toast()).to_have_text("Copied 8 cells.Close")
    assert grid.page.evaluate("navigator.clipboard.readText()") == "L\tS\tI\tI\nL\tS\tI\tC"
    grid.focus("Develop the Product", PM)
    grid.press("Control+v")
    expect(grid.toast()).to_contain_text("8 cells set.")
    assert grid.stored("Develop the Product") == "LSII"
    assert grid.stored("Quality Assurance and Testing") == "LSIC"


def test_a_pasted_row_with_two_leads_keeps_the_first_and_says_so(open_grid, owner, matrix):
    grid = open_grid(owner, matrix, permissions=["clipboard-read", "clipboard-write"])
    grid.focus(SIZE, PM)
    grid.page.evaluate("navigator.clipboard.writeText('c\\tL\\tL\\tsupport\\r\\n')")
    grid.press("Control+v")
    expect(grid.toast()).to_contain_text("One Lead too many: the first in each row stays, the other became Support.")
    assert grid.stored(SIZE) == "CLSS"


def test_an_unknown_letter_refuses_the_block_and_names_its_place(open_grid, owner, matrix):
    grid = open_grid(owner, matrix, permissions=["clipboard-read", "clipboard-write"])
    cell = grid.focus(SIZE, PM)
    grid.page.evaluate("navigator.clipboard.writeText('S\\tL\\nC\\tX')")
    grid.press("Control+v")
    expect(grid.toast()).to_contain_text("Nothing was pasted. Row 2, column 2 holds “X”.")
    expect(cell.locator(".level")).to_have_attribute("data-level", "lead")
    assert grid.stored(SIZE) == "LSII"


def test_a_block_that_does_not_fit_is_refused_before_it_is_sent(open_grid, owner, matrix):
    grid = open_grid(owner, matrix, permissions=["clipboard-read", "clipboard-write"])
    grid.focus(SIZE, SALES)
    grid.page.evaluate("navigator.clipboard.writeText('S\\tC')")
    grid.press("Control+v")
    expect(grid.toast()).to_contain_text("1 row and 2 columns do not fit")
    assert grid.stored(SIZE) == "LSII"


def test_the_counts_list_what_was_found_and_lead_to_the_row(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    cell = grid.focus("Product Launch", PMM)
    grid.press("Delete")
    expect(grid.page.locator("#counts")).to_contain_text("1 error")
    grid.press("Control+Home")
    grid.page.locator("#counts").click()
    grid.page.locator("#menu-checks").get_by_role("link", name="Nobody leads Product Launch yet").click()
    expect(grid.page.locator("tr.activity[aria-current='true']")).to_contain_text("Product Launch")
    expect(grid.page.locator("#menu-checks")).to_be_hidden()
    assert cell.is_visible()


def test_next_in_the_panel_takes_the_grid_along(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_role("link", name=f"Next activity, {NEED}").click()
    expect(grid.page.locator("tr.activity[aria-current='true']")).to_contain_text(NEED)
    expect(grid.page.locator("#panel-title")).to_contain_text(NEED)


def test_an_edit_in_the_panel_refreshes_its_row(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_label("Delivers").select_option(label=SALES)
    expect(grid.page.locator("tr.activity.has-error")).to_contain_text(SIZE)
    expect(grid.cell(SIZE, SALES).get_by_role("img", name="Delivers")).to_be_visible()


def test_an_activity_is_added_in_a_dialog_and_the_toast_takes_it_back(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_role("button", name="Add").click()
    grid.page.get_by_role("link", name="Activity", exact=True).click()
    dialog = grid.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Partner programme")
    dialog.get_by_role("button", name="Add activity").click()
    expect(grid.page.locator("tr.activity")).to_have_count(19)
    grid.toast().get_by_role("button", name="Undo").click()
    expect(grid.page.locator("tr.activity")).to_have_count(18)


def test_every_question_on_arrange_and_on_a_role_opens_in_a_dialog(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    page, asked = grid.page, 0
    for name in ("Arrange", PM):
        page.goto(grid.url)
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_load_state()
        here = page.url
        for at in range(page.locator('[hx-target="#dialog"]').count()):
            page.goto(here)
            page.locator('[hx-target="#dialog"]').nth(at).click()
            expect(page.locator("dialog[open] form")).to_be_visible()
            asked += 1
    assert asked >= 8


def test_removing_a_role_that_leads_asks_who_takes_its_rows_over(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    page = grid.page
    page.get_by_role("link", name=ENG, exact=True).first.click()
    page.get_by_role("link", name="Remove").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Develop the Product")
    dialog.get_by_label(PM).check()
    dialog.get_by_role("button", name="Remove").click()
    expect(grid.toast()).to_contain_text(f"{ENG} was removed; what it answered for went to {PM}.")
    grid.roles.remove(ENG)
    assert grid.stored("Develop the Product") == "LCI"


def test_the_toast_of_an_edit_goes_when_the_next_edit_is_made(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PMM)
    grid.press("l")
    grid.toast().get_by_role("button", name="Undo").wait_for()
    grid.press("ArrowDown", "i")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(grid.toast()).to_have_count(0)
