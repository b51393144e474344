"""What a workspace keeps of the advice: by whom, and on which days."""

from datetime import date, timedelta

import pytest
import time_machine

from culture.advice import Answers, Launch, Segments, Size
from culture.advising import keep_answers, tick, untick
from culture.models import Advice, Sign
from raci.web.refusals import Forbidden, Gone, Refused
from raci.workspaces.models import Access, Member

ANSWERS = Answers(False, None, None, next(iter(Size)), next(iter(Segments)), next(iter(Launch)))
OPERATIONS = (
    lambda by: keep_answers(by=by, answers=ANSWERS),
    lambda by: tick(by=by, key="engagement", on=date(2026, 3, 12)),
    lambda by: untick(by=by, key="engagement"),
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_whoever_was_demoted_or_left_since_the_page_was_opened_changes_nothing(editor, operation):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)  # the object still says editor
    with pytest.raises(Forbidden):
        operation(editor)
    Member.objects.filter(pk=editor.pk).delete()
    with pytest.raises(Gone):
        operation(editor)
    assert not Advice.objects.exists()
    assert not Sign.objects.exists()


@pytest.mark.parametrize(("today", "first"), [("2026-11-22", date(2016, 11, 22)), ("2028-02-29", date(2018, 2, 28))])
def test_a_sign_was_seen_within_ten_years(editor, today, first):
    with time_machine.travel(f"{today} 12:00 +0000"):
        assert tick(by=editor, key="engagement", on=first).ticked_on == first
        for day in (first - timedelta(days=1), date(1, 1, 1)):
            with pytest.raises(Refused, match="more than ten years ago"):
                tick(by=editor, key="engagement", on=day)
    assert Sign.objects.get().ticked_on == first
