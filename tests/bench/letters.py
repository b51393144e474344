"""`python -m tests.bench.letters`: a letter to so many people, from the press of the button to the last mail.

Mails go to files (Django's file backend), so what is measured is ours: the database, the text, and the message. The
CPU time beside the wall time is what other programs disturb least. `--people` says how many, `--limit` after how many seconds it is called too slow.
"""

import argparse
import shutil
import time

from tests.bench.world import SIZES, database, machine, populate, start, table

HEAD = ["", "seconds", "CPU seconds", "mails a second"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=60.0)
    options = parser.parse_args()
    folder = start()
    try:
        with database():
            took = measure(options.people, str(folder / "mail"))
        print(machine())
        print(f"\nA letter about 18 x 4 to {options.people} people, each with a link of their own\n")
        rows = [
            [what, f"{wall:.1f}", f"{cpu:.1f}", f"{options.people / wall:.0f}"] for what, (wall, cpu) in took.items()
        ]
        print(table(HEAD, rows))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if sum(wall for wall, _ in took.values()) > options.limit:
        raise SystemExit(f"Slower than {options.limit:.0f} s.")


def measure(people: int, folder: str) -> dict[str, tuple[float, float]]:
    """Seconds, by the wall and of CPU, for what a person waits for and for what goes on behind them."""
    from django.conf import settings

    from raci.matrices.operations import Sender
    from raci.notices.models import Outbox
    from raci.notices.sending import send_due
    from raci.publishing import telling
    from raci.publishing.recipients import Chosen, audience
    from raci.publishing.versions import publish

    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", folder
    member, matrices = populate()
    matrix = matrices[SIZES[0]]
    version = publish(matrix=matrix, sender=Sender(member), seen=matrix.revision)
    whom = Chosen(pasted="\n".join(f"Person {n} <person{n}@example.org>" for n in range(people)))
    took: dict[str, tuple[float, float]] = {}

    def timed(what, work):
        began, used = time.perf_counter(), time.process_time()
        result = work()
        took[what] = time.perf_counter() - began, time.process_time() - used
        return result

    seen = telling.sending_seal("", timed("looking who gets it", lambda: audience(version, whom)))
    timed("the press", lambda: telling.send(version=version, by=member, chosen=whom, seen=seen))
    timed("the mails", send_due)
    assert Outbox.objects.filter(sent_at__isnull=False).count() == people
    return took


if __name__ == "__main__":
    main()
