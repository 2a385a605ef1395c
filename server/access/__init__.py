"""Who may call, and how much: identities, keys, tokens, limits."""
