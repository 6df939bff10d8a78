with

feriados as (
    select * from {{ ref('int_calendario__feriados') }}
),

dias_do_calendario as (
    {{ dbt_utils.date_spine(
        datepart='day',
        start_date="cast('1990-01-01' as date)",
        end_date="cast('2046-01-01' as date)"
    ) }}
),

dias as (
    select cast(date_day as date) as data
    from dias_do_calendario
),

partes as (
    select
        dias.data,
        {{ data_para_inteiro('dias.data') }} as sk_data,
        cast(extract(day from dias.data) as integer) as dia,
        cast(extract(month from dias.data) as integer) as mes,
        cast(extract(year from dias.data) as integer) as ano,
        cast(extract(quarter from dias.data) as integer) as trimestre,
        {{ dia_da_semana_iso('dias.data') }} as dia_iso,
        feriados.data_feriado is not null as feriado_nacional
    from dias
    left join feriados on dias.data = feriados.data_feriado
),

-- Names are written out: a date format would speak the language of the server's locale.
dias_conhecidos as (
    select
        sk_data,
        data,
        dia,
        mes,
        ano,
        trimestre,
        case when mes <= 6 then 1 else 2 end as semestre,
        case dia_iso
            when 1 then 'SEGUNDA-FEIRA'
            when 2 then 'TERÇA-FEIRA'
            when 3 then 'QUARTA-FEIRA'
            when 4 then 'QUINTA-FEIRA'
            when 5 then 'SEXTA-FEIRA'
            when 6 then 'SÁBADO'
            when 7 then 'DOMINGO'
        end as dia_da_semana,
        case mes
            when 1 then 'JANEIRO'
            when 2 then 'FEVEREIRO'
            when 3 then 'MARÇO'
            when 4 then 'ABRIL'
            when 5 then 'MAIO'
            when 6 then 'JUNHO'
            when 7 then 'JULHO'
            when 8 then 'AGOSTO'
            when 9 then 'SETEMBRO'
            when 10 then 'OUTUBRO'
            when 11 then 'NOVEMBRO'
            when 12 then 'DEZEMBRO'
        end as nome_mes,
        cast(ano as {{ dbt.type_string() }})
        || '-'
        || lpad(cast(mes as {{ dbt.type_string() }}), 2, '0') as ano_mes,
        dia_iso in (6, 7) as fim_de_semana,
        feriado_nacional,
        dia_iso not in (6, 7) and not feriado_nacional as dia_util
    from partes
),

-- The member that a fact points to when it has no date. Its flags are false, not null, so that
-- `where dia_util` and `where not dia_util` split the facts with nothing left over.
dia_desconhecido as (
    select
        0 as sk_data,
        cast(null as date) as data,
        cast(null as integer) as dia,
        cast(null as integer) as mes,
        cast(null as integer) as ano,
        cast(null as integer) as trimestre,
        cast(null as integer) as semestre,
        'DESCONHECIDO' as dia_da_semana,
        'DESCONHECIDO' as nome_mes,
        'DESCONHECIDO' as ano_mes,
        false as fim_de_semana,
        false as feriado_nacional,
        false as dia_util
),

dim_data as (
    select
        sk_data,
        data,
        dia,
        mes,
        ano,
        trimestre,
        semestre,
        dia_da_semana,
        nome_mes,
        ano_mes,
        fim_de_semana,
        feriado_nacional,
        dia_util
    from dias_conhecidos
    union all
    select
        sk_data,
        data,
        dia,
        mes,
        ano,
        trimestre,
        semestre,
        dia_da_semana,
        nome_mes,
        ano_mes,
        fim_de_semana,
        feriado_nacional,
        dia_util
    from dia_desconhecido
)

select * from dim_data
