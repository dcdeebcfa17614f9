- name: tap-@kebab@
  namespace: tap_@name@
  executable: tap-@kebab@
  capabilities: [about, state]
  load_schema: raw_@name@_main
  settings:
  - {name: instance, value: "@name@:main"}
  - {name: api_url}
  - {name: access_token, sensitive: true}
  - {name: start_date, kind: date_iso8601}
  - {name: share, kind: decimal}
