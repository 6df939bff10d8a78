with

horas as (
    select
        provedor,
        endpoint,
        inicio_janela,
        chamadas,
        ruins,
        inicio_janela - row_number() over (
            partition by provedor, endpoint
            order by inicio_janela
        ) * interval '1 hour' as sequencia
    from pub_plataforma.sli_terceiro
    where
        janela = 'hora'
        and chamadas >= 5
        and 2 * ruins >= chamadas
)

select
    provedor,
    endpoint,
    min(inicio_janela) as comeco,
    max(inicio_janela) + interval '1 hour' as fim,
    count(*) as horas,
    sum(chamadas) as chamadas,
    sum(ruins) as ruins
from horas
group by provedor, endpoint, sequencia
order by comeco, provedor, endpoint
