"""A process of its own that changes one matrix without pause until it is killed.

    python -m tests.stress.writer MATRIX MEMBER

It prints `KEY` before it sends a change and `KEY REVISION` once the change is acknowledged, a line each, at once: what a
person's browser knows. `DATABASE_URL` says where the matrix is.
"""

import os
import random
import sys
import uuid

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raci.settings")
django.setup()

from raci.grid.levels import Level  # noqa: E402
from raci.matrices.models import Activity, Matrix, Role  # noqa: E402
from raci.matrices.operations import Sender, set_level  # noqa: E402
from raci.web.refusals import Refused  # noqa: E402
from raci.workspaces.models import Member  # noqa: E402


def write(matrix: int, member: int) -> None:
    sender = Member.objects.select_related("user", "workspace").get(pk=member)
    activities = list(Activity.objects.filter(matrix=matrix).values_list("pk", flat=True))
    roles = list(Role.objects.filter(matrix=matrix).values_list("pk", flat=True))
    while True:
        key = uuid.uuid4().hex
        print(key, flush=True)
        try:
            done = set_level(
                matrix=matrix,
                sender=Sender(sender, key),
                activity=random.choice(activities),
                role=random.choice(roles),
                level=random.choice(list(Level)),
                seen=Matrix.objects.values_list("revision", flat=True).get(pk=matrix),
            )
        except Refused:
            continue
        if done.change:
            print(key, done.change.revision, flush=True)


if __name__ == "__main__":
    write(int(sys.argv[1]), int(sys.argv[2]))
