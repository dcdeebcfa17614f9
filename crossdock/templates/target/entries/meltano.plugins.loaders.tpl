- name: target-@kebab@
  namespace: target_@name@
  executable: target-@kebab@
  settings:
  - {name: instance, value: "@name@:main"}
  - {name: api_url}
  - {name: access_token, sensitive: true}
  - {name: share, kind: decimal}
  - {name: rollout, kind: string}
