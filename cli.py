"""The door of a checkout: `python cli.py …` does what an installed `cramp-cds …` does."""

import sys

from cds.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
