{{ config(materialized='livro', meta={'de_todas_as_datas': true}) }}

{#- No CTEs for the tables of the book: PostgreSQL would write out copies of them, being read twice. #}
{%- set livros = {
    'u1m': ref('book_fatura_cliente_u1m'),
    'u3m': ref('book_fatura_cliente_u3m'),
    'u6m': ref('book_fatura_cliente_u6m'),
    'u9m': ref('book_fatura_cliente_u9m'),
    'u12m': ref('book_fatura_cliente_u12m'),
} %}
{%- set grupos, numeros = [], {} %}

{{ livro_depende_de() }}
with

variaveis (numero, nome) as (
    values
    {%- for v in variaveis_do_livro() %}
    ({{ loop.index }}, '{{ v.nome }}'){{ ',' if not loop.last }}
    {%- do numeros.setdefault(v.janela, []).append(loop.index) %}
    {%- endfor %}
),

-- Of those out of time the target plays no part: they are told by its absence.
uteis as (
    select
        ref_date,
        id_cliente,
        case when particao = 'desenvolvimento' then alvo end as alvo
    from {{ ref('amostra_modelagem') }}
    where exclusao is null and particao in ('desenvolvimento', 'fora_do_tempo')
),

totais as (
    select
        count(alvo) as desenvolvimento,
        count(*) filter (where alvo = 1) as maus,
        count(*) filter (where alvo = 0) as bons,
        count(*) filter (where alvo is null) as fora_do_tempo
    from uteis
),

{%- for janelas in janelas_por_consulta(livros) %}
{%- set g = janelas[0] if janelas | length == 1 else 'todas' %}
{%- set nomes, medias = {}, {} %}
{%- for janela in janelas %}
{%- set dela = variaveis_do_livro(janela) %}
{%- do nomes.update({janela: dela | map(attribute='nome') | list}) %}
{#- An average of quotients has other last digits when they are added in another order: equal
    averages would be told apart. #}
{%- do medias.update({janela: dela | selectattr('medida', 'equalto', 'percentual_pago')
    | selectattr('agregacao', 'equalto', 'media') | map(attribute='nome') | list}) %}

{{ janela }}_uteis as (
    select
        u.alvo,
        {{ nomes[janela] | map('replace', janela ~ '_', 'l.' ~ janela ~ '_', 1) | join(',\n        ') }}
    from uteis as u
    inner join {{ livros[janela] }} as l
        on u.ref_date = l.ref_date and u.id_cliente = l.id_cliente
),
{%- endfor %}

{{ g }}_valores as (
    {%- for janela in janelas %}
    {{ despivotar(
        janela ~ '_uteis', ['alvo'], nomes[janela], 'alvo is not null', medias[janela],
        numeros[janela],
    ) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ g }}_distintos as (
    select
        numero,
        valor,
        count(*) filter (where alvo = 1) as maus,
        count(*) filter (where alvo = 0) as bons
    from {{ g }}_valores
    group by numero, valor
),

{{ g }}_acumulados as {{ calculada_uma_vez() }} (
    select
        numero,
        valor,
        maus,
        bons,
        cast(sum(maus) over ate_o_valor as bigint) as maus_ate,
        cast(sum(bons) over ate_o_valor as bigint) as bons_ate,
        cast(sum(maus) over (partition by numero) as bigint) as maus_total,
        cast(sum(bons) over (partition by numero) as bigint) as bons_total
    from {{ g }}_distintos
    window
        ate_o_valor as (
            partition by numero
            order by valor
            rows between unbounded preceding and current row
        )
),

{{ g }}_curvas as (
    select
        numero,
        {{ area_sob_a_curva('maus', 'bons', 'bons_ate') }} as auc,
        {{ distancia_maxima('maus_ate', 'bons_ate', 'maus_total', 'bons_total') }} as ks,
        {%- for decil in range(1, 10) %}
        {{ percentil_acumulado('valor', 'maus_ate + bons_ate', 'maus_total + bons_total', decil, 10) }}
            as d{{ decil }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ g }}_acumulados
    group by numero
),

-- A value equal to a decile lies below it; where the development has no value at all, those out of
-- time all lie above.
{{ g }}_valores_fora as (
    {%- for janela in janelas %}
    {{ despivotar(
        janela ~ '_uteis', [], nomes[janela], 'alvo is null', medias[janela], numeros[janela]
    ) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

{{ g }}_nas_faixas as (
    select
        a.numero,
        {{ faixa_do_decil('a.valor', 'c.d') }} as faixa,
        a.maus,
        a.bons,
        0 as fora_do_tempo
    from {{ g }}_acumulados as a
    inner join {{ g }}_curvas as c on a.numero = c.numero
    union all
    select
        v.numero,
        {{ faixa_do_decil('v.valor', 'c.d') }} as faixa,
        0 as maus,
        0 as bons,
        1 as fora_do_tempo
    from {{ g }}_valores_fora as v
    left join {{ g }}_curvas as c on v.numero = c.numero
),

{{ g }}_faixas as (
    select
        numero,
        faixa,
        sum(maus) as maus,
        sum(bons) as bons,
        sum(fora_do_tempo) as fora_do_tempo
    from {{ g }}_nas_faixas
    group by numero, faixa
),
{%- do grupos.append(g) %}
{%- endfor %}

faixas as (
    {%- for g in grupos %}
    select * from {{ g }}_faixas
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

preenchidas as (
    select
        f.numero,
        sum(f.maus) as maus,
        sum(f.bons) as bons,
        sum(f.fora_do_tempo) as fora_do_tempo,
        sum({{ parcela_de_divergencia('f.maus', 't.maus', 'f.bons', 't.bons') }}) as iv,
        sum({{ parcela_de_divergencia(
            'f.fora_do_tempo', 't.fora_do_tempo', 'f.maus + f.bons', 't.desenvolvimento'
        ) }}) as psi
    from faixas as f
    cross join totais as t
    group by f.numero
),

curvas as (
    {%- for g in grupos %}
    select
        numero,
        auc,
        ks
    from {{ g }}_curvas
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- A variable that is null in every row has none so far, and all rows in the bin of null.
contadas as (
    select
        v.nome,
        t.desenvolvimento,
        t.maus as maus_total,
        t.bons as bons_total,
        t.fora_do_tempo as fora_total,
        coalesce(p.maus, 0) as maus,
        coalesce(p.bons, 0) as bons,
        coalesce(p.fora_do_tempo, 0) as fora_do_tempo,
        coalesce(p.iv, 0) as iv,
        coalesce(p.psi, 0) as psi,
        c.auc,
        c.ks
    from variaveis as v
    cross join totais as t
    left join preenchidas as p on v.numero = p.numero
    left join curvas as c on v.numero = c.numero
    where t.desenvolvimento > 0
),

-- What is null is a bin of its own.
poder_variaveis as (
    select
        nome,
        cast(desenvolvimento as bigint) as qtd,
        cast(maus as bigint) as qtd_mau,
        cast(bons as bigint) as qtd_bom,
        least(maus, bons) < 30 as amostra_pequena,
        100 * {{ razao('maus + bons', 'desenvolvimento') }} as preenchimento,
        auc,
        {{ gini('auc') }} as gini,
        ks,
        case
            when maus_total > 0 and bons_total > 0
                then {{ em_double('iv + ' ~ parcela_de_divergencia(
                    'maus_total - maus', 'maus_total', 'bons_total - bons', 'bons_total'
                )) }}
        end as iv,
        case
            when fora_total > 0
                then {{ em_double('psi + ' ~ parcela_de_divergencia(
                    'fora_total - fora_do_tempo', 'fora_total',
                    'desenvolvimento - maus - bons', 'desenvolvimento',
                )) }}
        end as psi
    from contadas
)

select * from poder_variaveis
