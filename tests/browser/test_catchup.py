"""What a page does when news are lost on the way: it is right again by itself, and shows nothing wrong until then."""

import re

import pytest
from playwright.sync_api import expect

from raci.grid.levels import Level
from raci.matrices.models import Activity, Matrix, Role
from raci.matrices.operations import Sender
from raci.matrices.structure import add_role, move_role
from tests.browser.wire import Wire

SIZE, NEED = "Size the Market Opportunity", "Identify Market Need"
PM, ENG, SALES = "Product Management", "Engineering", "Sales"

# Answers to the page's own GETs of what `part` names are held until the test lets them go.
HOLD = """part => {
    const real = window.fetch, isMeant = (url) => (part ? String(url).includes(part) : String(url) === location.pathname);
    window.asked = 0;
    window.fetch = async (url, ...rest) => {
        const answer = await real(url, ...rest);
        if (!isMeant(url) || (window.asked += 1) > 1) return answer;
        return new Promise((go) => { window.answer = (change) => go(change ? change(answer) : answer); });
    };
}"""
REFUSE = "window.answer(() => new Response('', { status: 503 }))"
BREAK_OFF = (
    "window.answer((answer) => { answer.text = () => Promise.reject(new TypeError('network error')); return answer; })"
)


def held(grid, part: str = "") -> None:
    grid.page.evaluate(HOLD, part)


def wait_until_held(grid) -> None:
    grid.page.wait_for_function("() => window.answer")


def level_of(grid, activity: str, role: str):
    return grid.cell(activity, role).locator(".level")


def names(grid):
    return grid.page.locator("thead [data-role] .role-name")


def shown(grid, activity: str) -> dict[str, str]:
    """The levels of a row under the names that stand above them."""
    pk = Activity.objects.get(matrix=grid.matrix, name=activity).pk
    levels = grid.page.locator(f"#a{pk} td.cell .level").evaluate_all("all => all.map(each => each.dataset.level)")
    return dict(zip(names(grid).all_inner_texts(), levels, strict=True))


def test_two_changes_of_the_roles_in_a_row_are_both_there(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.hears()
    held(grid)
    add_role(matrix=matrix.pk, sender=Sender(editor), values={"name": "Finance"})
    wait_until_held(grid)
    add_role(matrix=matrix.pk, sender=Sender(editor), values={"name": "Legal"})
    grid.page.wait_for_timeout(500)  # in which its news come
    grid.page.evaluate("window.answer()")
    expect(names(grid)).to_contain_text(["Finance", "Legal"])
    expect(grid.page.locator("#revision")).to_have_text(str(Matrix.objects.get(pk=matrix.pk).revision))


@pytest.mark.parametrize("failure", [REFUSE, BREAK_OFF], ids=["refused", "broken off"])
def test_a_table_that_was_lost_is_fetched_again_and_no_row_is_painted_before(
    open_grid, owner, editor, matrix, change, failure
):
    grid = open_grid(owner, matrix)
    grid.hears()
    held(grid)
    before = shown(grid, SIZE)
    roles = {role.name: role.pk for role in Role.objects.filter(matrix=matrix)}
    move_role(matrix=matrix.pk, sender=Sender(editor), role=roles[SALES], before=roles[PM])
    wait_until_held(grid)
    change(SIZE, ENG, Level.CONTRIBUTE)
    grid.page.wait_for_timeout(500)  # in which its news come
    assert shown(grid, SIZE) == before
    grid.page.evaluate(failure)
    expect(names(grid).first).to_have_text(SALES)
    grid.page.wait_for_function("() => document.getElementById('revision').textContent === '3'")
    assert shown(grid, SIZE) == {**before, ENG: "contribute"}
    assert grid.page.locator("#connection").is_hidden()


def test_what_is_set_while_the_table_is_missing_is_saved_and_shown_under_its_role(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.hears()
    held(grid)
    grid.focus(SIZE, SALES)
    before = shown(grid, SIZE)
    roles = {role.name: role.pk for role in Role.objects.filter(matrix=matrix)}
    move_role(matrix=matrix.pk, sender=Sender(editor), role=roles[SALES], before=roles[PM])
    wait_until_held(grid)
    grid.press("c")
    expect(grid.page.locator("#save-state")).to_have_text("Saved")
    assert list(shown(grid, SIZE)) == list(before)
    assert {**shown(grid, SIZE), SALES: ""} == {**before, SALES: ""}
    grid.page.evaluate("window.answer()")
    expect(names(grid).first).to_have_text(SALES)
    expect(grid.cell(SIZE, PM).locator(".level")).to_have_attribute("data-level", "contribute")  # the first column now
    assert shown(grid, SIZE) == {**before, SALES: "contribute"}


def test_a_row_of_other_roles_is_refused_and_brings_the_table(open_grid, owner, editor, matrix, change):
    grid = open_grid(owner, matrix, is_live=False)
    add_role(matrix=matrix.pk, sender=Sender(editor), values={"name": "Finance"})
    grid.focus(SIZE, SALES)
    grid.press("c")
    expect(names(grid)).to_contain_text(["Finance"])
    expect(grid.page.locator("#loads .load")).to_have_count(5)
    assert shown(grid, SIZE)[SALES] == "contribute"


def test_asking_goes_on_after_an_answer_that_broke_off(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.page.route(re.compile("/stream/"), lambda route: route.fulfill(status=204))
    grid.page.reload()
    grid.hears("poll")
    held(grid, "/changes/")
    change(SIZE, SALES, Level.CONTRIBUTE)
    wait_until_held(grid)
    grid.page.evaluate(BREAK_OFF)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "contribute")
    expect(grid.page.locator("#connection")).to_be_hidden()


def test_after_one_stream_too_many_the_page_asks_and_tries_a_stream_again_each_minute(open_grid, owner, matrix, change):
    grid = open_grid(owner, matrix)
    grid.page.route(re.compile("/stream/"), lambda route: route.fulfill(status=429))
    grid.page.clock.install()
    grid.page.reload()
    grid.hears("poll")
    change(SIZE, SALES, Level.CONTRIBUTE)
    grid.page.clock.run_for(3_000)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "contribute")
    grid.page.unroute(re.compile("/stream/"))
    grid.page.clock.run_for(50_000)
    grid.hears("poll")
    grid.page.clock.run_for(12_000)
    grid.hears()
    change(SIZE, SALES, Level.SUPPORT)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "support")


