models:
  - name: stg_@name@__parcels
    description: "Parcels that @title@ was told of: what the sync of parcels is compared with."
    columns:
      - name: destination_id
        description: Id of the record there
        data_tests: [not_null]
      - name: read_at
        description: When the record was read; what we wrote later is newer
        data_tests: [not_null]
