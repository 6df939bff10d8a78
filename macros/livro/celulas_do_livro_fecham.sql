{#
    One row per customer and ref_date whose cells of a window do not add up: each invoice has one
    class of each kind, so the classes' counts and sums give those of all invoices; a minimum is
    not above its maximum; a measure is null where, and but for the percentage of a zero
    invoice only where, the count is 0.
#}
{% test celulas_do_livro_fecham(model, janela) %}
    {%- set definicao = definicao_do_livro() -%}
    {%- set somas = ['qtd_faturas', 'valor_fatura_soma', 'valor_pagamento_minimo_soma'] -%}
    select
        ref_date,
        id_cliente
    from {{ model }}
    where
        false
        {%- for tipo in ['classe_prazo', 'classe_valor'] %}
        {%- for soma in somas %}
        or coalesce({{ janela }}_geral_{{ soma }}, 0) <> (
            0
            {%- for recorte, do_recorte in definicao.recortes.items() if do_recorte.coluna == tipo %}
            + coalesce({{ janela }}_{{ recorte }}_{{ soma }}, 0)
            {%- endfor %}
        )
        {%- endfor %}
        {%- endfor %}
        {%- for v in variaveis_do_livro(janela) if v.agregacao != 'contagem' %}
        {%- set qtd = v.janela ~ '_' ~ v.recorte ~ '_qtd_faturas' %}
        or ({{ v.nome }} is not null and {{ qtd }} = 0)
        {%- if v.medida != 'percentual_pago' %}
        or ({{ v.nome }} is null and {{ qtd }} > 0)
        {%- endif %}
        {%- if v.agregacao == 'min' %}
        or {{ v.nome }} > {{ v.nome[:-3] }}max
        {%- endif %}
        {%- endfor %}
{% endtest %}