MUTE = 'new Response(new ReadableStream({}), { headers: { "Content-Type": "text/event-stream" } })'
NEVER = "new Promise((_, fail) => options.signal.addEventListener('abort', () => fail(options.signal.reason)))"


@pytest.mark.parametrize("stream", [MUTE, NEVER], ids=["what it says", "that it began"])
def test_where_somebody_on_the_way_holds_the_stream_back_the_page_asks(open_grid, owner, matrix, change, stream):
    grid = open_grid(owner, matrix)
    grid.page.add_init_script(
        f"""const real = window.fetch;
        window.fetch = (url, options) => (String(url).includes("/stream/") ? {stream} : real(url, options));"""
    )
    grid.page.clock.install()
    grid.page.reload()
    grid.page.locator("#grid .is-focused").wait_for(state="attached")
    grid.page.clock.run_for(10_000)
    grid.hears("poll")
    change(SIZE, SALES, Level.CONTRIBUTE)
    grid.page.clock.run_for(4_000)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "contribute")
    expect(grid.page.locator("#connection")).to_be_hidden()


@pytest.fixture
def wire(live_server):
    wire = Wire(live_server.port)
    yield wire
    wire.close()


def test_after_a_long_sleep_with_dead_connections_the_page_is_right_within_five_seconds(
    open_grid, wire, live_server, owner, matrix, change
):
    grid = open_grid(owner, matrix)
    grid.page.goto(grid.url.replace(str(live_server.port), str(wire.port)))
    grid.hears()
    wire.cut()
    change(SIZE, SALES, Level.CONTRIBUTE)
    grid.page.wait_for_timeout(500)  # in which a page that listens has it
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "informed")
    grid.page.clock.install()
    grid.page.clock.fast_forward(3_600_000)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "contribute", timeout=5_000)
    change(SIZE, SALES, Level.SUPPORT)
    expect(level_of(grid, SIZE, SALES)).to_have_attribute("data-level", "support")


def test_the_notice_that_the_connection_is_lost_goes_with_the_next_answer(open_grid, owner, editor, matrix):
    grid = open_grid(owner, matrix)
    grid.hears()
    grid.page.route(grid.url, lambda route: route.fulfill(status=503))
    add_role(matrix=matrix.pk, sender=Sender(editor), values={"name": "Finance"})
    expect(grid.page.locator("#connection")).to_have_text(re.compile("Connection lost. Trying again."))
    grid.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # it was away and came to the front
    grid.page.unroute(grid.url)
    expect(names(grid)).to_contain_text(["Finance"], timeout=10_000)
    expect(grid.page.locator("#connection")).to_be_hidden()
