select
    safra,
    produto,
    max(contratos) as contratos,
    max(percentual_ever30) filter (where mob = 1) as mais_de_30_dias_no_mes_1,
    max(percentual_ever30) filter (where mob = 3) as mais_de_30_dias_no_mes_3,
    max(percentual_ever30) filter (where mob = 6) as mais_de_30_dias_no_mes_6,
    max(percentual_ever30) filter (where mob = 9) as mais_de_30_dias_no_mes_9,
    max(percentual_ever30) filter (where mob = 12) as mais_de_30_dias_no_mes_12
from pub_risco.safra
group by safra, produto
order by safra, produto
