"""People, their API tokens and their quotas."""
