"""What the service promises and asks for: discovery, capability, prefetch, shapes."""
