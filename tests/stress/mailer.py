"""A process of its own that sends what is due: `python -m tests.stress.mailer FILE`. Each mail is a line in the file."""

import os
import sys

import django
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend


class Line(BaseEmailBackend):
    """Writes the address of each mail at once, as one write, so that lines of several processes never mix."""

    def send_messages(self, messages) -> int:
        file = os.open(os.environ["MAILED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        for message in messages:
            message.message()
            os.write(file, f"{message.to[0]}\n".encode())
        os.close(file)
        return len(messages)


if __name__ == "__main__":
    os.environ["MAILED"] = sys.argv[1]
    django.setup()
    settings.EMAIL_BACKEND = "tests.stress.mailer.Line"
    from raci.notices.sending import send_due

    print("begun", flush=True)
    print(send_due(), flush=True)
