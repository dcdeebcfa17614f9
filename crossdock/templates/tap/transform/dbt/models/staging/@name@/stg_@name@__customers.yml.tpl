models:
  - name: stg_@name@__customers
    description: @title@ tells of no customers; its buyers are known by their orders.
