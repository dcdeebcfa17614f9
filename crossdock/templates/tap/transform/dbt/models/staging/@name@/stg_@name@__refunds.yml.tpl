models:
  - name: stg_@name@__refunds
    description: @title@ tells of no refunds.
