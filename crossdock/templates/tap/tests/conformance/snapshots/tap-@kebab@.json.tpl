{
 "orders": {
  "key": [
   "id"
  ],
  "properties": {
   "_crossdock_read_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   },
   "cancelled_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   },
   "currency": {
    "type": [
     "string",
     "null"
    ]
   },
   "email": {
    "type": [
     "string",
     "null"
    ]
   },
   "id": {
    "type": [
     "string"
    ]
   },
   "lines": {
    "items": {},
    "type": [
     "array",
     "null"
    ]
   },
   "note": {
    "type": [
     "string",
     "null"
    ]
   },
   "number": {
    "type": [
     "string",
     "null"
    ]
   },
   "payment_status": {
    "type": [
     "string",
     "null"
    ]
   },
   "placed_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   },
   "ship_to": {
    "additionalProperties": true,
    "type": [
     "object",
     "null"
    ]
   },
   "shipping": {
    "type": [
     "string",
     "null"
    ]
   },
   "shipping_method": {
    "type": [
     "string",
     "null"
    ]
   },
   "status": {
    "type": [
     "string",
     "null"
    ]
   },
   "test": {
    "type": [
     "boolean",
     "null"
    ]
   },
   "total": {
    "type": [
     "string",
     "null"
    ]
   },
   "updated_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   }
  },
  "replication_key": "updated_at"
 },
 "parcels": {
  "key": [
   "id"
  ],
  "properties": {
   "_crossdock_read_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   },
   "carrier": {
    "type": [
     "string",
     "null"
    ]
   },
   "external_id": {
    "type": [
     "string",
     "null"
    ]
   },
   "id": {
    "type": [
     "string"
    ]
   },
   "order_id": {
    "type": [
     "string",
     "null"
    ]
   },
   "shipped_at": {
    "type": [
     "string",
     "null"
    ]
   },
   "tracking_number": {
    "type": [
     "string",
     "null"
    ]
   },
   "tracking_url": {
    "type": [
     "string",
     "null"
    ]
   },
   "updated_at": {
    "format": "date-time",
    "type": [
     "string",
     "null"
    ]
   }
  },
  "replication_key": "updated_at"
 }
}
