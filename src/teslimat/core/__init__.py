"""The pure middle of the house: what an order, a recipient and an outcome are, and what may happen to them."""
