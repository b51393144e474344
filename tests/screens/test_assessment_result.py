"""The result of an assessment, as members read it, and the matrix that starts from it."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from culture.entries import Function
from culture.models import Answer, Assessment, Respondent
from culture.references import reference_grid
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import Sender, create_matrix
from raci.matrices.store import read_grid

KEYS = {"t": "technology", "s": "sales", "m": "market", "-": None}
SIX = {
    "Amara Okafor": "m t m m",
    "Mei Tanaka": "m m m s",
    "Jonas Lindqvist": "t t m m",
    "Priya Raman": "m s m s",
    "Diego Fuentes": "m t t s",
    "Ruth Adeyemi": "m t s s",
}


def assess(member, rows, *, title="Our culture", days=10, is_open=False, others=True):
    """An assessment opened some days ago; a row is a name and its choices, "ms" market and then sales."""
    opened = timezone.now() - timedelta(days=days)
    made = Assessment.objects.create(
        workspace=member.workspace,
        title=title,
        opened_by=member.user,
        opened_at=opened,
        asks_others=others,
        closed_at=None if is_open else opened + timedelta(days=1),
    )
    people = Respondent.objects.bulk_create(
        [Respondent(assessment=made, name=name, group="Sales", joined_at=opened) for name in rows]
    )
    Answer.objects.bulk_create(
        Answer(
            respondent=person,
            function=function.value,
            first_id=KEYS[text[0]],
            second_id=KEYS[text[1]] if len(text) > 1 else None,
        )
        for person, texts in zip(people, rows.values(), strict=True)
        for function, text in zip(Function, texts.split(), strict=False)
    )
    return made


def url_of(assessment, name="assessment_result"):
    return reverse(name, args=[assessment.workspace_id, assessment.pk])


def words(html):
    """The text of a page, as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


@pytest.fixture
def read(sign_in, viewer):
    """The result of an assessment as a viewer reads it, as text."""

    def reads(assessment, query=""):
        answer = sign_in(viewer).get(url_of(assessment) + query)
        assert answer.status_code == 200
        return words(answer.text)

    return reads


# ---- What it says


def test_the_result_names_the_nearest_culture_with_counts_and_their_whole(owner, read):
    page = read(assess(owner, SIX))
    assert "You are nearest to market-led" in page
    assert "6 people, 24 answers" in page
    for line in ("Market-led 12 of 24", "Sales-led 6 of 24", "Technology-led 6 of 24"):
        assert line in page


def test_the_headline_says_mostly_where_more_than_half_chose_it(owner, read):
    assert "You are mostly led by your market" in read(assess(owner, {"A B": "m m m t", "C D": "m m s t"}))  # 5 of 8
    assert "You are nearest to market-led" in read(assess(owner, {"A B": "m m m t", "C D": "m s s t"}))  # 4 of 8


def test_its_danger_and_what_it_suits_are_told(owner, read):
    page = read(assess(owner, SIX))
    assert "Its danger Without rigour in discovery and validation" in page
    assert "It suits Mature markets and scaling to many customers" in page


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ("m", "Only 1 of the 4 questions has an answer."),
        ("m m m", "Only 3 of the 4 questions have an answer."),
        ("m m m m", "Every function points the same way. Start from the market-led reference."),
    ],
)
def test_few_answers_are_told_by_the_questions_that_have_one(owner, read, answers, said):
    page = read(assess(owner, {"A B": answers}))
    assert said in page
    assert ("Only" in page) is (answers != "m m m m")
    assert "No function points" not in page


def test_a_function_that_is_split_is_told_instead_of_agreement(owner, read):
    page = read(assess(owner, {"A B": "m m m s", "C D": "m m m t"}))
    assert "Selling is split between technology-led and sales-led. Start from the market-led reference." in page


