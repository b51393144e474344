"""Who else is here, and on which cell."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from raci.grid.levels import Level

SIZE, NEED = "Size the Market Opportunity", "Identify Market Need"
PM, SALES = "Product Management", "Sales"


def faces(grid):
    return grid.page.get_by_role("list", name="Also here now")


def test_the_others_stand_in_the_top_bar_and_oneself_does_not(open_grid, owner, editor, viewer, matrix):
    ours = open_grid(owner, matrix)
    expect(faces(ours)).to_be_hidden()
    theirs = open_grid(editor, matrix)
    third = open_grid(viewer, matrix)
    expect(faces(ours).get_by_role("listitem")).to_have_text(["EEEddie Editor", "VVVic Viewer"])
    expect(faces(theirs)).to_contain_text("Olive Owner")
    third.page.close()
    expect(faces(ours).get_by_role("listitem")).to_have_text(["EEEddie Editor"])


def test_two_pages_of_one_person_are_one_face_and_no_ring_of_ones_own(open_grid, owner, editor, matrix):
    ours, again, theirs = open_grid(owner, matrix), open_grid(owner, matrix), open_grid(editor, matrix)
    expect(faces(theirs).get_by_role("listitem")).to_have_count(1)
    again.focus(SIZE, SALES)
    expect(theirs.cell(SIZE, SALES)).to_have_attribute("data-editor-name", "Olive")
    expect(ours.page.locator("[data-editor]")).to_have_count(0)


def test_their_cell_carries_a_ring_that_follows_them_and_stays_when_it_is_painted(open_grid, owner, editor, matrix):
    ours, theirs = open_grid(owner, matrix), open_grid(editor, matrix)
    expect(faces(theirs)).to_be_visible()
    theirs.focus(SIZE, SALES)
    ring = ours.cell(SIZE, SALES)
    expect(ring).to_have_attribute("data-editor-name", "Eddie")
    person = faces(ours).locator(".avatar").get_attribute("data-person")
    expect(ring).to_have_attribute("data-editor", person)
    theirs.press("c")
    expect(ring.locator(".level")).to_have_attribute("data-level", Level.CONTRIBUTE.name.lower())
    expect(ring).to_have_attribute("data-editor", person)
    theirs.press("ArrowDown")
    expect(ours.cell(NEED, SALES)).to_have_attribute("data-editor", person)
    expect(ours.page.locator("[data-editor]")).to_have_count(1)
    theirs.page.locator(".toolbar").get_by_role("button", name="Keys").focus()
    expect(ours.page.locator("[data-editor]")).to_have_count(0)


def test_nothing_is_told_while_nobody_else_is_here(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    sent = []
    grid.page.on("request", lambda request: sent.append(request.url) if "/presence/" in request.url else None)
    grid.focus(SIZE, SALES)
    grid.press("ArrowDown", "ArrowUp")
    grid.page.wait_for_timeout(500)
    assert sent == []


def test_moving_fast_is_told_a_few_times_and_the_last_place_wins(open_grid, owner, editor, matrix):
    ours, theirs = open_grid(owner, matrix), open_grid(editor, matrix)
    expect(faces(theirs)).to_be_visible()
    sent = []
    theirs.page.on("request", lambda request: sent.append(request.url) if "/presence/" in request.url else None)
    theirs.focus(SIZE, PM)
    theirs.press(*["ArrowDown", "ArrowRight"] * 10, "Control+Home", "ArrowDown")
    expect(ours.cell(NEED, PM)).to_have_attribute("data-editor-name", "Eddie")
    assert len(sent) < 12


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_neither_faces_nor_rings_nor_the_notice_are_objected_to(open_grid, owner, editor, matrix, width, theme):
    ours = open_grid(owner, matrix, viewport={"width": width, "height": 844}, color_scheme=theme)
    theirs = open_grid(editor, matrix)
    expect(faces(theirs)).to_be_visible()
    theirs.focus(SIZE, SALES)
    expect(ours.cell(SIZE, SALES)).to_have_attribute("data-editor-name", "Eddie")
    ours.page.context.set_offline(True)
    ours.focus(NEED, PM)
    ours.press("s")
    expect(ours.page.locator("#connection")).to_contain_text("1 change waits")
    violations = Axe().run(ours.page).response["violations"]
    assert [f"{each['id']} {node['target']}" for each in violations for node in each["nodes"]] == []
    assert not ours.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    ours.page.context.set_offline(False)
    expect(ours.page.locator("#save-state")).to_have_text("Saved")
