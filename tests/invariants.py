"""What must hold after whatever happened, as the product itself checks it (`manage.py check_invariants`)."""

from collections.abc import Iterable

from raci.matrices import invariants as of_matrices
from raci.notices import invariants as of_mail
from raci.publishing import invariants as of_published
from raci.reviews import invariants as of_reviews
from raci.web.orphans import orphans
from raci.workspaces import invariants as of_workspaces


def check(keys: Iterable[str] = ()) -> None:
    """Fails with every broken invariant. `keys` are the submissions that were acknowledged."""
    broken = [
        *of_matrices.broken(),
        *of_matrices.missing(keys),
        *of_workspaces.broken(),
        *of_mail.broken(),
        *of_published.broken(),
        *of_reviews.broken(),
        *orphans(),
    ]
    assert not broken, "\n".join(broken)