def test_functions_unlike_the_rest_are_named_with_the_activities_whose_lead_differs_first(owner, read):
    page = read(assess(owner, SIX))
    assert "Except in marketing, which waits for the technology, and in selling, where single deals decide." in page
    assert "4 of 6 see marketing as technology-led. 4 of 6 see selling as sales-led." in page
    talk = page[page.index("Talk about") : page.index("It suits")]
    first, rest = talk.split("With the same Lead either way:")
    assert "Sales Enablement" in first  # product marketing leads it market-led, sales leads it sales-led
    assert "Product Launch" in rest  # product marketing leads it in all three
    assert page.count("unlike the rest") == 2


def test_who_chose_what_and_the_agreement_are_told_by_function(owner, sign_in, viewer):
    html = sign_in(viewer).get(url_of(assess(owner, SIX))).text
    row = html[html.index("Product strategy and life cycle</th>") :]
    row = words(row[: row.index("</tr>")])
    assert "Jonas Lindqvist" in row
    assert "5 of 6" in row


def test_second_choices_are_shown_and_not_counted(owner, read):
    page = read(assess(owner, {"A B": "ms ms m m"}))
    assert "Sales-led 0 of 4 2 second choices" in page


def test_a_near_tie_recommends_nothing_and_says_what_to_look_at(owner, read):
    page = read(assess(owner, {"A B": "ms m m s", "C D": "s s ms m"}))  # 5 and 3 of 8 is none
    assert "You are mostly led by your market" in page
    page = read(assess(owner, {"A B": "ms m m s", "C D": "s s ms s"}))  # 4 and 4 of 8
    assert "You stand between sales-led and market-led" in page  # second choices set the order
    assert "nearest to you" not in page
    assert page.count("near to you") == 2
    assert "4 of 8 answers point to sales-led, 4 of 8 to market-led: too close to recommend one." in page
    assert "Product strategy and selling point to sales-led." in page
    assert "Segmentation points to market-led. Marketing is split between sales-led and market-led." in page
    assert "Both have the same number of answers; up to an eighth of the 8 answers given" in page
    assert (
        "Of 2 second choices, sales-led has 2 and market-led has 0. That leans to sales-led, and decides nothing."
        in page
    )
    assert "give 10 of 18 activities to different Leads" in page


def test_a_near_tie_of_three_compares_all_three(owner, read):
    page = read(assess(owner, {"A B": "m s t m", "C D": "s t m -"}))  # 3, 2 and 2 of 8
    assert "They are at most 1 answer apart" in page
    # Six of the activities keep their Lead in all three references.
    assert (
        "The market-led, the technology-led and the sales-led reference give 12 of 18 activities to different Leads"
        in page
    )
    assert "In 1 of 8 answers none fitted." in page


def test_of_two_near_ones_the_third_is_not_compared(owner, read):
    page = read(assess(owner, {"A B": "m m m s", "C D": "s s t m"}))  # 4, 3 and 1 of 8
    assert "They are 1 answer apart" in page
    assert "The market-led and the sales-led reference give 10 of 18 activities to different Leads" in page


def test_where_more_find_none_fitting_nothing_is_recommended(owner, sign_in, editor, read):
    most = assess(owner, {"A B": "m - - -"})
    page = read(most)
    assert "In 3 of 4 answers none of the three fits" in page
    assert "3 of 4 answers say that none fits, more than chose any one culture: market-led has 1 of 4." in page
    assert "Start from" not in page
    assert "nearest to market-led" not in page
    assert "Product strategy points to market-led. In marketing 1 of 1 found none fitting." in page
    assert 'disclosure result-aside" open' in sign_in(editor).get(url_of(most)).text
    as_many = read(assess(owner, {"A B": "m m - -"}))
    assert "You are nearest to market-led" in as_many
    assert "In 2 of 4 answers none fitted." in as_many


