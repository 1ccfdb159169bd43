"""What a notebook does: frames of lines in, decisions out. Run with a Spark of its own.

Arguments: the master, the archive, the time, the responses, and then files of the record.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from cds.bulk.cluster import session
from cds.bulk.spark import assess_frame

master, archive, now, responses, *record = sys.argv[1:]
spark = session(master, Path(archive))
try:
    # A lone carriage return is a space of JSON and ends no line.
    read = spark.read.option("lineSep", "\n").text
    beside = read(record) if record else None
    found = assess_frame(read(responses), record=beside, now=datetime.fromisoformat(now))
    for row in found.collect():
        kept = {"level": row.level, "record": row.record, "rules": row.rules}
        inner = {
            name: text and json.loads(text)
            for name, text in (("decision", row.decision), ("fault", row.fault))
        }
        sys.stdout.write(json.dumps({**kept, **inner}) + "\n")
finally:
    spark.stop()
