"""Zones by name, and what is done with one that nobody knows."""

import pytest

from raci.accounts.models import User
from raci.accounts.zones import choices, zone_of


def test_the_zones_are_grouped_by_region_and_named_by_place():
    by_region = {region: dict(places) for region, places in choices()}
    assert by_region["Europe"]["Europe/Berlin"] == "Berlin"
    assert by_region["America"]["America/New_York"] == "New York"
    assert by_region["America"]["America/Argentina/Buenos_Aires"] == "Buenos Aires (Argentina)"
    assert not {"Etc", "US", "UTC", "GMT", "SystemV"} & by_region.keys()


@pytest.mark.parametrize("name", ["", "Nowhere/Atlantis", "../../etc/passwd", "Europe", "\x00"])
def test_a_zone_that_is_none_is_that_of_the_server(name):
    assert zone_of(User(time_zone=name)) is None


def test_a_chosen_zone_is_found():
    assert str(zone_of(User(time_zone="Asia/Kolkata"))) == "Asia/Kolkata"