def test_the_list_says_so_too(owner, viewer, sign_in):
    assess(owner, {"A B": "m - - -"}, title="Hardly")
    assess(owner, {"A B": "m m - -"}, title="Level")
    page = words(sign_in(viewer).get(reverse("assessments", args=[owner.workspace_id])).text)
    assert "None fits, 3 of 4" in page
    assert "Market-led, 2 of 4" in page


def test_hardly_anybody_finding_one_fitting_is_not_between_cultures(owner, read):
    page = read(assess(owner, {"A B": "m - - -", "C D": "- - - -"}))
    assert "In 7 of 8 answers none of the three fits" in page
    assert "between market-led" not in page
    assert "0 of 8 to" not in page


def test_product_led_is_explained_where_it_arises_and_nowhere_else(owner, read):
    assert "product-led" in read(assess(owner, {"A B": "m m t t"}))
    assert "product-led" in read(assess(owner, {"A B": "m m m -"}))
    assert "product-led" not in read(assess(owner, {"A B": "m m s s"}))
    assert "product-led" not in read(assess(owner, {"A B": "m m m t"}))


def test_none_fits_is_shown_with_its_whole_and_counts_for_nobody(owner, read):
    page = read(assess(owner, {"A B": "m m m -"}))
    assert "None fits 1 of 4" in page
    assert "Market-led 3 of 4" in page


def test_all_none_has_its_own_sentence_and_recommends_nothing(owner, read):
    page = read(assess(owner, {"A B": "- - - -", "C D": "- - - -"}))
    assert "None of the three describes you" in page
    assert "In all 8 answers none of the descriptions fitted" in page
    assert "A B and C D have no place here" in page
    assert "You are" not in page


def test_nobody_answered_is_a_page_of_its_own(owner, read):
    page = read(assess(owner, {}))
    assert "Nobody has answered yet" in page
    assert "Function by function" not in page


def test_one_person_alone_gets_a_result(owner, read):
    page = read(assess(owner, {"A B": "m m s m"}, others=False))
    assert "1 person, 4 answers" in page
    assert "Where you stand" in page
    assert "all of you" not in page


def test_whoever_found_none_fitting_throughout_is_named_beside_the_triangle(owner, read):
    assert "Nina None has no place here" in read(assess(owner, {"A B": "m m m m", "Nina None": "- - - -"}))
    assert "has no place here" not in read(assess(owner, {"A B": "m m m m", "Nina None": "- - - s"}))


def test_the_triangle_has_its_text(owner, sign_in, viewer):
    html = sign_in(viewer).get(url_of(assess(owner, SIX))).text
    picture = html[html.index('<svg class="ternary"') :]
    picture = picture[: picture.index("</svg>")]
    assert 'role="img"' in picture
    assert "6 people between technology-led, sales-led and market-led" in picture
    assert "Amara Okafor: 3 of 4 market-led and 1 of 4 technology-led." in picture
    assert "All together: 12 of 24 market-led" in picture
    assert picture.count('<g class="t-person">') == 6


def test_people_at_one_point_are_a_number_with_their_names(owner, sign_in, viewer):
    html = sign_in(viewer).get(url_of(assess(owner, {"A B": "m m m t", "C D": "t m m m", "E F": "m m m m"}))).text
    assert "<title>A B and C D: 3 of 4 market-led and 1 of 4 technology-led each</title>" in html
    assert re.search(r'<text x="[\d.]+" y="[\d.]+">2</text>', html)
    assert re.search(r'<text x="[\d.]+" y="[\d.]+">EF</text>', html)


def key_of(html):
    found = html[html.index('<ul class="voters-key"') :]
    return words(found[: found.index("</ul>")])


def test_a_key_says_whose_initials_stand_there_and_where_they_work(owner, sign_in, viewer):
    assert "AO Amara Okafor , Sales MT Mei Tanaka , Sales" in key_of(
        sign_in(viewer).get(url_of(assess(owner, SIX))).text
    )


