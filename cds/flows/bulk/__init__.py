"""Many responses, in parts: from files to files, on any number of workers, restartable."""
