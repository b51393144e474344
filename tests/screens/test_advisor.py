"""Who should own product marketing: the page, what it keeps, and the checklist."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from culture.advice import texts
from culture.models import Advice, Sign

ANSWERS = {"dedicated": "no", "size": "growing", "segments": "yes", "launch": "well"}
DEDICATED = {**ANSWERS, "dedicated": "yes", "marketers": "1", "products": "3"}


@pytest.fixture
def page_of():
    return lambda member: reverse("advisor", args=[member.workspace_id])


@pytest.fixture
def answers_of():
    return lambda member: reverse("advisor_answer", args=[member.workspace_id])


@pytest.fixture
def signs_of():
    return lambda member: reverse("advisor_sign", args=[member.workspace_id])


def test_the_questions_stand_first_and_the_source_is_named(sign_in, editor, page_of):
    page = unescape(sign_in(editor).get(page_of(editor)).text)
    for words in ("Is product marketing anybody's whole job?", "How was your last launch?", "one practitioner's view"):
        assert words in page
    assert "Source: “Who should own product marketing?”, blog post." in page
    assert "<h1>Who owns product marketing?</h1>" in page  # a source is not named in a heading


def test_an_answer_is_given_with_reasons_and_signs(sign_in, editor, page_of, answers_of):
    client = sign_in(editor)
    assert client.post(answers_of(editor), ANSWERS).status_code == 302
    page = unescape(client.get(page_of(editor)).text)
    for words in (
        "Marketing, for now",
        "Concentrate on",
        "Positioning",
        "Watch for",
        "Marketers who only drive volume",
    ):
        assert words in page
    assert "without handing them back to product" in page
    assert "given by <bdi>Eddie Editor</bdi>" in page


def test_dedicated_product_marketers_and_their_spread_are_told(sign_in, editor, page_of, answers_of):
    client = sign_in(editor)
    client.post(answers_of(editor), DEDICATED)
    page = client.get(page_of(editor)).text
    assert "1 product marketer for 3 products" in page
    assert Advice.objects.get().answers["products"] == 3


def test_what_the_source_does_not_say_is_printed_as_ours(sign_in, editor, page_of, answers_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    assert "Ours, not the source's" not in unescape(client.get(page_of(editor)).text)
    client.post(answers_of(editor), {**ANSWERS, "size": "small", "segments": "no"})
    page = unescape(client.get(page_of(editor)).text)
    assert page.count("Ours, not the source's") == 4  # concentrate on, watch for, the need, the signs
    assert "Neither separately" in page
    assert "signs that you need somebody" not in page


def test_numbers_are_asked_for_only_where_somebody_is_dedicated(sign_in, editor, answers_of):
    client = sign_in(editor)
    refused = client.post(answers_of(editor), {**DEDICATED, "products": ""})
    assert refused.status_code == 422
    assert "Give a number, one or more." in refused.text
    assert not Advice.objects.exists()
    assert client.post(answers_of(editor), {**ANSWERS, "products": "7"}).status_code == 302
    assert Advice.objects.get().answers["products"] is None


@pytest.mark.parametrize(("number", "status"), [("0", 422), ("1", 302), ("1000", 302), ("1001", 422), ("two", 422)])
def test_a_number_of_products_has_its_bounds(sign_in, editor, answers_of, number, status):
    assert sign_in(editor).post(answers_of(editor), {**DEDICATED, "products": number}).status_code == status


def test_a_question_left_out_is_asked_again_and_the_others_are_kept(sign_in, editor, answers_of):
    without = {name: value for name, value in ANSWERS.items() if name != "launch"}
    refused = sign_in(editor).post(answers_of(editor), without)
    assert refused.status_code == 422
    assert "Choose one." in refused.text
    assert 'name="size" value="growing" required checked' in refused.text


def test_an_unknown_answer_is_refused(sign_in, editor, answers_of):
    assert sign_in(editor).post(answers_of(editor), {**ANSWERS, "size": "huge"}).status_code == 422
    assert not Advice.objects.exists()


def test_answers_can_be_given_again_and_the_earlier_stay_listed(sign_in, editor, page_of, answers_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    client.post(answers_of(editor), DEDICATED)
    page = client.get(page_of(editor)).text
    assert page.index("Earlier answers") < page.index("Marketing, for now")
    assert Advice.objects.count() == 2


def test_the_same_answers_sent_twice_are_kept_once(sign_in, editor, answers_of):
    client = sign_in(editor)
    for _ in range(2):
        client.post(answers_of(editor), ANSWERS)
    assert Advice.objects.count() == 1


def test_the_form_begins_from_the_latest_answers(sign_in, editor, page_of, answers_of):
    client = sign_in(editor)
    client.post(answers_of(editor), DEDICATED)
    page = client.get(page_of(editor)).text
    assert 'name="dedicated" value="yes" required checked' in page
    assert 'name="marketers" value="1"' in page


def test_a_viewer_reads_and_does_not_answer(sign_in, editor, viewer, page_of, answers_of):
    sign_in(editor).post(answers_of(editor), ANSWERS)
    client = sign_in(viewer)
    page = client.get(page_of(viewer)).text
    assert "Marketing, for now" in page
    assert '<form class="card' not in page
    assert 'name="sign"' not in page
    assert client.post(answers_of(viewer), DEDICATED).status_code == 403
    assert Advice.objects.count() == 1


def test_before_the_first_answer_a_viewer_is_told_who_can_give_one(sign_in, viewer, page_of):
    assert "Nobody has answered yet" in sign_in(viewer).get(page_of(viewer)).text


# ---- The checklist


def test_a_sign_is_ticked_with_its_day_and_the_tick_taken_back(sign_in, editor, page_of, answers_of, signs_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    client.post(signs_of(editor), {"sign": "engagement", "on": "2026-03-12"})
    page = client.get(page_of(editor)).text
    assert "12 Mar 2026" in page
    assert "ticked by <bdi>Eddie Editor</bdi>" in page
    client.post(signs_of(editor), {"sign": "engagement", "seen": "no"})
    assert not Sign.objects.exists()
    assert client.post(signs_of(editor), {"sign": "engagement", "seen": "no"}).status_code == 302


def test_a_sign_ticked_again_has_its_later_day(sign_in, editor, signs_of):
    client = sign_in(editor)
    for day in ("2026-03-12", "2026-04-01"):
        client.post(signs_of(editor), {"sign": "engagement", "on": day})
    assert [str(sign.ticked_on) for sign in Sign.objects.all()] == ["2026-04-01"]


def test_a_sign_can_be_seen_today_and_not_tomorrow(sign_in, editor, answers_of, signs_of):
    client, today = sign_in(editor), timezone.localdate()
    client.post(answers_of(editor), ANSWERS)
    refused = client.post(signs_of(editor), {"sign": "engagement", "on": str(today + timedelta(days=1))})
    assert refused.status_code == 422
    assert "That day is still to come." in refused.text
    assert f'value="{today + timedelta(days=1)}"' in refused.text
    assert client.post(signs_of(editor), {"sign": "engagement", "on": str(today)}).status_code == 302


def test_a_sign_of_long_ago_is_refused_beside_it(sign_in, editor, answers_of, signs_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    refused = client.post(signs_of(editor), {"sign": "engagement", "on": "0001-01-01"})
    assert refused.status_code == 422
    assert "That is more than ten years ago." in refused.text
    assert not Sign.objects.exists()


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30"])
def test_what_is_no_day_is_refused_beside_its_sign(sign_in, editor, answers_of, signs_of, day):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    refused = client.post(signs_of(editor), {"sign": "engagement", "on": day})
    assert refused.status_code == 422
    assert 'id="error-engagement"' in refused.text
    assert not Sign.objects.exists()


def test_an_unknown_sign_is_refused(sign_in, editor, signs_of):
    assert sign_in(editor).post(signs_of(editor), {"sign": "luck", "on": "2026-01-01"}).status_code == 400
    assert not Sign.objects.exists()


def test_ticks_stay_when_answers_are_given_again(sign_in, editor, page_of, answers_of, signs_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    client.post(signs_of(editor), {"sign": "engagement", "on": "2026-03-12"})
    client.post(answers_of(editor), {**ANSWERS, "launch": "shaky"})
    assert "12 Mar 2026" in client.get(page_of(editor)).text


def test_another_workspace_sees_none_of_it(sign_in, editor, stranger, page_of, answers_of, signs_of):
    client = sign_in(editor)
    client.post(answers_of(editor), ANSWERS)
    client.post(signs_of(editor), {"sign": "engagement", "on": "2026-03-12"})
    theirs = sign_in(stranger)
    theirs.post(answers_of(stranger), ANSWERS)
    assert "12 Mar 2026" not in theirs.get(page_of(stranger)).text
    assert theirs.get(page_of(editor)).status_code == 404


def test_the_references_lead_here(sign_in, viewer, page_of):
    assert page_of(viewer) in sign_in(viewer).get(reverse("references", args=[viewer.workspace_id])).text


def test_the_page_stays_within_its_queries(sign_in, editor, page_of, answers_of, signs_of):
    client = sign_in(editor)
    for number in range(1, 20):
        client.post(answers_of(editor), {**DEDICATED, "products": str(number)})
    for sign in texts().signs:
        client.post(signs_of(editor), {"sign": sign.key, "on": "2026-03-12"})
    with CaptureQueriesContext(connection) as asked:
        client.get(page_of(editor))
    assert len(asked.captured_queries) <= 12
