"""Assessments as members see them: the list, opening one, the questions, the link, closing and sharing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from culture.asking import answer_as_guest, answer_as_member, answers_of, close, join, member_in, open_assessment
from culture.entries import Function
from culture.models import Answer, Assessment, Respondent, Statement
from culture.scoring import Choice
from raci.screens.assessments.questions import next_question, sentences, shuffled
from raci.workspaces.links import digest, new_token
from raci.workspaces.models import Access, Link, Member
from tests.factories import UserFactory

STRATEGY, MARKETING, SEGMENTS, SELLING = Function
KEY = "11111111-2222-3333-4444-555555555555"
CULTURES = ("technology", "sales", "market")


def the_list(member) -> str:
    return reverse("assessments", args=[member.workspace_id])


def new(member) -> str:
    return reverse("assessment_new", args=[member.workspace_id])


def of(assessment, name="assessment") -> str:
    return reverse(name, args=[assessment.workspace_id, assessment.pk])


def question(assessment, function=STRATEGY) -> str:
    return reverse("assessment_question", args=[assessment.workspace_id, assessment.pk, function])


def in_a_week() -> str:
    return f"{timezone.localdate() + timedelta(days=7):%Y-%m-%d}"


@pytest.fixture
def shared(editor) -> Assessment:
    return open_assessment(by=editor, title="Together", asks_others=True).assessment


@pytest.fixture
def alone(editor) -> Assessment:
    return open_assessment(by=editor, title="Alone", asks_others=False).assessment


def answer_all(member, assessment, first="market", second=None):
    for function in Function:
        answer_as_member(by=member, assessment=assessment.pk, function=function, choice=Choice(first, second))


def many(assessment, number, given=4):
    """Guests with answers, written at once."""
    now = timezone.now()
    people = Respondent.objects.bulk_create(
        Respondent(assessment=assessment, name=f"Guest {n}", group="Sales", digest=digest(str(n)), joined_at=now)
        for n in range(number)
    )
    Answer.objects.bulk_create(
        Answer(respondent=one, function=function, first_id=CULTURES[n % 3], second_id=CULTURES[(n + 1) % 3])
        for n, one in enumerate(people)
        for function in list(Function)[:given]
    )


def value_of(client, url, culture, function) -> str:
    """What the form sends for the description of a culture, found by its words as a person does."""
    text = Statement.objects.get(culture__key=culture, function=function).text
    options = client.get(url).context["options"]
    return next(option.value for option in options if " ".join(option.lines) == text)


# ---- The list


def test_an_empty_list_says_what_belongs_there_and_gives_editors_the_first_step(sign_in, editor, viewer):
    for member, link in ((editor, True), (viewer, False)):
        page = sign_in(member).get(the_list(member)).text
        assert "No assessment yet" in page
        assert (new(member) in page) is link


def test_the_list_shows_the_newest_first_and_how_many_have_answered(sign_in, editor, viewer, shared):
    later = open_assessment(by=editor, title="Later", asks_others=True).assessment
    answer_all(viewer, shared)
    answer_as_member(by=editor, assessment=shared.pk, function=STRATEGY, choice=Choice("sales"))
    lines = sign_in(viewer).get(the_list(viewer)).context["lines"]
    assert [line.assessment for line in lines] == [later, shared]
    assert [line.finished for line in lines] == [0, 1]  # whoever has begun is not through


def test_the_list_says_where_answers_point_only_to_those_who_may_know(sign_in, editor, viewer, shared):
    answer_all(viewer, shared, "sales")
    assert "Sales-led, 4 of 4" in sign_in(viewer).get(the_list(viewer)).text
    assert "Sales-led" not in sign_in(editor).get(the_list(editor)).text
    close(assessment=shared.pk, by=editor)
    assert "Sales-led, 4 of 4" in sign_in(editor).get(the_list(editor)).text


def test_one_answered_alone_stands_in_nobody_elses_list(sign_in, editor, owner, alone):
    assert "only you" in sign_in(editor).get(the_list(editor)).text
    assert "Alone" not in sign_in(owner).get(the_list(owner)).text
    for url in (of(alone), question(alone)):
        assert sign_in(owner).get(url).status_code == 404


def test_editors_find_the_way_from_the_matrices(sign_in, editor, viewer, matrix):
    place = reverse("matrices", args=[editor.workspace_id])
    assert new(editor) in sign_in(editor).get(place).text
    assert new(editor) not in sign_in(viewer).get(place).text
    assert new(editor) in sign_in(editor).get(reverse("matrix_new", args=[editor.workspace_id])).text


# ---- Opening


def test_the_title_is_written_already(sign_in, editor):
    with time_machine.travel("2026-11-22 12:00 +0000"):
        client = sign_in(editor)
        assert 'value="Our culture, November 2026"' in client.get(new(editor)).text


def test_on_my_own_leads_straight_to_the_first_question(sign_in, editor):
    answer = sign_in(editor).post(new(editor), {"title": "Ours", "who": "alone", "until": "nonsense", "key": KEY})
    opened = Assessment.objects.get()
    assert answer.url == question(opened)
    assert not opened.asks_others


def test_with_others_leads_to_the_link_which_is_shown_once(sign_in, editor):
    client = sign_in(editor)
    sent = {"title": "Ours", "who": "others", "until": in_a_week(), "key": KEY}
    answer = client.post(new(editor), sent, follow=True)
    token = re.search(r"http://testserver/answers/([\w-]{43})/", answer.text)[1]
    assert Link.objects.get().digest == digest(token)
    assert answer.headers["Cache-Control"] == "no-store"
    assert token not in client.get(of(Assessment.objects.get())).text


def test_the_form_sent_twice_opens_one(sign_in, editor):
    client, sent = sign_in(editor), {"title": "Ours", "who": "others", "until": in_a_week(), "key": KEY}
    first, again = (client.post(new(editor), sent) for _ in range(2))
    assert Assessment.objects.count() == 1
    assert again.url == first.url
    page = client.get(again.url)  # the link of the first time, where its answer has arrived
    token = re.search(r"/answers/([\w-]{43})/", page.text)[1]
    assert Assessment.objects.get().link.digest == digest(token)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "required"),
        ("who", "", "Choose who answers."),
        ("until", "", "Choose the last day."),
        ("until", "soon", "Write the day as"),
        ("until", "2020-01-01", "from today on"),
        ("until", "2100-01-01", "within a year"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(sign_in, editor, field, value, sentence):
    sent = {"title": "What I typed", "who": "others", "until": in_a_week(), field: value}
    answer = sign_in(editor).post(new(editor), sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert field == "title" or "What I typed" in answer.text
    assert not Assessment.objects.exists()


def test_a_link_may_end_today_or_a_year_from_now(sign_in, editor):
    for days in (0, 365):
        until = f"{timezone.localdate() + timedelta(days=days):%Y-%m-%d}"
        sign_in(editor).post(new(editor), {"title": "Ours", "who": "others", "until": until})
    assert Assessment.objects.count() == 2


# ---- The questions


def test_a_question_shows_three_descriptions_and_names_no_culture_before_the_answer(sign_in, viewer, shared):
    page = sign_in(viewer).get(question(shared)).text
    form = page[page.index('<form class="question"') :]
    form = form[: form.index("</form>")]
    assert form.count('name="first"') == 4
    assert "None of these fits" in form
    for statement in Statement.objects.filter(function=STRATEGY):
        for line in sentences(statement.text):
            assert line.replace("'", "&#x27;") in form
    for name in ("Technology-led", "Sales-led", "Market-led"):
        assert name.lower() not in form.lower()
    assert re.findall(r'name="first" value="(\w+)"', form) == ["1", "2", "3", "none"]


def test_the_order_stays_for_one_person_and_differs_between_people(shared):
    texts = dict.fromkeys(CULTURES, "")
    orders = [shuffled(f"1:member:{n}", STRATEGY, texts) for n in range(60)]
    assert orders == [shuffled(f"1:member:{n}", STRATEGY, texts) for n in range(60)]
    assert len(set(orders)) == 6  # every order there is
    assert len({shuffled("1:member:1", function, texts) for function in Function}) > 1


@pytest.mark.parametrize("culture", CULTURES)
def test_what_is_chosen_by_its_words_is_what_is_kept(sign_in, viewer, shared, culture):
    client = sign_in(viewer)
    for function in Function:
        url = question(shared, function)
        client.post(url, {"first": value_of(client, url, culture, function), "second": ""})
    assert answers_of(member_in(shared, viewer)) == dict.fromkeys(Function, Choice(culture))


def test_a_second_is_kept_and_shown_again(sign_in, viewer, shared):
    client, url = sign_in(viewer), question(shared)
    first, second = (value_of(client, url, culture, STRATEGY) for culture in ("sales", "market"))
    client.post(url, {"first": first, "second": second})
    assert answers_of(member_in(shared, viewer)) == {STRATEGY: Choice("sales", "market")}
    page = client.get(url).text
    assert f'name="first" value="{first}" checked' in page
    assert f'name="second" value="{second}" checked' in page


@pytest.mark.parametrize(("first", "second", "kept"), [("1", "1", True), ("none", "2", False)])
def test_a_second_like_the_first_or_beside_none_is_left_out(sign_in, viewer, shared, first, second, kept):
    client = sign_in(viewer)
    assert client.post(question(shared), {"first": first, "second": second}).status_code == 302
    choice = answers_of(member_in(shared, viewer))[STRATEGY]
    assert choice.second is None
    assert (choice.first is not None) is kept


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose the one that is most like you"),
        ({"first": "", "second": "2"}, "Choose the one that is most like you"),
        ({"first": "4"}, "That is none of the choices"),
        ({"first": "market"}, "That is none of the choices"),
        ({"first": "1", "second": "none"}, "That is none of the choices"),
    ],
)
def test_without_a_choice_nothing_is_kept_and_a_sentence_says_so(sign_in, viewer, shared, sent, sentence):
    answer = sign_in(viewer).post(question(shared), sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    if sent.get("second") == "2":
        assert 'name="second" value="2" checked' in answer.text
    assert not Answer.objects.exists()


def test_an_answer_leads_to_the_next_question_and_the_last_one_to_the_result(sign_in, viewer, shared):
    client = sign_in(viewer)
    for function, following in zip(Function, (MARKETING, SEGMENTS, SELLING, None), strict=True):
        answer = client.post(question(shared, function), {"first": "1"})
        assert answer.url == (question(shared, following) if following else of(shared, "assessment_result"))


def test_the_last_question_leads_back_to_one_that_was_skipped(sign_in, viewer, shared):
    client = sign_in(viewer)
    client.post(question(shared, STRATEGY), {"first": "1"})
    client.post(question(shared, SEGMENTS), {"first": "1"})
    assert client.post(question(shared, SELLING), {"first": "1"}).url == question(shared, MARKETING)
    assert client.post(question(shared, MARKETING), {"first": "1"}).url == of(shared, "assessment_result")


def test_whoever_changes_one_of_four_is_through_at_once():
    chosen = dict.fromkeys(Function, Choice("market"))
    assert next_question(chosen, STRATEGY) is None


def test_an_unknown_question_is_not_there(sign_in, viewer, shared):
    assert sign_in(viewer).get(question(shared, "weather")).status_code == 404
    assert sign_in(viewer).post(question(shared, "weather"), {"first": "1"}).status_code == 404


def test_after_it_closed_an_answer_is_refused_and_a_question_leads_to_the_assessment(sign_in, editor, viewer, shared):
    close(assessment=shared.pk, by=editor)
    client = sign_in(viewer)
    answer = client.post(question(shared), {"first": "1"})
    assert answer.status_code == 409
    assert "This assessment was closed on" in answer.text
    assert not Answer.objects.exists()
    assert client.get(question(shared)).url == of(shared)


def test_one_sentence_stands_on_each_line():
    assert sentences("We plan. Do we? Yes; we do.") == ("We plan.", "Do we?", "Yes; we do.")
    assert sentences("Version 2.0 is out") == ("Version 2.0 is out",)


# ---- Blindness


def test_before_ones_own_four_answers_no_page_shows_what_others_chose(sign_in, editor, viewer, shared):
    """The same pages with quite other answers of others are, word for word, the same pages."""
    client, pages = sign_in(editor), []
    places = [of(shared), of(shared, "assessment_result")]
    urls = [the_list(editor), *places, *(question(shared, function) for function in Function)]
    for function in (STRATEGY, MARKETING, SEGMENTS):
        client.post(question(shared, function), {"first": "1"})
    for first, second in (("market", "sales"), ("technology", None), (None, None)):
        answer_all(viewer, shared, first, second)
        pages.append([re.sub(r"[A-Za-z0-9]{64}", "", client.get(url).text) for url in urls])
    assert pages[0] == pages[1] == pages[2]


def test_names_and_progress_are_shown_to_members_without_answers(sign_in, editor, viewer, shared):
    answer_as_member(by=viewer, assessment=shared.pk, function=STRATEGY, choice=Choice("market"))
    page = sign_in(editor).get(of(shared)).text
    assert "Vic Viewer" in page
    assert "1 of 4" in page
    assert "0 of 1 have given all four answers" in page


# ---- The link, closing, sharing


def test_the_opener_makes_a_new_link_and_the_old_one_is_dead(sign_in, editor, shared):
    old = shared.link
    page = sign_in(editor).post(of(shared, "assessment_link_new"), {"until": in_a_week()}, follow=True)
    shared.refresh_from_db()
    assert shared.link.digest == digest(re.search(r"/answers/([\w-]{43})/", page.text)[1])
    old.refresh_from_db()
    assert old.revoked_at is not None


def test_a_day_that_is_gone_is_refused_on_the_page_itself(sign_in, editor, shared):
    answer = sign_in(editor).post(of(shared, "assessment_link_new"), {"until": "2020-01-01"})
    assert answer.status_code == 422
    assert "from today on" in answer.text
    assert Link.objects.get().revoked_at is None


def test_the_link_is_revoked(sign_in, editor, shared):
    page = sign_in(editor).post(of(shared, "assessment_link_revoke"), follow=True).text
    assert "It leads nowhere any more." in page
    assert Link.objects.get().revoked_at is not None


def test_closing_may_share_at_once_and_sharing_can_be_stopped(sign_in, editor, shared):
    many(shared, 1)
    client = sign_in(editor)
    page = client.post(of(shared, "assessment_close"), {"share": "1"}, follow=True).text
    assert "They can read the result where they answered." in page
    assert client.post(of(shared, "assessment_share"), {"share": "0"}, follow=True).status_code == 200
    shared.refresh_from_db()
    assert not shared.is_open
    assert not shared.is_shared


def test_an_open_one_cannot_be_shared(sign_in, editor, shared):
    answer = sign_in(editor).post(of(shared, "assessment_share"), {"share": "1"})
    assert answer.status_code == 409
    assert "Close the assessment first" in answer.text


def test_another_editor_may_not_manage_it_and_sees_no_buttons(sign_in, editor, owner, shared):
    other = Member.objects.create(workspace=editor.workspace, user=UserFactory(), access=Access.EDITOR)
    client = sign_in(other)
    assert "Close the assessment" not in client.get(of(shared)).text
    for name in ("assessment_link_new", "assessment_link_revoke", "assessment_close", "assessment_share"):
        assert client.post(of(shared, name), {"until": in_a_week()}).status_code == 403
    assert "Close the assessment" in sign_in(owner).get(of(shared)).text


# ---- Many


def test_pages_about_a_thousand_respondents_take_twelve_queries(sign_in, editor, shared):
    many(shared, 1_000)
    answer_all(editor, shared)
    client = sign_in(editor)
    for url in (the_list(editor), of(shared), question(shared)):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(url)
        assert page.status_code == 200
        assert len(asked) <= 12, url
    assert "and 971 others" in client.get(of(shared)).text


def test_a_long_list_takes_no_more_queries_than_a_short_one(sign_in, editor, django_assert_max_num_queries):
    for n in range(30):
        many_of = open_assessment(by=editor, title=f"Round {n}", asks_others=False).assessment
        answer_all(editor, many_of)
    client = sign_in(editor)
    with django_assert_max_num_queries(12):
        client.get(the_list(editor))


def test_a_guest_stands_among_the_people_with_their_function(sign_in, editor):
    opened = open_assessment(by=editor, title="Together", asks_others=True)
    guest = join(link_token=opened.token, name="Gina <Guest>", group="Finance", token=new_token())
    answer_as_guest(respondent=guest, function=STRATEGY, choice=Choice("market"))
    page = sign_in(editor).get(of(opened.assessment)).text
    assert "Gina &lt;Guest&gt;" in page
    assert "Finance" in page


# ---- Set aside


def aside(client, assessment, respondent, name="respondent_aside"):
    return client.post(of(assessment, name), {"respondent": respondent.pk})


@pytest.fixture
def twice(editor, viewer, shared) -> Respondent:
    """The guest who answered beside a member."""
    answer_all(viewer, shared)
    many(shared, 1)
    return Respondent.objects.get(name="Guest 0")


@pytest.mark.parametrize("is_closed", [False, True])
def test_an_answer_that_should_not_count_is_set_aside_and_brought_back(sign_in, editor, shared, twice, is_closed):
    if is_closed:
        close(assessment=shared.pk, by=editor)
    client = sign_in(editor)
    assert "2 of 2 have given all four answers" in client.get(of(shared)).text
    assert aside(client, shared, twice).url == of(shared)
    page = client.get(of(shared)).text
    assert "1 of 1 has given all four answers" in page
    assert "Guest 0" in page
    assert "not counted" in page
    assert "1 has answered" in client.get(the_list(editor)).text
    aside(client, shared, twice, "respondent_back")
    page = client.get(of(shared)).text
    assert "2 of 2 have given all four answers" in page
    assert "not counted" not in page


def test_who_is_set_aside_counts_neither_in_the_list_nor_in_the_result(sign_in, editor, viewer, shared, twice):
    client = sign_in(viewer)
    result = reverse("assessment_result", args=[shared.workspace_id, shared.pk])
    assert "Guest 0" in client.get(result).text
    aside(sign_in(editor), shared, twice)
    assert "Market-led, 4 of 4" in client.get(the_list(viewer)).text
    page = client.get(result).text
    assert "1 person, 4 answers" in page
    assert "Guest 0" not in page


def test_only_who_manages_it_sees_who_is_set_aside(sign_in, editor, viewer, shared, twice):
    aside(sign_in(editor), shared, twice)
    client = sign_in(viewer)
    page = client.get(of(shared)).text
    assert "Guest 0" not in page
    assert "Set aside" not in page
    for name in ("respondent_aside", "respondent_back"):
        assert aside(client, shared, twice, name).status_code == 403
    assert Respondent.objects.get(pk=twice.pk).is_set_aside


def test_a_member_who_is_set_aside_still_stands_in_their_own_list(sign_in, editor, viewer, shared, twice):
    mine = Respondent.objects.get(user=viewer.user)
    aside(sign_in(editor), shared, mine)
    page = sign_in(viewer).get(of(shared)).text
    assert "Vic Viewer" in page
    assert "not counted" not in page


def test_everybody_can_be_set_aside_where_there_are_many(sign_in, editor, viewer, shared):
    many(shared, 40)
    assert sign_in(editor).get(of(shared)).text.count('name="respondent"') == 40
    assert 'name="respondent"' not in sign_in(viewer).get(of(shared)).text


def test_one_of_another_assessment_is_not_set_aside(sign_in, editor, shared, twice):
    other = open_assessment(by=editor, title="Other", asks_others=True).assessment
    client = sign_in(editor)
    assert aside(client, other, twice).status_code == 404
    assert client.post(of(shared, "respondent_aside"), {"respondent": "x"}).status_code == 400
    assert not Respondent.objects.get(pk=twice.pk).is_set_aside


def test_guests_are_marked_as_having_come_by_the_link(sign_in, editor, shared, twice):
    page = re.sub(r"<[^>]+>|\s+", " ", sign_in(editor).get(of(shared)).text)
    assert re.search(r"Guest 0 +Sales +by link", page)
    assert len(re.findall("by link", page)) == 1


# ---- The link again


def test_a_link_whose_maker_left_leads_nowhere_on_the_page_too(sign_in, editor, owner, shared):
    assert "It works until" in sign_in(owner).get(of(shared)).text
    Member.objects.filter(pk=editor.pk).delete()
    page = sign_in(owner).get(of(shared)).text
    assert "It leads nowhere any more." in page


def test_a_form_sent_again_leads_to_its_page_and_leaves_the_link_alone(sign_in, editor):
    client, sent = sign_in(editor), {"title": "Ours", "who": "others", "until": in_a_week(), "key": KEY}
    first = client.post(new(editor), sent)
    token = first.cookies["answers_new"].value
    again = client.post(new(editor), sent)
    assert again.url == first.url
    assert "answers_new" not in again.cookies
    assert Link.objects.get().digest == digest(token)


# ---- Going back


def test_what_is_chosen_is_kept_on_the_way_back(sign_in, editor):
    row = open_assessment(by=editor, title="Ours", asks_others=False).assessment
    client, functions = sign_in(editor), list(Function)
    url = question(row, functions[1])
    chosen = value_of(client, url, "sales", functions[1])
    answer = client.post(url, {"first": chosen, "second": "", "go": "back"})
    assert answer.url == question(row, functions[0])
    assert answers_of(member_in(row, editor)) == {functions[1]: Choice("sales")}


def test_one_may_go_back_without_choosing(sign_in, editor):
    row = open_assessment(by=editor, title="Ours", asks_others=False).assessment
    answer = sign_in(editor).post(question(row, list(Function)[1]), {"second": "", "go": "back"})
    assert answer.status_code == 302
    assert answers_of(member_in(row, editor)) == {}


def test_going_on_without_choosing_is_refused_and_the_focus_goes_to_the_choices(sign_in, editor):
    row = open_assessment(by=editor, title="Ours", asks_others=False).assessment
    answer = sign_in(editor).post(question(row), {"second": "", "go": "elsewhere"})
    assert answer.status_code == 422
    assert answer.text.count("autofocus") == 1
