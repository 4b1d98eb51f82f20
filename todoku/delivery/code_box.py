"""Pure. A gift code's URL under lock (ギフトコードの暗号化): AES-256-GCM, bound to its programme and serial number.

A URL goes in and comes out as GiftUrl, which shows itself to nobody; in between there are only ciphertext and a keyed
digest that tells two URLs apart without telling what they are. Whole files that hold codes are locked the same way.
"""

import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from todoku.formats.gift_list import GiftUrl
from todoku.ground.step import Refusal

NONCE_BYTES = 12  # as GCM wants it; drawn at random for each code, far below the 2^32 that one key allows
EDITION = b"\x01"  # of the layout: edition, nonce, ciphertext with its tag


class CodeUnreadable(Refusal):
    """What is kept cannot be opened: another secret, or it was changed."""


class CodeBox:
    """Opens and locks the codes of one installation; made from its secret (TODOKU_GIFT_CODE_SECRET)."""

    def __init__(self, secret: str, *, draw: Callable[[int], bytes] = os.urandom) -> None:
        assert secret, "the secret of the gift codes is not set"
        self._cipher = AESGCM(_key(secret, "seal"))
        self._digest_key = _key(secret, "digest")
        self._draw = draw

    def __repr__(self) -> str:
        return "CodeBox(●)"

    def lock(self, url: GiftUrl, programme: int, serial: str) -> bytes:
        """The URL as it is kept."""
        return self.lock_file(url.reveal().encode(), _bound_to(programme, serial))

    def open(self, locked: bytes, programme: int, serial: str) -> GiftUrl:
        """The URL again. Raises CodeUnreadable where programme, serial, secret or a single bit differ."""
        return GiftUrl(self.open_file(locked, _bound_to(programme, serial)).decode())

    def digest(self, url: GiftUrl) -> str:
        """The same for the same URL, of no use without the secret: one code can be taken in once."""
        return hmac.digest(self._digest_key, url.reveal().encode(), "sha256").hex()

    def lock_file(self, data: bytes, name: str) -> bytes:
        """Bytes that hold codes in clear (a run of letters), bound to the name under which they are kept."""
        nonce = self._draw(NONCE_BYTES)
        return EDITION + nonce + self._cipher.encrypt(nonce, data, name.encode())

    def open_file(self, locked: bytes, name: str) -> bytes:
        """The bytes again. Raises CodeUnreadable."""
        edition, nonce, body = locked[:1], locked[1 : 1 + NONCE_BYTES], locked[1 + NONCE_BYTES :]
        try:
            if edition != EDITION:
                raise InvalidTag
            return self._cipher.decrypt(bytes(nonce), bytes(body), name.encode())
        except InvalidTag as why:
            raise CodeUnreadable(
                "保管したギフトコードを開けません。秘密の設定（TODOKU_GIFT_CODE_SECRET）が、取り込んだときのものか確かめてください。"
            ) from why


def _key(secret: str, purpose: str) -> bytes:
    """A key of 256 bits for one purpose alone."""
    return hmac.digest(secret.encode(), f"todoku gift codes|{purpose}".encode(), "sha256")


def _bound_to(programme: int, serial: str) -> str:
    return f"{programme}|{serial}"
