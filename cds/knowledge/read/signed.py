"""What the hash of a pack stands for: the files that decide, and what is claimed of them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

# The files that decide. Golden cases are not among them: they only ask.
DECIDING = ("pack.toml", "questionnaire.json", "record.toml", "rules.toml", "sources.toml")
# What must lead where, stated apart from the rules. It decides nothing, but the proofs rest on it,
# so whoever signs the pack signs it too. A pack without it keeps the hash that it always had.
CLAIMED = ("red-flags.toml",)
# A file's name and its bytes; None where a deciding file is missing.
Content = tuple[str, bytes | None]


def contents_of(folder: Path) -> tuple[Content, ...]:
    """The files of a pack's folder that its hash stands for."""
    deciding = [(name, _bytes(folder / name)) for name in DECIDING]
    claimed = [(name, _bytes(folder / name)) for name in CLAIMED]
    return (*deciding, *((name, content) for name, content in claimed if content is not None))


def hash_of(contents: Iterable[Content]) -> str:
    """`sha256:` over the names and contents of these files."""
    digest = hashlib.sha256()
    for name, content in contents:
        digest.update(f"{name} {hashlib.sha256(content or b'').hexdigest()}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