def test_initials_that_coincide_are_told_apart_in_the_key_the_table_and_the_triangle(owner, sign_in, viewer):
    rows = {"Amara Okafor": "m m m m", "Alan Ober": "t t t t", "Mei Tanaka": "s s s s"}
    html = sign_in(viewer).get(url_of(assess(owner, rows))).text
    assert "AO Amara Okafor , Sales AO2 Alan Ober , Sales MT Mei Tanaka" in key_of(html)
    assert html.count(">AO2<") == 4 + 1 + 1  # each function, the triangle, the key
    assert html.count(">AO<") == 4 + 1 + 1


def test_more_than_thirty_people_are_counted_with_their_names_on_demand(owner, sign_in, viewer):
    some, more = ({f"Person {n}": "m m m m" for n in range(count)} for count in (30, 31))
    few, many = (sign_in(viewer).get(url_of(assess(owner, rows))).text for rows in (some, more))
    assert 'class="avatar" aria-hidden="true">P' in few
    assert "voters-many" not in few
    assert "voters-many" in many
    assert '<ul class="voters">' not in many
    assert "voters-key" in few
    assert "voters-key" not in many
    assert "<bdi>Person 30</bdi>, <bdi>Sales</bdi>" in many
    assert "Person 30" in many


def test_hostile_names_are_text(owner, sign_in, viewer):
    html = sign_in(viewer).get(url_of(assess(owner, {"<b>x</b>": "m m m m"}, title="<i>t</i>"))).text
    assert "<b>x</b>" not in html
    assert "<i>t</i>" not in html


# ---- Beside an earlier one


def test_the_latest_closed_one_before_stands_beside(owner, read):
    assess(owner, {"A B": "t t t t"}, title="The year before last", days=800)
    assess(owner, {"A B": "t t t m"}, title="Last year", days=400)
    page = read(assess(owner, {"A B": "m m t m"}))
    assert "Beside “ Last year ”" in page
    assert "Then: nearest to technology-led. Now: nearest to market-led." in page
    assert "Market-led 1 of 4 3 of 4" in page
    assert "Marketing strategy moved from technology-led to market-led." in page
    assert "Market segmentation and Sales strategy stayed where they were." in page


TIED, NONE, MARKET = {"A B": "m s", "C D": "m m"}, {"A B": "m -", "C D": "m -"}, {"A B": "m m", "C D": "m m"}


@pytest.mark.parametrize(
    ("then", "now", "said", "row"),
    [
        (TIED, NONE, "moved from a split between sales-led and market-led to none fits", "Split between sales-led and"),
        (MARKET, TIED, "moved from market-led to a split between sales-led and market-led", "market-led moved"),
        (NONE, MARKET, "moved from none fits to market-led", "None fits Market-led moved"),
        (
            TIED,
            TIED,
            "Product strategy and life cycle and Marketing strategy stayed where they were",
            "market-led Split",
        ),
        (NONE, NONE, "Product strategy and life cycle and Marketing strategy stayed where they were", "fits None fits"),
        ({"A B": "m s", "C D": "m m"}, {"A B": "m s", "C D": "m t"}, "to a split between technology-led and", "moved"),
    ],
)
def test_then_and_now_tells_a_split_from_none_fitting(owner, read, then, now, said, row):
    assess(owner, then, title="Last year", days=400)
    page = read(assess(owner, now))
    assert said in page
    assert row in page[page.index("Most chose") :]
    assert "one alone" not in page


def test_a_question_without_an_answer_is_neither_moved_nor_the_same(owner, read):
    assess(owner, {"A B": "m m m"}, title="Last year", days=400)
    page = read(assess(owner, {"A B": "m m m m"}))
    assert "Sales strategy No answer yet Market-led" in page
    assert "Sales strategy moved" not in page
    assert "segmentation stayed where they were" in page


