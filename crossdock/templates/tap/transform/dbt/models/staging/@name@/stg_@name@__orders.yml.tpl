models:
  - name: stg_@name@__orders
    description: Orders of @title@, in the words that all channels share.
    config: {tags: [orders_path]}
