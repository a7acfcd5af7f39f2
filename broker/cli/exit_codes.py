"""What a command's exit code says: each family of errors has its own."""

from collections.abc import Mapping

DONE, FOUND_SOMETHING, WRONG_USAGE, OTHER = 0, 1, 2, 19

MEANINGS: Mapping[int, str] = {
    DONE: "done",
    FOUND_SOMETHING: "a check found something",
    WRONG_USAGE: "wrong usage: a command, option or file that is not there",
    10: "the home, its settings, keys and stores, and Kafka",
    11: "an agency's side: a native file, an adapter, the spool",
    12: "a message: its envelope, signature or content",
    13: "the policy, an agreement, a scenario",
    14: "the ledger and its proofs",
    15: "the accounts: decisions, records, deliveries",
    16: "a task, or a person's decision, hold, restriction, erasure, or word on who a child is",
    17: "who is asking, and for what: a person, a view, a report, a request",
    18: "a recipient's side, and what is delivered",
    OTHER: "anything else",
}

FAMILIES: Mapping[int, tuple[str, ...]] = {
    10: (
        *("home", "settings", "registry", "readers", "keys", "store", "root_key", "seal", "clock", "log"),
        *("kafka", "topics", "streamed", "monitor"),
    ),
    11: (
        *("agency", "adapter", "content", "spool", "summary", "quarantine", "extract", "row", "roll", "mis", "notice"),
        *("adult", "child", "household", "restriction", "worker", "pupil", "student", "status"),
    ),
    12: ("envelope", "signature", "sealed", "payload", "contract", "event", "compatibility"),
    13: ("policy", "engine", "agreement", "scenario", "opa"),
    14: ("ledger", "leaf", "note", "checkpoint", "proof", "tile", "tlog_proof", "share_proof", "public_keys"),
    15: ("reconcile", "outcome", "ask_again"),
    16: ("task", "approval", "mark", "erase", "identify", "part", "withdraw"),
    17: ("people", "sign_in", "view", "read", "explain", "request"),
    18: ("delivery", "recipient", "post"),
}
"""By exit code, the first words of the error codes that end a command with it."""


def exit_code(code: str) -> int:
    """The exit code of an error with this code."""
    family = code.partition(".")[0]
    return next((number for number, words in FAMILIES.items() if family in words), OTHER)