def test_of_an_open_one_whoever_may_close_it_is_told_that_it_is_not_kept_yet(owner, editor, viewer, sign_in):
    still_open = assess(owner, {}, is_open=True)
    for member in (owner, viewer):
        answer_all(still_open, member)
    said = "to keep it as this year's"
    assert said in unescape(sign_in(owner).get(url_of(still_open)).text)
    assert said not in unescape(sign_in(viewer).get(url_of(still_open)).text)
    assert said not in unescape(sign_in(owner).get(url_of(assess(owner, SIX))).text)


def test_another_earlier_one_can_be_chosen_or_none(owner, read):
    first = assess(owner, {"A B": "t t t t"}, title="The first", days=800)
    assess(owner, {"A B": "s s s s"}, title="The second", days=400)
    now = assess(owner, {"A B": "m m m m"})
    assert "Beside “ The first ”" in read(now, f"?beside={first.pk}")
    assert "Beside “" not in read(now, "?beside=none")


def test_later_open_and_unanswered_ones_do_not_stand_beside(owner, read):
    now = assess(owner, {"A B": "m m m m"}, days=10)
    assess(owner, {"A B": "s s s s"}, title="Later", days=2)
    assess(owner, {"A B": "s s s s"}, title="Still open", days=20, is_open=True)
    assess(owner, {"A B": ""}, title="Unanswered", days=30)
    page = read(now)
    assert "Then and now" not in page
    assert "Still open" not in page


def test_one_of_another_workspace_cannot_stand_beside(owner, stranger, sign_in, viewer):
    foreign = assess(stranger, {"A B": "m m m m"}, days=100)
    now = assess(owner, {"A B": "m m m m"})
    client = sign_in(viewer)
    assert client.get(f"{url_of(now)}?beside={foreign.pk}").status_code == 404
    assert client.get(f"{url_of(now)}?beside=7999993").status_code == 404
    assert client.get(f"{url_of(now)}?beside=x").status_code == 400


# ---- Who may read it


def answer_all(assessment, member, texts="s s s s"):
    person = Respondent.objects.create(
        assessment=assessment, user=member.user, name=str(member.user), joined_at=timezone.now()
    )
    for function, text in zip(Function, texts.split(), strict=False):
        Answer.objects.create(respondent=person, function=function.value, first_id=KEYS[text])


def test_while_it_is_open_nothing_of_others_is_read_before_the_last_of_ones_own_answers(owner, viewer, sign_in):
    made = assess(owner, {"Zacharias Zwei": "t t t t"}, is_open=True)
    answer_all(made, viewer, "s s s")
    page = sign_in(viewer).get(url_of(made))
    assert "Answer first, then read" in page.text
    assert "Zacharias" not in page.text
    assert "of 7" not in page.text
    Answer.objects.create(
        respondent=Respondent.objects.get(user=viewer.user), function=Function.SALES_STRATEGY.value, first_id="sales"
    )
    assert "Zacharias" in sign_in(viewer).get(url_of(made)).text


def test_its_opener_waits_too(owner, sign_in):
    made = assess(owner, {"Zacharias Zwei": "t t t t"}, is_open=True)
    assert "Answer first, then read" in sign_in(owner).get(url_of(made)).text


def test_what_somebody_answers_alone_is_not_there_for_others_until_it_is_closed(owner, viewer, sign_in):
    made = assess(owner, {}, is_open=True, others=False)
    answer_all(made, owner)
    assert sign_in(owner).get(url_of(made)).status_code == 200
    assert sign_in(viewer).get(url_of(made)).status_code == 404
    Assessment.objects.update(closed_at=timezone.now())
    assert sign_in(viewer).get(url_of(made)).status_code == 200


# ---- Starting from it


