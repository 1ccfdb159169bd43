"""The shipped pack, and how it reads a record."""

import pytest

from cds.core.pack import Pack
from cds.knowledge.read.pack import find_pack
from cds.record.compile import compile_record
from cds.record.rules import RecordRules


@pytest.fixture(scope="session")
def pack() -> Pack:
    return find_pack("cramps")


@pytest.fixture(scope="session")
def rules(pack: Pack) -> RecordRules:
    return compile_record(pack.record)
