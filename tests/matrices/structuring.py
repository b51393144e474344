"""What the tests of structure share."""

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.levels import Level
from raci.matrices.operations import Sender, create_matrix

NEW_ROLE = {"name": "Legal", "short": "Leg", "purpose": "Contracts", "people": ["Ann"], "headcount": 2}


def _peopled(owner):
    """One activity that names people of both roles and is delivered by the second."""
    people = (Named(1, "Ann", "decides"), Named(2, "Bob", "writes"))
    grid = Grid(
        activities=(GridActivity(1, "Price", deliverer=2, people=people),),
        roles=(
            GridRole(1, "Product", people=("Ann",), headcount=2),
            GridRole(2, "Sales", people=("Bob", "Ann"), headcount=3),
        ),
        cells={1: {1: Level.LEAD, 2: Level.SUPPORT}},
    )
    return create_matrix(sender=Sender(owner), name="Peopled", grid=grid)
