models:
  - name: stg_@name@__return_lines
    description: @title@ tells of no returns.
