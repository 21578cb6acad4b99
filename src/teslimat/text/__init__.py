"""Short message text: which alphabet it needs, how many parts it fills, what goes on the air."""
