"""Signed heads: the anchor outside the log, by which a chain that was cut or rewritten is found.

A head is one line of JSON, signed with Ed25519 over its canonical bytes without the signature. Keep
it where the log's operator cannot change it: another machine, the EHR's audit, paper.
"""

import base64
import json
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cds.errors import StoreError
from cds.store.chain import canonical
from cds.store.model import Head, log_instant

_SCHEMA = "cramp-cds/log-head/1"


def statement(head: Head, time: datetime) -> dict[str, object]:
    """What is said about the log, not yet signed."""
    return {
        "schema": _SCHEMA,
        "sequence": head.sequence,
        "hash": f"sha256:{head.hash}",
        "time": log_instant(time),
    }


def sign(head: Head, time: datetime, key: Ed25519PrivateKey) -> bytes:
    """The head as a signed line of JSON."""
    said = statement(head, time)
    signature = key.sign(canonical(said).encode())
    return canonical({**said, "signature": base64.b64encode(signature).decode()}).encode() + b"\n"


def read_signed(line: bytes, key: Ed25519PublicKey, where: str = "head") -> Head:
    """The head of a signed line.

    Raises:
        StoreError: it is not such a line, or another key signed it, or it was changed.
    """
    try:
        said = json.loads(line)
        signature = base64.b64decode(said.pop("signature"), validate=True)
        sequence, named = said["sequence"], said["hash"]
        whole = said["schema"] == _SCHEMA and isinstance(sequence, int) and isinstance(named, str)
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise StoreError(where, "is not a signed head.", "Give a line that `log head --key` wrote.")
    try:
        key.verify(signature, canonical(said).encode())
    except InvalidSignature:
        raise StoreError(where, "is not signed by this key, or was changed.") from None
    return Head(sequence, named.removeprefix("sha256:"))


def private_key(file: Path) -> Ed25519PrivateKey:
    """The Ed25519 key of a PEM file without a passphrase (`openssl genpkey -algorithm ed25519`)."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(file, "private")
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    """The Ed25519 public key of a PEM file."""
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(file, "public")
    return key


def _no_key(file: Path, kind: str) -> StoreError:
    return StoreError(str(file), f"is not an Ed25519 {kind} key in PEM.", "openssl makes one.")
