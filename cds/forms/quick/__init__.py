"""The short way for the usual response: what it takes, the checks find nothing wrong with."""
