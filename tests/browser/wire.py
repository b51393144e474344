"""A wire between the browser and the server that can go dead without anybody hanging up."""

import socket
import threading


class Wire:
    """Carries every connection to `port`. The streams that stand when it is cut stay open and carry nothing more."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._streams: set[socket.socket] = set()
        self._dead: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._dead |= self._streams

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._to)
            self._ends += [browser, server]
            for pair in ((browser, server), (server, browser)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if b"/stream/" in data.partition(b"\r\n")[0]:
                    self._streams |= {source, target}
                if source not in self._dead:
                    target.sendall(data)
            if source not in self._dead:
                target.shutdown(socket.SHUT_WR)
        except OSError:
            return
