"""One file a route, and the gates that every request passes first."""
