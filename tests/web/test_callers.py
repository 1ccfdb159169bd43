"""Who calls, as far as the network tells; how much of it is held; limits that workers share."""

from pathlib import Path

import pytest

from cds.errors import RequestError
from cds.web.trust.bodies import Bodies
from cds.web.trust.peers import peers
from cds.web.trust.throttle import SharedThrottle


@pytest.mark.parametrize(
    ("trusted", "connected", "forwarded", "expected"),
    [
        ((), "192.0.2.1", "203.0.113.5", "192.0.2.1"),
        (("192.0.2.0/24",), "192.0.2.1", "203.0.113.5", "203.0.113.5"),
        (("192.0.2.0/24",), "192.0.2.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        (("192.0.2.0/24",), "192.0.2.1", "203.0.113.5, 192.0.2.9", "203.0.113.5"),
        (("192.0.2.0/24",), "198.51.100.1", "203.0.113.5", "198.51.100.1"),
        (("192.0.2.0/24",), "192.0.2.1", None, "192.0.2.1"),
        (("192.0.2.0/24",), "192.0.2.1", " , ", "192.0.2.1"),
        (("192.0.2.0/24",), "192.0.2.1", "unknown", "unknown"),
        ((), "2001:db8::7", None, "2001:db8::/64"),
        ((), "::ffff:192.0.2.7", None, "192.0.2.7"),
        (("2001:db8::/32",), "2001:db8::1", "203.0.113.5", "203.0.113.5"),
    ],
)
def test_a_proxy_is_believed_where_the_site_trusts_it_and_no_further(
    trusted: tuple[str, ...], connected: str, forwarded: str | None, expected: str
) -> None:
    assert peers(trusted)(connected, forwarded) == expected


def test_no_caller_holds_more_than_half_and_what_is_given_back_is_free() -> None:
    bodies = Bodies(100)
    bodies.take("a", 50)
    for name, count in (("a", 1), ("b", 51)):
        with pytest.raises(RequestError) as caught:
            bodies.take(name, count)
        assert caught.value.status == 503
    bodies.take("b", 50)
    with pytest.raises(RequestError):
        bodies.take("c", 1)

    bodies.free("a", 50)
    bodies.take("c", 50)


def test_workers_share_the_bucket_of_a_registered_client_and_no_other(tmp_path: Path) -> None:
    seconds = [100.0]
    one, other = (
        SharedThrottle(60, lambda: seconds[0], ["client a", "client b"], tmp_path / "rates")
        for _ in range(2)
    )
    waits = [(one, other)[number % 2].wait("client a") for number in range(61)]

    assert waits[:60] == [0.0] * 60
    assert waits[60] == pytest.approx(1)
    assert other.wait("client b") == 0
    assert [one.wait("address x") for _ in range(60)] == [0.0] * 60
    assert one.wait("address x") > 0
    assert other.wait("address x") == 0
    seconds[0] += 1
    assert other.wait("client a") == 0
    assert one.wait("client a") > 0
