"""One file per command of the command line, loaded when it is called."""
