"""A decision with nothing in it but what the log asks for."""

from datetime import UTC, datetime

from cds.store.model import Decision


def plain(client: str, number: int, response: bytes = b"{}") -> Decision:
    """The n-th decision of a client; its hookInstance is told from the others by both."""
    return Decision(
        time=datetime.now(UTC),
        client=client,
        service="service",
        hook_instance=f"{client}-{number}",
        request_hash=f"sha256:{number}",
        pack_id="pack",
        pack_version="1",
        pack_hash="sha256:0",
        level=None,
        rules=(),
        response=response,
        document=b"{}",
    )
