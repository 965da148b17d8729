"""Pages of bills: the customer's money, the lab's side of a bill, refunds by hand."""
