"""What the files say, and that the catalogue says the same."""

import csv

import pytest

from culture.catalogue import CULTURES, DATA, REFERENCE_ROLES
from raci.grid.levels import Level

IN_ORDER = {
    "Understand the market": [
        "Size the Market Opportunity",
        "Identify Market Need",
        "Competitive Intelligence",
        "Win/Loss Analysis",
    ],
    "Decide what to build": [
        "Product Strategy/Roadmap",
        "Prioritize Roadmap Items",
        "Identify and Promote New Product Ideas",
    ],
    "Build it": ["Product Design/UX", "Develop the Product", "Quality Assurance and Testing"],
    "Take it to market": [
        "Pricing and Packaging",
        "Product Launch",
        "Sales Enablement",
        "Marketing Collateral",
        "Influencer Marketing (AR/PR)",
    ],
    "Run and learn": [
        "Manage Customer Feedback",
        "Measure Customer Satisfaction/CX",
        "Manage Product Financial/Sales Performance",
    ],
}


def cells_of_the_csv():
    with (DATA / "reference_matrices.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for role in list(row)[3:]:
                yield row["culture"], row["activity"], role, row[role]


def test_all_216_levels_are_those_of_the_csv(catalogue):
    found = {
        (key, activity.name, role.name, grid.level(activity.id, role.id).name.capitalize())
        for key in CULTURES
        for grid in [catalogue.reference(key)]
        for activity in grid.activities
        for role in grid.roles
    }
    assert found == set(cells_of_the_csv())
    assert len(found) == 216


@pytest.mark.parametrize("culture", CULTURES)
def test_each_activity_of_a_reference_has_one_lead(catalogue, culture):
    grid = catalogue.reference(culture)
    assert [len(grid.leads(activity.id)) for activity in grid.activities] == [1] * 18


@pytest.mark.parametrize("culture", CULTURES)
def test_a_reference_reads_stage_by_stage(catalogue, culture):
    grid = catalogue.reference(culture)
    assert {stage.name: [a.name for a in activities] for stage, activities in grid.by_stage()} == IN_ORDER
    assert [stage.name for stage in grid.stages] == list(IN_ORDER)
    assert [activity.name for activity in grid.activities] == [name for names in IN_ORDER.values() for name in names]


def test_a_reference_has_positions_as_ids_and_keys_as_origins(catalogue):
    grid = catalogue.reference("sales")
    assert grid.culture == "sales"
    assert [activity.id for activity in grid.activities] == list(range(1, 19))
    assert [(role.id, role.origin) for role in grid.roles] == list(enumerate(REFERENCE_ROLES, 1))
    assert [stage.id for stage in grid.stages] == [1, 2, 3, 4, 5]
    assert [role.short for role in grid.roles] == ["PM", "PMM", "Eng", "Sales"]
    assert all(role.purpose for role in grid.roles)
    assert all(activity.origin and activity.description for activity in grid.activities)
    assert all(stage.origin for stage in grid.stages)


def test_one_row_checked_by_hand(catalogue):
    grid = catalogue.reference("market")
    pricing = next(activity for activity in grid.activities if activity.origin == "pricing-and-packaging")
    assert grid.row(pricing.id) == (Level.SUPPORT, Level.LEAD, Level.INFORMED, Level.CONTRIBUTE)


def test_an_unknown_culture_has_no_reference(catalogue):
    with pytest.raises(KeyError):
        catalogue.reference("product")


def test_a_lead_is_proposed_only_where_a_source_names_one(catalogue):
    further = [activity for activity in catalogue.activities if not activity.in_references]
    assert len(further) == 15
    assert {activity.name: activity.proposed_lead for activity in further if activity.proposed_lead} == {
        "User Personas": "product-management",
        "Buyer Personas": "product-marketing",
        "Value Proposition": "product-management",
        "Positioning": "product-marketing",
        "Prioritize and Execute Requirements": "product-management",
        "Content and Campaigns": "product-marketing",
        "Customer Engagement Programme": "customer-success",
    }


def test_further_roles_stand_after_those_of_the_references(catalogue):
    assert [(role.name, role.short) for role in catalogue.roles[4:]] == [
        ("Customer Success", "CS"),
        ("UX/Design", "UX"),
        ("Data/Analytics", "Data"),
        ("Legal", "Legal"),
        ("Finance", "Fin"),
        ("Customer Support", "CSup"),
    ]


def test_the_source_of_the_matrices_is_cited_in_full(catalogue):
    assert catalogue.about.sources[0].cited == (
        "Gartner, “Aligning Product Responsibilities – Don't Forget the Organization's Culture”, Chris Meering, "
        "Clifton Gilley, David Yockelson, 21 May 2021, ID G00740200, research note"
    )
    assert len(catalogue.about.sources) == 5
    assert all(source.covers for source in catalogue.about.sources)
