models:
  - name: stg_@name@__fulfillment_requests
    description: What is to be shipped of each order of @title@; one request for each order.
    config: {tags: [orders_path]}
