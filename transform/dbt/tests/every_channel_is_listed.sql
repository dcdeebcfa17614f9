-- An account whose system sells, but is not in CROSSDOCK_CHANNELS: its orders would land unheard.
{% set unheard = unlisted_channels() if execute else [] %}
{% for system in unheard %}
select '{{ system }}' as channel
{{ 'union all' if not loop.last }}
{%- else %}
select null as channel
where false
{%- endfor %}