def test_a_click_makes_a_matrix_from_the_reference(owner, editor, sign_in):
    made = assess(owner, SIX)
    answer = sign_in(editor).post(url_of(made, "assessment_start"), {"culture": "market", "key": "first-key"})
    matrix = Matrix.objects.get()
    assert answer.headers["Location"] == reverse("matrix", args=[matrix.workspace_id, matrix.pk])
    assert matrix.name == "Market-led matrix"
    assert matrix.culture_id == "market"
    theirs, ours = reference_grid("market"), read_grid(matrix)
    assert [a.name for a in ours.activities] == [a.name for a in theirs.activities]
    assert [ours.row(a.id) for a in ours.activities] == [theirs.row(a.id) for a in theirs.activities]


def test_names_are_numbered_where_they_are_taken(owner, editor, sign_in):
    made, client = assess(owner, SIX), sign_in(editor)
    for number in range(3):
        client.post(url_of(made, "assessment_start"), {"culture": "sales", "key": f"key-number-{number}"})
    assert sorted(Matrix.objects.values_list("name", flat=True)) == [
        "Sales-led matrix",
        "Sales-led matrix 2",
        "Sales-led matrix 3",
    ]


def test_a_click_sent_twice_makes_one_matrix(owner, editor, sign_in):
    made, client = assess(owner, SIX), sign_in(editor)
    sent = [client.post(url_of(made, "assessment_start"), {"culture": "market", "key": "the-same"}) for _ in range(2)]
    assert sent[0].headers["Location"] == sent[1].headers["Location"]
    assert (Matrix.objects.count(), Change.objects.count()) == (1, 1)


def test_an_unknown_culture_makes_nothing(owner, editor, sign_in):
    answer = sign_in(editor).post(url_of(assess(owner, SIX), "assessment_start"), {"culture": "product"})
    assert answer.status_code == 400
    assert not Matrix.objects.exists()


def test_a_viewer_has_no_button_and_may_not(owner, viewer, editor, sign_in):
    made = assess(owner, SIX)
    start = url_of(made, "assessment_start")
    assert start not in sign_in(viewer).get(url_of(made)).text
    assert sign_in(editor).get(url_of(made)).text.count(start) == 4  # the head and three references
    assert sign_in(viewer).post(start, {"culture": "market"}).status_code == 403
    assert not Matrix.objects.exists()


# ---- How much


@pytest.mark.parametrize("count", [1, 1000])
def test_the_result_is_answered_in_twelve_queries_however_many_answered(owner, editor, sign_in, count):
    rows = {f"Person {n}": "m s ts -" if n % 2 else "t m s m" for n in range(count)}
    assess(owner, rows, days=400)
    made = assess(owner, rows, is_open=True)
    answer_all(made, editor)
    client = sign_in(editor)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url_of(made))
    assert page.status_code == 200
    assert len(asked.captured_queries) <= 12
    assert len(page.content) < 150_000


def test_start_from_it_pressed_twice_leads_to_the_one_matrix_also_where_the_first_was_faster(owner, sign_in):
    now, key, made = assess(owner, {"A B": "m m m m"}), "11111111-2222-3333-4444-555555555555", []

    def the_first_press(execute, sql, *rest):
        """Arrives while the second looks for a free name."""
        if "LIKE" in sql and not made:
            made.append(None)
            made[0] = create_matrix(sender=Sender(owner, key), name="Market-led matrix", grid=reference_grid("market"))
        return execute(sql, *rest)

    with connection.execute_wrapper(the_first_press):
        answer = sign_in(owner).post(url_of(now, "assessment_start"), {"culture": "market", "key": key})
    assert answer.status_code == 302
    assert answer.url == reverse("matrix", args=[owner.workspace_id, made[0].pk])
    assert Matrix.objects.count() == 1


def test_an_earlier_one_whose_answers_are_all_set_aside_does_not_stand_beside(owner, read):
    then = assess(owner, {"A B": "t t t t"}, title="Last year", days=400)
    now = assess(owner, {"A B": "m m m m"})
    assert "Last year" in read(now)
    then.respondents.update(is_set_aside=True)
    assert "Last year" not in read(now)
