models:
  - name: stg_@name@__returns
    description: @title@ tells of no returns.
