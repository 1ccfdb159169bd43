"""Who may call, and whom we call: tokens, keys, limits, outbound requests, the EHR."""
