"""The table of differences from HAPI: python -m tests.hapi.table FOLDER [PAIRS].

FOLDER keeps HAPI's jars and the pairs. Wants Java 17 and Maven.
"""

import sys
from pathlib import Path

from tests.hapi.differences import KNOWN
from tests.hapi.hapi import libraries
from tests.hapi.test_hapi_beside_oracle import PAIRS, compared


def main() -> None:
    """Print how often HAPI and the oracle differ, by known difference."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    count = int(sys.argv[2]) if len(sys.argv) > 2 else PAIRS
    seen = compared(libraries(folder), folder, count)
    lines = [f"{seen.pop('none', 0)} of {count} pairs are judged alike", ""]
    lines += [f"{seen.pop(one['id'], 0):5} {one['id']} (right: {one['right']})" for one in KNOWN]
    lines += [f"{many:5} {told}" for told, many in seen.items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
