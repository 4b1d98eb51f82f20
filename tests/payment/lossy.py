"""A line to the database that loses an acknowledgement: the COMMIT arrives and is done, the answer never comes back.

A proxy on a port of this machine between the house and PostgreSQL; it knows nothing of either but one message.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
DONE = b"C\x00\x00\x00\x0bCOMMIT\x00"
CHUNK_BYTES = 65_536


class LossyLine:
    """`lose(n)`: of the commits from now on, the n-th is done and its acknowledgement lost. `lost`: whether it was."""

    def __init__(self, host: str, port: str) -> None:
        self._server = (host, port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = str(self._door.getsockname()[1])
        self._commits_until_loss, self.lost = 0, False
        threading.Thread(target=self._answer, daemon=True).start()

    def lose(self, nth: int) -> None:
        self._commits_until_loss, self.lost = nth, False

    def close(self) -> None:
        # A thread that waits in accept() is woken by the shutdown, not by the close.
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):  # the door was closed
            while True:
                client, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        host, port = self._server
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port or 5432}")
        else:
            server = socket.create_connection((host or "localhost", int(port or 5432)))
        cut = threading.Event()
        back = threading.Thread(target=self._back, args=(server, client, cut), daemon=True)
        back.start()
        with server, client, contextlib.suppress(OSError):
            while data := client.recv(CHUNK_BYTES):
                if COMMIT in data and self._commits_until_loss:
                    self._commits_until_loss -= 1
                    if not self._commits_until_loss:
                        cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)
            back.join()

    def _back(self, server: socket.socket, client: socket.socket, cut: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(CHUNK_BYTES):
                if cut.is_set():
                    assert DONE in data, data
                    self.lost = True
                    break
                client.sendall(data)
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def over_a_lossy_line() -> Iterator[LossyLine]:
    """The default connection goes over the line; it is opened anew on both ends of the block."""
    settings = connection.settings_dict
    before = dict(settings)
    line = LossyLine(settings["HOST"], settings["PORT"])
    connection.close()
    settings.update(
        HOST="127.0.0.1", PORT=line.port,
        OPTIONS={**settings["OPTIONS"], "sslmode": "disable", "gssencmode": "disable"},
    )  # fmt: skip
    try:
        yield line
    finally:
        connection.close()
        settings.update(before)
        line.close()
