"""A worker of the tests: appends decisions and prints each hookInstance once it is acknowledged."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

sys.path.insert(0, str(Path(__file__).parents[2]))

from cds.store.decisions import DecisionLog
from tests.store.plain import plain


def main() -> None:
    """Append `count` decisions of one client from `threads` threads."""
    url, client, count, threads = sys.argv[1:]
    said = Lock()
    with DecisionLog(url, create=True, timeout_s=30) as log:

        def append(number: int) -> None:
            stored = log.append(plain(client, number, f"response {client}-{number}".encode() * 100))
            with said:
                print(f"{client}-{number}", type(stored).__name__, flush=True)  # noqa: T201 - read by the test

        with ThreadPoolExecutor(int(threads)) as pool:
            list(pool.map(append, range(int(count))))


if __name__ == "__main__":
    main()
