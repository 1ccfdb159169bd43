"""Python imports this before anything else where its folder is on PYTHONPATH: the clock is moved.

CRAMP_TESTS_CLOCK says to when (ISO 8601 with its offset); from there it runs on. What the tests
start in Python moves with them; what is not Python (PostgreSQL, a browser) keeps the real time.
"""

import os
from datetime import datetime

import time_machine

time_machine.travel(datetime.fromisoformat(os.environ["CRAMP_TESTS_CLOCK"]), tick=True).start()
