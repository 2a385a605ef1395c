"""``alatau demo``: a day of Alatau planned through the service, and shown."""
