"""A mail server on loopback, as little of one as a client needs: it refuses, or says nothing, when it is told to."""

import socketserver
import threading
from contextlib import contextmanager


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode(errors="replace").strip():
            match line.split(":")[0].split()[0].upper():
                case "EHLO" | "HELO" | "MAIL" | "RSET":
                    self._say("250 fine")
                case "RCPT":
                    self._to(line)
                case "DATA":
                    self._say("354 go on")
                    while self.rfile.readline().strip() != b".":
                        pass
                    self.server.taken.append(self.to)
                    self._say("250 taken")
                case "QUIT":
                    self._say("221 bye")
                    return

    def _to(self, line: str) -> None:
        self.to = line.partition("<")[2].partition(">")[0]
        if self.to.startswith("silent"):
            self.server.let_go.wait(10)
        self._say({"nobody": "550 no such mailbox", "full": "452 mailbox full"}.get(self.to.split("@")[0], "250 fine"))

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """A client that hangs up is no fault here."""


@contextmanager
def mail_server():
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.taken, server.let_go = [], threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.let_go.set()
        server.shutdown()
