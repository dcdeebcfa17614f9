- name: plan-@kebab@
  inherit_from: tap-canonical
  config: {destination: "@name@:main"}
