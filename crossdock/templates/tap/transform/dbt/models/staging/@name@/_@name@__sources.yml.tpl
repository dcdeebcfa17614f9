version: 2

sources:
  - name: @name@
    description: @title@, as tap-@kebab@ lands it; `raw()` unions its accounts.
    schema: raw_@name@_main
    config:
      # Also a run that brought nothing leaves a row there; the account loaded longest ago counts.
      loaded_at_query: |
        select min(loaded_at) from (
          select schema_name, max(loaded_at) as loaded_at
          from _crossdock.load_log
          where schema_name like 'raw_@name@_%'
          group by schema_name
        )
      freshness:
        warn_after: {count: 1, period: hour}
        error_after: {count: 1, period: day}
    tables:
      - name: orders
        description: An order with its lines.
        columns:
          - {name: id, data_type: varchar}
          - {name: number, data_type: varchar}
          - {name: status, data_type: varchar}
          - {name: payment_status, data_type: varchar}
          - {name: test, data_type: boolean}
          - {name: placed_at, data_type: timestamptz}
          - {name: updated_at, data_type: timestamptz}
          - {name: cancelled_at, data_type: timestamptz}
          - {name: currency, data_type: varchar}
          - {name: email, data_type: varchar}
          - {name: note, data_type: varchar}
          - {name: shipping_method, data_type: varchar}
          - {name: shipping, data_type: varchar}
          - {name: total, data_type: varchar}
          - {name: ship_to, data_type: json}
          - {name: lines, data_type: json}
      - name: parcels
        description: A tracking number that the account was told.
        columns:
          - {name: id, data_type: varchar}
          - {name: external_id, data_type: varchar}
          - {name: order_id, data_type: varchar}
          - {name: tracking_number, data_type: varchar}
          - {name: carrier, data_type: varchar}
          - {name: tracking_url, data_type: varchar}
          - {name: shipped_at, data_type: varchar}
          - {name: updated_at, data_type: timestamptz}
