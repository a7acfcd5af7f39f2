"""What a recipient signs: that its system has a delivery, and that a named role opened it."""

from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.base import Instant, Model
from contracts.canonical import canonical_fields
from contracts.signing import sign, verify
from contracts.words import ReceiptKind


class Receipt(Model):
    """An acknowledgement of the exact bytes received, signed by the recipient."""

    delivery_id: str
    recipient: str
    kind: ReceiptKind
    digest: str
    at: Instant
    role: str = ""
    keyid: str
    signature: str = ""

    def signed_by(self, key: Ed25519PrivateKey) -> Self:
        """The same receipt with its signature."""
        return self.model_copy(update={"signature": sign(self._content(), key, keyid=self.keyid)})

    def check(self, key: Ed25519PublicKey) -> None:
        """Check that ``key`` signed this receipt.

        Raises:
            SignatureError: it did not.
        """
        verify(self._content(), self.signature, key)

    def _content(self) -> bytes:
        return canonical_fields({name: value for name, value in self if name != "signature"})
