"""What an operator sees of the service: the ledger of decisions, metrics, log lines."""
