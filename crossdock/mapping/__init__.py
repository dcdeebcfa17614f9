"""The map of the fields: what each field of a destination comes from, read from the models."""
