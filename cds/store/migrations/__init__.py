"""The schema of the decision log, version by version; run by `cds.store.migrate`."""
