- name: tap-@kebab@
  config:
    api_url: $@NAME@_URL
    access_token: $@NAME@_TOKEN
