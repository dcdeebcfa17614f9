models:
  - name: stg_@name@__listings
    description: @title@ tells of no listings.
    config: {tags: [orders_path]}
