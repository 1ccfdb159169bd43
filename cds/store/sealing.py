"""Patient content, encrypted per record, so that a record is erased by erasing its key.

AES-256-GCM with a key of its own for every entry. The entry's place and identity are authenticated
with it: a content moved to another entry no longer opens.
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cds.store.chain import canonical_list

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: the length GCM is made for
_LENGTH = struct.Struct(">Q")


def new_key() -> bytes:
    """A fresh key for one record."""
    return AESGCM.generate_key(bit_length=256)


def seal(key: bytes, parts: tuple[bytes, ...], *place: object) -> bytes:
    """The parts as one ciphertext, its nonce in front. `place` must be given again to open it."""
    nonce = os.urandom(NONCE_BYTES)
    clear = b"".join(_LENGTH.pack(len(part)) + part for part in parts)
    return nonce + AESGCM(key).encrypt(nonce, clear, canonical_list(place).encode())


def unseal(key: bytes, content: bytes, *place: object) -> tuple[bytes, ...] | None:
    """The parts again; None when key, content and place do not belong together."""
    nonce, ciphertext = content[:NONCE_BYTES], content[NONCE_BYTES:]
    try:
        clear = AESGCM(key).decrypt(nonce, ciphertext, canonical_list(place).encode())
    except (InvalidTag, ValueError):  # ValueError: a key or nonce of a wrong length
        return None
    parts = []
    while clear:
        end = _LENGTH.size + _LENGTH.unpack_from(clear)[0]
        parts.append(clear[_LENGTH.size : end])
        clear = clear[end:]
    return tuple(parts)
