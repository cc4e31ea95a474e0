"""Pure decisions about the values of customers' fields."""
