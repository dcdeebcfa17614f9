models:
  - name: stg_@name@__fulfillment_request_lines
    description: Lines of what is to be shipped; all lines of the order.
    config: {tags: [orders_path]}
