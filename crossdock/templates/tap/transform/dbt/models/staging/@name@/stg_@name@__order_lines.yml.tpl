models:
  - name: stg_@name@__order_lines
    description: Lines of the orders of @title@.
    config: {tags: [orders_path]}
