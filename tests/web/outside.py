"""The internet of a test: names lead where it says, and every connection, wherever it is meant to go, ends at one https
server here, which counts it and answers as it is told."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PUBLIC = "93.184.216.34"
HOST = "hooks.example.org"  # the certificate is for this name
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

_connect, _resolve = socket.socket.connect, socket.getaddrinfo


class Outside:
    def __init__(self, folder: Path) -> None:
        self.names: dict[str, Callable[[], list[str]]] = {}
        self.asked: list[str] = []  # names that were resolved
        self.hits: list[tuple] = []  # where connections were meant to go
        self.requests: list[str] = []
        self.answer: bytes | Callable[[ssl.SSLSocket], None] = OK
        self.over = threading.Event()
        self.certificate = _certificate(folder)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._place = self._server.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def leads(self, name: str, *addresses: str) -> None:
        self.names[name] = lambda: list(addresses)

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def resolve(self, host, port, *args, **options):
        """In place of `socket.getaddrinfo`: names as the test says, numbers in all their forms as the system does."""
        self.asked.append(host)
        if host not in self.names:
            return _resolve(host, port, *args, flags=socket.AI_NUMERICHOST, **options)
        return [_answer(address, port) for address in self.names[host]()]

    def diverted(self) -> type[socket.socket]:
        """In place of `socket.socket`."""
        outside = self

        class Diverted(socket.socket):
            def __init__(self, family=socket.AF_INET, *args, **options) -> None:
                super().__init__(socket.AF_INET, *args, **options)

            def connect(self, place) -> None:
                outside.hits.append(place)
                _connect(self, outside._place)

        return Diverted

    def _serve(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._server.accept()
                threading.Thread(target=self._talk, args=(line, context), daemon=True).start()

    def _talk(self, line: socket.socket, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) as safe:
            self.requests.append(_read(safe))
            if callable(self.answer):
                self.answer(safe)
            else:
                safe.sendall(self.answer)


def _read(line: ssl.SSLSocket) -> str:
    said = b""
    while b"\r\n\r\n" not in said:
        said += line.recv(65536) or b"\r\n\r\n"
    head, _, body = said.partition(b"\r\n\r\n")
    length = int(next((row[16:] for row in head.decode().split("\r\n") if row.startswith("Content-Length: ")), "0"))
    while len(body) < length:
        body += line.recv(65536)
    return f"{head.decode()}\r\n\r\n{body.decode()}"


def _answer(address: str, port: int) -> tuple:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


def _certificate(folder: Path) -> Path:
    """A file with a key and a certificate that vouches for itself."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file, pem = folder / "outside.pem", serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + made.public_bytes(pem))
    return file
