"""What a command's exit code says: each family of errors has its own."""

from collections.abc import Mapping

EXIT_CODES: Mapping[str, int] = {
    "home": 10,
    "settings": 10,
    "registry": 10,
    "keys": 10,
    "store": 10,
    "root_key": 10,
    "agency": 11,
    "adapter": 11,
    "content": 11,
    "spool": 11,
    "envelope": 12,
    "signature": 12,
    "payload": 12,
    "policy": 13,
    "engine": 13,
    "agreement": 13,
    "scenario": 13,
    "ledger": 14,
    "leaf": 14,
    "note": 14,
    "checkpoint": 14,
    "reconcile": 15,
    "task": 16,
    "approval": 16,
    "people": 17,
    "view": 17,
    "sign_in": 17,
    "read": 17,
    "explain": 17,
    "request": 17,
    "delivery": 18,
    "recipient": 18,
}
"""Exit code by the first word of an error's code. 0: done. 1: a check found something. 2: wrong usage. 19: other."""

OTHER = 19


def exit_code(code: str) -> int:
    """The exit code of an error with this code."""
    return EXIT_CODES.get(code.partition(".")[0], OTHER)
