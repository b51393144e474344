import pytest

from raci.notices import outbox
from tests.notices import lines


@pytest.fixture
def server(settings, db):
    """A mail server that takes everything, unless the test says otherwise."""
    settings.EMAIL_BACKEND = lines.BACKEND
    lines.server.__init__()
    return lines.server


@pytest.fixture
def put(db):
    def mail(to="ann@example.org", *, subject="News", text="Some.\n", html="<p>Some.</p>", **given):
        return outbox.put(outbox.Letter(subject, text, html), to=to, **given)

    return mail
