"""The catalogue as files and as tables."""

import pytest
from django.apps import apps

from culture.catalogue import Catalogue, load
from culture.models import Culture
from culture.seed import seed


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def seeded(db):
    """The seeded tables, also where an earlier transactional test has emptied them."""
    if not Culture.objects.exists():
        seed(apps)
