"""The knowledge packs: read, checked, proven and shown."""
