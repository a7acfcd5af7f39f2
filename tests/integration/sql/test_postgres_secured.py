"""PostgreSQL with a password and TLS: who cannot show either, on either side, is refused, and that is said."""

import select
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from broker.core.store_errors import StoreError
from broker.drivers.sql.postgres import Database, postgres_journal
from infra.local.certificates import a_certificate
from infra.local.postgres import a_postgres

PASSWORD = "correct horse battery staple"
SSL_REQUEST = struct.pack("!II", 8, 80877103)


@dataclass(frozen=True)
class Server:
    """A server that runs, and the certificate that it shows."""

    address: str
    authority: Path


class _Front(socketserver.ThreadingTCPServer):
    """Stands before a server and speaks TLS for it, as the wheel's own cannot; whoever does not ask for it is cut off.

    PostgreSQL manual, "Frontend/Backend Protocol", SSLRequest.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, behind: tuple[str, int], certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.behind = behind
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that breaks off is what is tested here."""


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        front = self.server
        assert isinstance(front, _Front)
        if self.request.recv(8) != SSL_REQUEST:
            return
        self.request.sendall(b"S")
        with (
            front.tls.wrap_socket(self.request, server_side=True) as near,
            socket.create_connection(front.behind) as far,
        ):
            ends = {near: far, far: near}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    if not (content := end.recv(65536)):
                        return
                    ends[end].sendall(content)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    certificate = a_certificate(tmp_path_factory.mktemp("secured"), "server")
    with a_postgres(password=PASSWORD) as running:
        behind = make_url(running.address)
        front = _Front((str(behind.host), behind.port or 0), certificate.shown, certificate.key)
        serving = threading.Thread(target=front.serve_forever, daemon=True)
        serving.start()
        address = behind.set(port=front.server_address[1]).render_as_string()
        try:
            yield Server(address, certificate.shown)
        finally:
            front.shutdown()
            front.server_close()
            serving.join()


def trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=authority)


def test_with_password_and_authority_the_journal_opens(server: Server) -> None:
    journal = postgres_journal(Database.at(server.address, password=PASSWORD, tls=trusting(server.authority)))
    assert journal.counts()["children"] == 0
    journal.close()


def test_another_password_is_refused_and_stands_in_no_error(server: Server) -> None:
    wrong = "a wrong password of some length"
    with pytest.raises(StoreError) as error:
        postgres_journal(Database.at(server.address, password=wrong, tls=trusting(server.authority)))
    assert "28P01" in error.value.message
    assert wrong not in f"{error.value} {error.value.remedy} {Database.at(server.address, password=wrong)!r}"


def test_a_server_that_another_authority_vouches_for_is_not_spoken_to(server: Server, tmp_path: Path) -> None:
    other = a_certificate(tmp_path, "other").shown
    with pytest.raises(StoreError) as error:
        postgres_journal(Database.at(server.address, password=PASSWORD, tls=trusting(other)))
    assert "MASH_DATABASE_CA_FILE" in error.value.remedy


def test_without_an_authority_it_is_encrypted_where_the_server_offers_it(server: Server) -> None:
    journal = postgres_journal(Database.at(server.address, password=PASSWORD))
    assert journal.counts()["children"] == 0
    journal.close()
