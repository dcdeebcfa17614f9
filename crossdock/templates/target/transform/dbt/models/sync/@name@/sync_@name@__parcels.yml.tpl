models:
  - name: sync_@name@__parcels
    description: What @title@ should have been told of each parcel of its orders.
    config:
      meta:
        sync:
          version: 1
          destination: @name@
          object: parcels
          key: parcel_id
          match_on: [external_id]
          observed: stg_@name@__parcels
          write_mode: create_only
          fields:
            external_id: {policy: write_once}
            order_id: {policy: write_once}
            tracking_number: {policy: write_once}
            carrier: {policy: write_once}
            tracking_url: {policy: write_once}
            shipped_at: {policy: write_once, normalise: datetime}
          on_drift: keep
          max_age: 1d
    data_tests:
      - unique:
          name: sync_@name@__parcels_one_row_per_parcel
          arguments:
            column_name: "destination_instance || '/' || parcel_id"
    columns:
      - name: parcel_id
        data_type: varchar
        description: Our id of the parcel; the key
        constraints: [{type: not_null}]
      - name: destination_instance
        data_type: varchar
        description: Account that the record is for
        constraints: [{type: not_null}]
      - name: destination_id
        data_type: varchar
        description: Id of the record there, if known
      - name: external_id
        data_type: varchar
        description: Our id of the parcel, by which it is found there
      - name: order_id
        data_type: varchar
        description: The channel's own id of the order
      - name: tracking_number
        data_type: varchar
        description: Tracking number
      - name: carrier
        data_type: varchar
        description: Carrier, as the warehouse names it
      - name: tracking_url
        data_type: varchar
        description: Page that shows where the parcel is
      - name: shipped_at
        data_type: varchar
        description: When the parcel left
