"""The end of a session on its pages: ending it, what it came to, signing exactly what is shown, and publishing it."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import archive, set_level
from raci.matrices.structure import edit_role
from raci.publishing.models import Letter, Publication, SignOff, Version
from raci.reviews.models import Decision, Review
from raci.reviews.results import reopen
from tests.factories import make_matrix
from tests.matrices.operating import C, set_cell
from tests.matrices.reading import revision, roles_of, rows_of, to
from tests.publishing.making import answers
from tests.publishing.making import publish as publish_draft
from tests.reviews.ending import IN_A_WEEK, IN_A_YEAR, end, fresh, publish, put_up, sign, stands
from tests.reviews.holding import confirm_rest, decide, planned, running

MOST = 12


@pytest.fixture
def small(owner, viewer, editor) -> Matrix:
    """The viewer answers for the first of three roles, the editor for the second, nobody for the third."""
    matrix = make_matrix(owner, "LS.", "SLC", "..L")
    answers(matrix, viewer, 0, by=owner)
    answers(matrix, editor, 1, by=owner)
    return matrix


@pytest.fixture
def review(small, editor) -> Review:
    """Held now, with the first two rows on its agenda, both decided and the third confirmed."""
    row = running(small, editor, 0, 1)
    decide(row, editor, 0, "keep", note="It works.\nFor now.")
    decide(row, editor, 1, "lead", lead=0)
    confirm_rest(row, editor)
    return row


@pytest.fixture
def ended(review, editor) -> Review:
    return end(review, editor)


def url(name: str, review: Review) -> str:
    return reverse(name, args=[review.matrix.workspace_id, review.matrix_id, review.pk])


def words(answer) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def ending(review: Review, **more) -> dict:
    return {"seen": fresh(review).step, "sign_by": IN_A_WEEK.isoformat(), **more}


def signing(review: Review, column: int = 0) -> dict:
    matrix = review.matrix
    return {"role": roles_of(matrix)[column].pk, "digest": stands(matrix), "seen": revision(matrix)}


def publishing(review: Review, **more) -> dict:
    return {"seen": fresh(review).result_revision, "next_on": IN_A_YEAR.isoformat(), "key": "publish-once", **more}


# --- ending


def test_an_editor_ends_it_and_sees_what_it_came_to(sign_in, editor, review):
    client = sign_in(editor)
    assert "Everyone signs by" in words(client.get(url("review_end", review)))
    answer = client.post(url("review_end", review), ending(review), follow=True)
    assert answer.redirect_chain == [(url("result", review), 302)]
    said = words(answer)
    assert "The session has ended. Now those who answer for a role sign." in said
    assert "Activity 1 Stays as it is; Role 1 leads. It works." in said
    assert "Activity 2 Role 1 leads from now on." in said
    assert "1 activity stays as it is: Activity 3 ." in said
    assert "0 of 3 roles signed; not published yet." in said


def test_what_nobody_sees_to_is_asked_for_row_by_row(sign_in, editor, viewer, small):
    review = running(small, editor, 0, 1)
    made = decide(review, editor, 0, "open", note="We don’t know yet.")
    client = sign_in(editor)
    shown = words(client.get(url("review_end", review)))
    assert "Left open. We don’t know yet." in shown
    assert "Not decided; it is left open." in shown
    assert "1 activity was neither on the agenda nor confirmed." in shown
    first, second = rows_of(small)[0].pk, rows_of(small)[1].pk
    typed = {f"open-{first}-owner": viewer.user_id, f"open-{first}-due": IN_A_WEEK.isoformat()}
    answer = client.post(url("review_end", review), ending(review, **typed))
    assert answer.status_code == 422
    assert "Choose somebody above, or write a name." in words(answer) or "Choose a day." in words(answer)
    assert fresh(review).state == "running"
    typed |= {f"open-{second}-owner_name": "Jonas Weber", f"open-{second}-due": IN_A_WEEK.isoformat()}
    answer = client.post(url("review_end", review), ending(review, **typed), follow=True)
    assert f"Left open; Vic Viewer sees to it by {IN_A_WEEK.day} " in words(answer)
    assert "Left open; Jonas Weber sees to it by" in words(answer)
    made.refresh_from_db()
    assert made.owner == viewer.user


def test_who_looked_at_an_earlier_step_sees_where_it_is_and_it_goes_on(sign_in, editor, review):
    answer = sign_in(editor).post(url("review_end", review), ending(review, seen=fresh(review).step - 1))
    assert answer.status_code == 409
    assert "The session went on while you looked." in words(answer)
    assert f'name="seen" value="{fresh(review).step}"' in answer.content.decode()
    assert fresh(review).state == "running"


def test_a_day_too_far_off_is_said_beside_what_was_typed(sign_in, editor, review):
    answer = sign_in(editor).post(url("review_end", review), ending(review, sign_by="2199-01-01"))
    assert answer.status_code == 422
    assert "Choose a day within a year" in words(answer)


def test_a_row_without_a_lead_is_said_before_it_ends(sign_in, owner, editor, small, review):
    set_level(
        **to(small, owner),
        activity=rows_of(small)[2].pk,
        role=roles_of(small)[2].pk,
        level=Level.SUPPORT,
        seen=revision(small),
    )
    assert "1 activity has no Lead. Nothing can be published" in words(sign_in(editor).get(url("review_end", review)))


def test_the_pages_lead_to_where_the_session_is(sign_in, editor, small, review):
    client = sign_in(editor)
    assert client.get(url("result", review)).headers["Location"] == url("session", review)
    other = planned(make_matrix(editor, "L", name="Other"), 0)
    for name in ("result", "review_end"):
        assert client.get(url(name, other)).headers["Location"] == url("review", other)
    end(review, editor)
    for answer in (client.get(url("review_end", review)), client.post(url("review_end", review), ending(review))):
        assert answer.headers["Location"] == url("result", review)


def test_reopened_it_goes_on(sign_in, editor, ended):
    answer = sign_in(editor).post(url("review_reopen", ended))
    assert answer.headers["Location"] == url("session", ended)
    assert fresh(ended).state == "running"


# --- signing (T34)


def test_who_answers_for_a_role_is_asked_to_sign_and_does(sign_in, viewer, ended):
    client = sign_in(viewer)
    page = client.get(url("result", ended))
    assert "You answer for Role 1" in words(page)
    assert "Eddie Editor answers for it and has not signed." in words(page)
    assert "Nobody answers for it. Say who does" in words(page)
    assert page.content.decode().count('name="digest"') == 1
    answer = client.post(url("result_sign", ended), signing(ended), follow=True)
    assert "Signed for Role 1." in words(answer)
    assert "Signed by Vic Viewer on" in words(answer)
    assert SignOff.objects.get().digest == fresh(ended).result
    assert "You answer for Role 1" not in words(answer)
    again = client.post(url("result_sign", ended), signing(ended))
    assert again.status_code == 302
    assert SignOff.objects.count() == 1


def test_only_who_answers_for_it_signs(sign_in, owner, ended):
    client = sign_in(owner)
    assert 'name="digest"' not in client.get(url("result", ended)).content.decode()
    answer = client.post(url("result_sign", ended), signing(ended))
    assert answer.status_code == 403
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("wrong", [{"role": "x"}, {"seen": ""}, {"seen": "0"}, {"seen": "99999"}])
def test_what_no_page_of_ours_sends_is_refused(sign_in, viewer, ended, wrong):
    assert sign_in(viewer).post(url("result_sign", ended), {**signing(ended), **wrong}).status_code == 400


def test_an_archived_matrix_is_looked_at_and_not_signed(sign_in, viewer, owner, small, ended):
    archive(**to(small, owner), archived=True)
    client = sign_in(viewer)
    assert 'name="digest"' not in client.get(url("result", ended)).content.decode()
    assert client.post(url("result_sign", ended), signing(ended)).status_code == 409


# --- publishing


def test_it_is_published_in_one_step_and_goes_on_to_the_letter(sign_in, editor, small, ended):
    client = sign_in(editor)
    page = words(client.get(url("result", ended)))
    assert "Not signed yet: Role 1 , Role 2 , Role 3 ." in page
    assert "What “Autumn review” decided on" in page
    answer = client.post(url("result_publish", ended), publishing(ended, note="Agreed."))
    version = Version.objects.get()
    assert answer.headers["Location"] == reverse("letter", args=[small.workspace_id, small.pk, 1])
    assert (version.note, version.digest) == ("Agreed.", ended.result)
    assert Publication.objects.get(matrix=small).next_on == IN_A_YEAR
    assert "It works. For now." in Letter.objects.get().minutes
    letter = words(client.get(answer.headers["Location"]))
    assert "- Activity 2: Role 1 leads from now on." in letter
    assert client.post(url("result_publish", ended), publishing(ended, note="Agreed.")).status_code == 302
    assert Version.objects.count() == 1


def test_later_changes_stay_in_the_draft_and_it_says_so(sign_in, editor, owner, small, ended):
    set_cell(small, owner, 2, 0, C)
    client = sign_in(editor)
    said = words(client.get(url("result", ended)))
    assert (
        "What was put up is published. What was changed since stays in the draft; to publish that too, put up" in said
    )
    client.post(url("result_publish", ended), publishing(ended))
    assert Version.objects.get().digest == ended.result != stands(small)


def test_a_wrong_day_is_said_and_what_was_typed_stays(sign_in, editor, ended):
    answer = sign_in(editor).post(url("result_publish", ended), publishing(ended, note="Agreed.", next_on="2020-01-01"))
    assert answer.status_code == 422
    assert "Choose a day to come for the next review" in words(answer)
    assert "Agreed.</textarea>" in answer.content.decode()
    assert not Version.objects.exists()


def test_known_errors_are_an_owner_s_to_name(sign_in, editor, owner, small, ended):
    role = roles_of(small)[0].pk
    edit_role(**to(small, owner), role=role, values={"headcount": 0}, seen=revision(small))
    review = Review.objects.get()
    row = do_again(review, editor)
    page = words(sign_in(editor).get(url("result", row)))
    assert "An owner has to publish this" in page
    shown = sign_in(owner).get(url("result", row)).content.decode()
    keys = re.findall(r'name="(known-[^"]+)"', shown)
    assert keys
    sent = publishing(row, **{html.unescape(key): "We hire in May." for key in keys})
    assert sign_in(owner).post(url("result_publish", row), sent).status_code == 302
    assert Version.objects.get().known[0]["reason"] == "We hire in May."


def do_again(review: Review, member) -> Review:
    """Reopened and ended again."""
    return end(reopen(matrix=review.matrix_id, review=review.pk, by=member), member)


def test_after_another_version_it_says_what_to_do(sign_in, editor, owner, small, ended):
    publish_draft(small, owner)
    client = sign_in(editor)
    page = client.get(url("result", ended))
    assert "Version 1 was published since this was put up. Put up what stands now" in words(page)
    assert 'name="next_on"' not in page.content.decode()
    answer = client.post(url("result_publish", ended), publishing(ended))
    assert answer.status_code == 409
    assert "Another version was published since you looked." in words(answer)
    put_up(ended, editor)
    assert client.post(url("result_publish", ended), publishing(ended)).status_code == 302
    assert Version.objects.count() == 2


def test_a_viewer_sees_it_all_and_no_way_to_publish(sign_in, viewer, ended):
    page = sign_in(viewer).get(url("result", ended))
    assert "What was decided" in words(page)
    for name in ("result_publish", "review_reopen"):
        assert url(name, ended) not in page.content.decode()
        assert sign_in(viewer).post(url(name, ended), publishing(ended)).status_code == 403


def test_once_published_it_is_the_record(sign_in, viewer, editor, owner, small, ended):
    sign(ended, viewer)
    publish(ended, editor)
    set_cell(small, owner, 2, 0, C)
    page = sign_in(viewer).get(url("result", ended))
    said = words(page)
    assert "Published as version 1 ." in said
    assert "Signed by Vic Viewer on" in said
    assert "The matrix was changed" not in said
    assert "Whoever has not signed yet signs version 1 ." in said
    assert 'name="digest"' not in page.content.decode()
    assert "Signing it is over" not in said


def test_who_has_not_signed_what_is_published_is_led_to_where_they_do(sign_in, viewer, editor, small, ended):
    publish(ended, editor)
    where = reverse("readers", args=[small.workspace_id, small.pk, 1])
    page = sign_in(viewer).get(url("result", ended))
    assert "You answer for it and have not signed. " in words(page)
    assert f'list-end" href="{where}">Sign version 1</a>' in page.content.decode()
    assert "Sign for Role 1" in sign_in(viewer).get(where).content.decode()
    publish_draft(small, editor)
    said = words(sign_in(viewer).get(url("result", ended)))
    assert "Signing it is over: version 2 came after it. People sign that one." in said
    assert "have not signed" not in said
    assert "Sign version 1" not in said


def test_the_version_says_what_the_review_decided_and_why(sign_in, viewer, editor, small, ended):
    version = publish(ended, editor)
    address = reverse("version", args=[small.workspace_id, small.pk, version.number])
    said = words(sign_in(viewer).get(address))
    assert "Decided in the review Activity 1 Stays as it is; Role 1 leads. It works. For now." in said
    assert "1 activity was confirmed together." in said
    Decision.objects.update(taken_back_at=version.published_at)
    assert "Decided in the review" not in words(sign_in(viewer).get(address))


@pytest.mark.parametrize("moved", [False, True])
def test_the_page_takes_few_queries(sign_in, editor, viewer, small, ended, moved):
    sign(ended, viewer)
    publish_draft(small, editor)
    row = do_again(ended, editor)
    if moved:
        set_cell(small, editor, 2, 0, C)
    client = sign_in(editor)
    client.get(url("result", row))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url("result", row)).status_code == 200
    assert len(asked) <= MOST, "\n".join(query["sql"][:150] for query in asked)
