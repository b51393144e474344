"""Lines to mail servers that do as they are told: what each address is answered, and whether the server is there."""

import smtplib
import time
from collections.abc import Callable

from django.core.mail.backends.base import BaseEmailBackend

BACKEND = f"{__name__}.Line"


class Server:
    """What the lines of one test share."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers: dict[str, Exception] = {}
        self.is_down = False
        self.opened = 0
        self.takes = 0.0  # seconds for each mail
        self.on_mail: Callable[[], object] = lambda: None


server = Server()


class Line(BaseEmailBackend):
    is_open = False

    def open(self) -> bool:
        if self.is_open:
            return False
        if server.is_down:
            raise ConnectionRefusedError("Connection refused")
        server.opened += 1
        self.is_open = True
        return True

    def close(self) -> None:
        self.is_open = False

    def send_messages(self, messages) -> int:
        for message in messages:
            time.sleep(server.takes)
            if error := server.answers.get(message.to[0]):
                raise error
            server.sent.append(message.to[0])
            server.on_mail()
        return len(messages)


def refused(code: int, address: str) -> Exception:
    said = f"{code // 100}.1.1 <{address}> No such\r\nmailbox".encode()
    return smtplib.SMTPRecipientsRefused({address: (code, said)})
