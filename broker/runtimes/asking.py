"""Asks a process of the streaming runtime whether it works."""

from http.client import HTTPConnection, HTTPException

from broker.runtimes.settings import SettingsError

_SECONDS = 5
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what a process may be told to listen at, never listened at here


def is_ready(address: tuple[str, int] | None) -> tuple[bool, str]:
    """Whether the process that tells at this address works, and what it says.

    Raises:
        SettingsError: no address is named.
    """
    if address is None:
        msg = "no address is named at which a process tells whether it works"
        raise SettingsError(msg, code="settings.address", remedy="set MASH_MONITOR_AT, for the process and for this")
    host, port = address
    connection = HTTPConnection("localhost" if host in _EVERYWHERE else host, port, timeout=_SECONDS)
    try:
        connection.request("GET", "/ready")
        answer = connection.getresponse()
        said = answer.read(200).decode("utf-8", errors="replace").strip()
    except (OSError, HTTPException):
        return False, f"nobody answers at {host}:{port}"
    finally:
        connection.close()
    return answer.status == 200, said  # noqa: PLR2004 - HTTP: OK
