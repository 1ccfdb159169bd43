"""Made-up responses, bundles and hook calls: seeded, valid, and of nobody."""
