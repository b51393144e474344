"""Two people in one matrix: what one does, the other sees, and nothing of what they are at is disturbed by it."""

import re

from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from raci.grid.levels import Level
from raci.matrices.models import Activity, Matrix, Role
from raci.matrices.operations import Sender, archive, rename_matrix, set_block
from raci.matrices.structure import add_role, edit_activity, remove_activity
from raci.workspaces.models import Access, Member

SIZE, NEED, INTEL = "Size the Market Opportunity", "Identify Market Need", "Competitive Intelligence"
PM, PMM, ENG, SALES = "Product Management", "Product Marketing", "Engineering", "Sales"


def pk_of(matrix: Matrix, activity: str) -> int:
    return Activity.objects.get(matrix=matrix, name=activity).pk


def level_of(cell):
    return cell.locator(".level")


def option(grid, letter):
    return grid.page.locator(f'#picker [value="{letter}"]')


def hide(page, *, hidden: bool) -> None:
    """As if the tab went to the background, or came back."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def test_an_edit_is_painted_in_the_other_browser_and_only_its_row(open_grid, owner, editor, matrix):
    ours, theirs = open_grid(owner, matrix), open_grid(editor, matrix)
    ours.page.evaluate("document.querySelectorAll('tr.activity, td.cell').forEach(each => { each.isOld = true; })")
    ours.page.evaluate(
        """() => {
            window.touched = new Set();
            new MutationObserver(records => records.forEach(({ target }) => {
                const row = (target.closest ?? target.parentElement.closest).call(target.closest ? target : target.parentElement, "tr");
                if (row?.matches(".activity")) window.touched.add(row.id);
            })).observe(document.getElementById("table"), { subtree: true, childList: true, characterData: true });
        }"""
    )
    theirs.focus(SIZE, PMM)
    theirs.press("l")
    expect(level_of(ours.cell(SIZE, PMM))).to_have_attribute("data-level", "lead")
    expect(level_of(ours.cell(SIZE, PM))).to_have_attribute("data-level", "support")
    assert ours.page.evaluate("[...document.querySelectorAll('tr.activity, td.cell')].every(each => each.isOld)")
    assert ours.page.evaluate("[...window.touched]") == [f"a{pk_of(matrix, SIZE)}"]
    expect(ours.page.locator("#revision")).to_have_text("2")
    expect(ours.page.locator("#loads .load").nth(1)).to_have_attribute("aria-label", re.compile("Product Marketing"))


def test_twenty_edits_are_each_painted_in_the_other_browser_by_the_stream(open_grid, owner, editor, matrix):
    ours, theirs = open_grid(owner, matrix), open_grid(editor, matrix)
    ours.hears()
    ours.page.evaluate(
        """() => {
            window.painted = [];
            new MutationObserver(() => window.painted.push(performance.timeOrigin + performance.now()))
                .observe(document.getElementById("grid"), { subtree: true, attributeFilter: ["data-level"] });
        }"""
    )
    theirs.page.evaluate(
        """() => {
            window.pressed = [];
            document.addEventListener(
                "keydown", ({ key }) => "cs".includes(key) && window.pressed.push(performance.timeOrigin + performance.now()), true);
        }"""
    )
    theirs.focus(SIZE, SALES)
    for at in range(20):
        theirs.press("cs"[at % 2])
        ours.page.wait_for_function("count => window.painted.length >= count", arg=at + 1)
    pressed, painted = theirs.page.evaluate("window.pressed"), ours.page.evaluate("window.painted")
    took = sorted(then - now for now, then in zip(pressed, painted, strict=True))
    # Half a second is the aim, which tests.bench.browser measures; this machine may be busy, but polling takes three.
    assert took[18] < 2_000, f"95 of 100 within {took[18]:.0f} ms, half within {took[10]:.0f} ms"


def test_what_somebody_else_changed_is_marked_for_a_moment_and_ones_own_is_not(open_grid, owner, editor, matrix):
    ours, theirs = open_grid(owner, matrix), open_grid(editor, matrix)
    theirs.focus(SIZE, SALES)
    theirs.press("c")
    expect(ours.cell(SIZE, SALES)).to_have_attribute("data-changed", "")
    expect(ours.cell(SIZE, SALES)).not_to_have_attribute("data-changed", "")
    expect(theirs.page.locator("[data-changed]")).to_have_count(0)


def test_focus_block_and_picker_stay_where_they_are(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    cell = grid.focus(SIZE, ENG)
    grid.press("Shift+ArrowRight")
    change(SIZE, ENG, Level.CONTRIBUTE)
    expect(level_of(cell)).to_have_attribute("data-level", "contribute")
    expect(grid.page.locator("[aria-selected=true]")).to_have_count(2)
    expect(grid.cell(SIZE, SALES)).to_be_focused()
    grid.press("Escape", "ArrowLeft", "Enter")
    expect(option(grid, "C")).to_have_attribute("aria-checked", "true")
    change(SIZE, ENG, Level.SUPPORT)
    expect(option(grid, "S")).to_have_attribute("aria-checked", "true")
    expect(option(grid, "C")).to_be_focused()
    grid.press("Enter")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    expect(grid.toast()).to_have_count(0)
    assert grid.stored(SIZE) == "LSCI"


def test_half_typed_text_in_the_panel_stays_and_an_idle_panel_follows(open_grid, owner, editor, matrix, change):
    grid = open_grid(owner, matrix)
    panel = grid.page.locator("#panel")
    change(SIZE, SALES, Level.CONTRIBUTE)
    expect(panel).to_contain_text("was Informed. Eddie Editor")
    panel.get_by_role("link", name="Edit the notes").click()
    field = panel.locator("textarea")
    field.fill("Half a sen")
    change(SIZE, SALES, Level.SUPPORT)
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "support")
    grid.page.wait_for_timeout(400)  # in which an idle panel would have followed
    expect(field).to_have_value("Half a sen")
    expect(field).to_be_focused()
    field.press("End")
    field.press_sequentially("tence")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("Half a sentence")


def test_another_role_brings_the_table_again_with_the_same_cell_in_focus(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(INTEL, ENG)
    grid.press("Shift+ArrowRight")
    add_role(matrix=matrix.pk, sender=Sender(editor), values={"name": "Finance"})
    expect(grid.page.locator("thead .role-name", has_text="Finance")).to_have_count(1)
    expect(grid.cell(INTEL, SALES)).to_be_focused()
    expect(grid.page.locator("[aria-selected=true]")).to_have_count(2)
    grid.press("Escape", "c")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert grid.stored(INTEL)[3] == "C"


def test_a_row_that_goes_leaves_the_focus_on_the_row_that_takes_its_place(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(NEED, SALES)
    remove_activity(matrix=matrix.pk, sender=Sender(editor), activity=pk_of(matrix, NEED))
    expect(grid.page.locator("tr.activity")).to_have_count(17)
    grid.page.wait_for_function(
        "() => [...document.querySelectorAll('tr.activity')].indexOf(document.activeElement.parentElement) === 1"
    )


def test_a_new_name_stands_in_the_top_bar_and_the_title(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    rename_matrix(matrix=matrix.pk, sender=Sender(editor), name="Launch & after")
    expect(grid.page.get_by_role("heading", name="Launch & after")).to_be_visible()
    expect(grid.page).to_have_title("Launch & after · Remit")


def test_a_matrix_put_away_meanwhile_says_so_and_takes_no_more_edits(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.focus(SIZE, SALES)
    archive(matrix=matrix.pk, sender=Sender(editor), archived=True)
    expect(grid.page.locator("#connection")).to_contain_text("This matrix was archived.")
    grid.press("c")
    grid.page.locator("#connection").get_by_role("link", name="Reload").click()
    expect(grid.page.get_by_role("region", name="Archived")).to_be_visible()
    assert grid.stored(SIZE) == "LSII"


def test_a_filtered_page_hears_only_of_the_rows_it_shows(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.press("/")
    grid.page.keyboard.type("pricing and")
    expect(grid.page.locator("tr.activity")).to_have_count(1)
    change(SIZE, SALES, Level.CONTRIBUTE)
    expect(grid.page.locator("#revision")).to_have_text("2")
    expect(grid.page.locator("tr.activity")).to_have_count(1)
    expect(grid.page.get_by_role("searchbox")).to_be_focused()
    grid.press("Escape")
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "contribute")


def test_many_rows_at_once_bring_the_table(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    rows = list(Activity.objects.filter(matrix=matrix).order_by("position").values_list("pk", flat=True))
    sales = Role.objects.get(matrix=matrix, name=SALES).pk
    set_block(
        matrix=matrix.pk,
        sender=Sender(editor),
        activities=rows,
        roles=[sales],
        levels=[[Level.CONTRIBUTE]] * len(rows),
        seen=[1] * len(rows),
    )
    edit_activity(matrix=matrix.pk, sender=Sender(editor), activity=rows[0], values={"name": "Size it"}, seen=2)
    expect(grid.page.locator(".activity-name").first).to_have_text("Size it")
    expect(grid.page.locator('td.cell:nth-child(6) [data-level="contribute"]')).to_have_count(18)


def test_changes_of_a_hidden_tab_are_there_when_it_comes_back(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.hears()
    hide(grid.page, hidden=True)
    grid.hears("")
    change(SIZE, SALES, Level.CONTRIBUTE)
    grid.page.wait_for_timeout(500)  # in which a page that listens has it
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "informed")
    hide(grid.page, hidden=False)
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "contribute")


def test_where_no_stream_can_be_opened_the_page_asks_again_and_again(open_grid, new_page, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.page.route(re.compile("/stream/"), lambda route: route.fulfill(status=204))
    grid.page.reload()
    grid.hears("poll")
    change(SIZE, SALES, Level.CONTRIBUTE)
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "contribute")
    change(SIZE, SALES, Level.SUPPORT)
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "support")


def test_going_back_from_a_filter_leads_to_a_page_that_works(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.press("/")
    grid.page.keyboard.type("pricing and")
    expect(grid.page.locator("tr.activity")).to_have_count(1)
    grid.page.go_back()
    expect(grid.page.locator("tr.activity")).to_have_count(18)
    change(SIZE, SALES, Level.CONTRIBUTE)
    expect(level_of(grid.cell(SIZE, SALES))).to_have_attribute("data-level", "contribute")
    grid.focus(NEED, SALES)
    grid.press("s")
    assert grid.stored(NEED)[3] == "S"


def test_whoever_is_demoted_or_removed_is_told_within_seconds(open_grid, owner, editor, viewer, matrix):
    ours, theirs = open_grid(editor, matrix), open_grid(viewer, matrix)
    ours.hears()
    theirs.hears()
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    Member.objects.filter(pk=viewer.pk).delete()
    expect(ours.page.locator("#connection")).to_contain_text("Your access changed.")
    expect(theirs.page.locator("#connection")).to_contain_text("This matrix is not here any more, or you may no longer")
    ours.page.locator("#connection").get_by_role("link", name="Reload").click()
    expect(ours.page.get_by_role("region", name="Access")).to_contain_text("You can look, not change.")


def test_whoever_signs_out_elsewhere_is_told(open_grid, owner, matrix):
    grid = open_grid(owner, matrix)
    grid.hears()
    Session.objects.all().delete()
    expect(grid.page.locator("#connection")).to_contain_text("You are signed out. Sign in again to go on.")
    grid.page.locator("#connection").get_by_role("link", name="Sign in").click()
    expect(grid.page).to_have_url(re.compile("/account/sign-in/"))
