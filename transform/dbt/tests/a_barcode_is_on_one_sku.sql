{{ config(severity='warn') }}

-- One barcode on several SKUs identifies none of them, and who scans it picks the wrong thing.
select * from {{ ref('int_item_duplicates') }}
where problem = 'barcode'
