- name: target-@kebab@
  config:
    api_url: $CROSSDOCK_SANDBOX_URL/@name@
    access_token: @name@-sandbox
    share: 1
    rollout: live
