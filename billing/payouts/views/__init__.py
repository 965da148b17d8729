"""The pages of payouts: the lab's, the platform's, and the reconciliation."""
