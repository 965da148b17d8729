"""A customer's rentals as pages: holding, what is ahead, one rental and what may be done with it."""
