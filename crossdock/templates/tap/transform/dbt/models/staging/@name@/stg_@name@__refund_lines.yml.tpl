models:
  - name: stg_@name@__refund_lines
    description: @title@ tells of no refunds.
