"""Keyed hashes: names for things that nobody without the secret can guess or compare."""

import hmac


def keyed_hash(secret: bytes, *parts: str) -> str:
    """HMAC-SHA256 under ``secret`` over ``parts``, as 64 hexadecimal digits.

    Each part is preceded by its length, so that no two lists of parts read the same.
    """
    content = b""
    for part in parts:
        written = part.encode()
        content += len(written).to_bytes(4, "big") + written
    return hmac.digest(secret, content, "sha256").hex()
