select
    id_conta,
    saldo_fonte,
    saldo_recalculado,
    valor_pendente,
    diferenca
from pub_reconciliacao.rec_saldo
where classe = 'divergente'
order by abs(diferenca) desc, id_conta
