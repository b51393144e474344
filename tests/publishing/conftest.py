import pytest

from tests.notices import lines


@pytest.fixture
def server(settings, db):
    """A mail server that takes everything, unless the test says otherwise."""
    settings.EMAIL_BACKEND = lines.BACKEND
    lines.server.__init__()
    return lines.server
