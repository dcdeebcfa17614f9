"""What the records look like; fields that the API has beside these are handed on as they are."""

from __future__ import annotations

from crossdock.tap import record

TRACKERS = record(
    "id",
    text="object mode tracking_code status status_detail signed_by shipment_id carrier public_url",
    time="created_at updated_at est_delivery_date",
    number="weight",
    boolean="is_return finalized",
    obj="carrier_detail",
    array="tracking_details fees delivery_evidence",
)

ADDRESSES = record(
    "id",
    text=(
        "object mode name company street1 street2 city state zip country phone email "
        "carrier_facility federal_tax_id state_tax_id"
    ),
    time="created_at updated_at",
    boolean="residential",
    obj="verifications",
)

SHIPMENTS = record(
    "id",
    text=(
        "object mode reference status tracking_code tracker_id batch_id batch_status batch_message "
        "insurance order_id refund_status"
    ),
    time="created_at updated_at",
    integer="usps_zone",
    boolean="is_return",
    obj=(
        "options customs_info from_address to_address return_address buyer_address parcel "
        "postage_label selected_rate scan_form"
    ),
    array="messages rates forms fees tax_identifiers",
)
