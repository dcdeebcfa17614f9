"""What every model is held to: rules of dbt-score, run by `make lint`."""
