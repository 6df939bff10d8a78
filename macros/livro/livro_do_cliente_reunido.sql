{#
    The five tables of the customer book side by side. Each holds the same customers of the same
    ref_dates, so no row is lost or doubled; the keys come from the first.
#}
{% macro livro_do_cliente_reunido() -%}
    {%- set janelas = definicao_do_livro().janelas.keys() | list -%}
select
    {{ janelas[0] }}.ref_date,
    {{ janelas[0] }}.id_cliente,
    {%- for v in variaveis_do_livro() %}
    {{ v.janela }}.{{ v.nome }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('book_fatura_cliente_' ~ janelas[0]) }} as {{ janelas[0] }}
{%- for janela in janelas[1:] %}
inner join {{ ref('book_fatura_cliente_' ~ janela) }} as {{ janela }}
    on
        {{ janelas[0] }}.ref_date = {{ janela }}.ref_date
        and {{ janelas[0] }}.id_cliente = {{ janela }}.id_cliente
{%- endfor %}
{%- endmacro %}
