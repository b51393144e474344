"""The grid laid beside a reference, by keyboard and by mouse."""

from playwright.sync_api import expect

from raci.grid.levels import Level
from raci.matrices import departures
from raci.matrices.operations import Sender

SIZE = "Size the Market Opportunity"
PM, PMM, SALES = "Product Management", "Product Marketing", "Sales"


def test_a_difference_shows_as_soon_as_it_is_made_and_goes_with_it(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    differing = grid.page.locator("#differing")
    expect(differing).to_have_text("Compare: Market-led")
    cell = grid.focus(SIZE, SALES)
    grid.press("c")
    expect(cell.locator(".cell-compare")).to_contain_text("≠I")
    expect(cell).to_be_focused()
    expect(differing).to_contain_text("1 differs")
    expect(grid.page.locator("#panel")).to_contain_text("Sales: Contribute here, Informed there.")
    grid.press("Control+z")
    expect(cell.locator(".cell-compare")).to_have_count(0)
    expect(differing).to_have_text("Compare: Market-led")


def test_moving_the_lead_differs_in_both_its_cells(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, PMM)
    grid.press("l")
    expect(grid.cell(SIZE, PM).locator(".cell-compare")).to_contain_text("≠L")
    expect(grid.cell(SIZE, PMM).locator(".cell-compare")).to_contain_text("≠S")
    expect(grid.page.locator("#differing")).to_contain_text("2 differ")


def test_another_reference_is_chosen_from_the_menu_and_stays_over_a_reload(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.page.get_by_role("button", name="Compare: Market-led").click()
    menu = grid.page.locator("#menu-compare")
    expect(menu.get_by_role("button", name="What it follows: Market-led")).to_contain_text("72 of 72 agree")
    expect(menu.locator("[aria-current]")).to_have_count(1)
    menu.get_by_role("button", name="Sales-led").click()
    expect(grid.page.get_by_role("button", name="Compare: Sales-led")).to_be_visible()
    before = grid.page.locator("#differing").inner_text()
    assert before.endswith("differ")
    grid.page.reload()
    expect(grid.page.locator("#differing")).to_have_text(before)
    cell = grid.focus(SIZE, SALES)
    expect(cell.locator(".cell-compare")).to_contain_text("≠S")
    grid.press("s")
    expect(cell.locator(".cell-compare")).to_have_count(0)
    expect(grid.page.locator("#differing")).not_to_have_text(before)
    grid.page.get_by_role("button", name="Compare: Sales-led").click()
    menu.get_by_role("button", name="Hide differences").click()
    expect(grid.page.locator(".cell-compare")).to_have_count(0)


def test_only_the_rows_that_differ(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    grid.press("c")
    expect(grid.page.locator("#differing")).to_contain_text("1 differs")
    grid.page.get_by_role("button", name="Filter").click()
    grid.page.get_by_label("That differ from market-led").check()
    expect(grid.page.locator("#filter-count")).to_have_text("1 of 18 activities")


def test_a_departure_is_read_in_the_cell_and_goes_when_the_level_does(open_grid, owner, matrix):
    row, sales = matrix.activities.get(name=SIZE), matrix.roles.get(name=SALES)
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, SALES)
    grid.press("c")
    expect(cell.locator(".cell-compare")).to_contain_text("≠I")
    departures.keep(
        matrix=matrix.pk,
        sender=Sender(owner),
        activity=row.pk,
        ours={sales.pk: Level.CONTRIBUTE},
        theirs={sales.pk: Level.INFORMED},
        against="market",
        reference="market-led",
        reason="Sales knows the accounts.",
        until=None,
        seen=2,
    )
    grid.page.reload()
    expect(cell.locator(".cell-compare.is-kept")).to_be_visible()
    expect(cell).to_have_attribute("title", "Market-led: Informed. Kept: Sales knows the accounts.")
    grid.focus(SIZE, SALES)
    grid.press("s")
    expect(cell).to_have_attribute("title", "Market-led: Informed.")
    expect(grid.toast()).to_contain_text("What was kept for Sales there went with it: Sales knows the accounts.")
    row.refresh_from_db()
    assert row.departures == {}


def test_what_it_is_laid_beside_follows_an_undone_change_of_what_is_followed(open_grid, owner, matrix):
    departures.follow(matrix=matrix.pk, sender=Sender(owner), culture="sales", house=None, moves={}, seen=1)
    grid = open_grid(owner, matrix)
    expect(grid.page.locator("#differing")).to_contain_text("Compare: Sales-led")
    grid.focus(SIZE, SALES)
    grid.press("Control+z")
    expect(grid.page.locator("#differing")).to_have_text("Compare: Market-led")
    expect(grid.page.locator(".cell-compare")).to_have_count(0)
