"""The digital account's data, made in SQL: FintechDB in PostgreSQL, or its facts in DuckDB.

Everything is drawn from hashes of row numbers, so that the same sizes give the same rows. The
source holds 18 months, in which entries, payments and calls are spread evenly; nothing in it is
faulty but what happens to be late, pending or failed. The facts are what models read, as core has
them.
"""

TABELAS = (
    "users",
    "user_profiles",
    "kyc_results",
    "user_documents",
    "accounts",
    "transactions",
    "loans",
    "loan_payments",
    "payments",
    "third_party_calls",
    "audit_logs",
)
EXATAS = {
    "amount": "decimal(20, 4)",
    "balance": "decimal(20, 4)",
    "amount_requested": "decimal(20, 4)",
    "amount_approved": "decimal(20, 4)",
    "interest_rate": "decimal(18, 10)",
}
"""Columns whose numbers a copy has to keep exact, and how."""

INICIO, FIM = "2025-01-01", "2026-07-01"
"""The 18 months of the source; what follows is its next day."""
LANCAMENTOS_POR_CONTA = 20
PARCELAS = 24
UM_EM = 500
"""One row in so many comes anew on the next day."""

_DO_INICIO = f"timestamptz '{INICIO} 03:00Z'"
_DURA = f"(timestamptz '{FIM} 03:00Z' - {_DO_INICIO})"

FONTE = (
    """
    create function sorte(n bigint, k bigint, ate bigint) returns bigint
    language sql immutable parallel safe return abs(hashint8extended(n, k) % ate)
    """,
    # References hold, and nobody checks each.
    "set session_replication_role = replica",
    # One user an account.
    f"""
    insert into users
    select
        cast(md5('u' || n) as uuid), 'pessoa' || n || '@exemplo.br',
        '+55 11 9' || lpad(cast(n as text), 8, '0'), 'Pessoa Número ' || n,
        date '1950-01-01' + cast(sorte(n, 1, 18000) as integer),
        {_DO_INICIO} + sorte(n, 2, 31) * interval '1 day', null,
        case when sorte(n, 3, 50) = 0 then 'blocked' else 'active' end
    from generate_series(1, {{contas}}) as n
    """,
    """
    insert into user_profiles
    select
        id, 'Rua ' || name, 'CPF', lpad(cast(row_number() over () as text), 11, '0'),
        'approved', created_at + interval '2 days'
    from users
    """,
    """
    insert into accounts (id, user_id, balance, currency, created_at, ledger_pointer)
    select row_number() over (), id, 0, 'BRL', created_at + interval '3 days', null
    from users
    """,
    f"""
    insert into kyc_results
    select
        n, cast(md5('u' || 1 + n % {{contas}}) as uuid),
        (array['Receita', 'Serasa'])[1 + n % 2],
        jsonb_build_object('status', 'ok', 'score', 300 + sorte(n, 1, 700)), 'approved',
        {_DO_INICIO} + {_DURA} * (cast(n as double precision) / {{outros}})
    from generate_series(1, {{outros}}) as n
    """,
    """
    insert into user_documents
    select
        id, user_id, (array['RG', 'CNH', 'CPF'])[1 + id % 3], 's3://docs/' || id,
        md5('d' || id), fetched_at - interval '1 hour', id
    from kyc_results
    """,
    # Between two accounts, to elsewhere, from elsewhere.
    f"""
    insert into payments
    select
        cast(md5('p' || n) as uuid),
        case when n % 3 < 2 then 1 + sorte(n, 1, {{contas}}) end,
        case
            when n % 3 <> 1
                then 1 + (1 + sorte(n, 1, {{contas}}) + sorte(n, 2, {{contas}} - 1)) % {{contas}}
        end,
        cast(1 + sorte(n, 3, 100000) / 100.0 as numeric(18, 2)),
        (array['PIX', 'PIX', 'TED', 'BOLETO', 'CARD'])[1 + n % 5],
        case sorte(n, 4, 50) when 0 then 'failed' when 1 then 'cancelled' else 'completed' end,
        'w' || n, {_DO_INICIO} + {_DURA} * (cast(n as double precision) / {{outros}})
    from generate_series(1, {{outros}}) as n
    """,
    """
    insert into transactions
    select
        cast(md5(tipo || id) as uuid), conta, amount, tipo, 'Pix ' || method, 'completed',
        cast(id as text), created_at + interval '2 seconds'
    from payments
    cross join lateral (
        values (from_account_id, 'debit'), (to_account_id, 'credit')
    ) as lados (conta, tipo)
    where status = 'completed' and conta is not null
    """,
    f"""
    insert into transactions
    select
        cast(md5('t' || n) as uuid), 1 + sorte(n, 1, {{contas}}),
        cast(1 + sorte(n, 2, 100000) / 100.0 as numeric(18, 2)),
        case when sorte(n, 3, 2) = 0 then 'credit' else 'debit' end,
        'Compra na loja ' || sorte(n, 4, 1000),
        case when sorte(n, 5, 200) = 0 then 'pending' else 'completed' end, null,
        {_DO_INICIO} + {_DURA} * (cast(n as double precision) / {{transacoes}})
    from generate_series(1, {{transacoes}} - (select count(*) from transactions)) as n
    """,
    f"""
    insert into loans
    select
        cast(md5('e' || n) as uuid), cast(md5('u' || 1 + n % {{contas}}) as uuid),
        valor, valor, {PARCELAS}, 2.5, 'funded', quando, quando + interval '1 day'
    from generate_series(1, greatest({{outros}} / {PARCELAS}, 1)) as n
    cross join lateral (
        select
            cast(1000 + sorte(n, 1, 19000) as numeric(18, 2)) as valor,
            {_DO_INICIO}
                + {_DURA} * (cast(n as double precision) * {PARCELAS} / {{outros}}) as quando
    ) as pedido
    """,
    f"""
    insert into loan_payments (loan_id, due_date, amount, status, paid_at)
    select
        id, dia, cast(amount_approved * 0.025 / (1 - 1.025 ^ -{PARCELAS}) as numeric(18, 2)),
        case when pago < timestamptz '{FIM} 03:00Z' then 'paid' else 'open' end,
        case when pago < timestamptz '{FIM} 03:00Z' then pago end
    from loans
    cross join generate_series(1, {PARCELAS}) as k
    cross join lateral (
        select cast(approved_at + k * interval '1 month' as date) as dia
    ) as vencimento
    cross join lateral (
        select
            dia + time '15:00' + case
                when hashtext(id || '/' || k) % 10 = 0 then 1 + abs(hashtext(id || '-' || k)) % 60
                else 0
            end * interval '1 day' as pago
    ) as pagamento
    """,
    f"""
    insert into third_party_calls
    select
        n, cast(md5('u' || 1 + sorte(n, 1, {{contas}})) as uuid),
        (array['Receita', 'Serasa', 'Banco Central', 'Bureau'])[1 + n % 4],
        '/v1/users/' || sorte(n, 1, {{contas}}) || '/score?full=1',
        jsonb_build_object('document', lpad(cast(n as text), 11, '0'), 'product', 'score'),
        jsonb_build_object('status', 'ok', 'code', 200, 'text', md5(cast(n as text))),
        (array['200', '200', '200', '201', '404'])[1 + sorte(n, 2, 5)],
        50 + sorte(n, 3, 400), {_DO_INICIO} + {_DURA} * (cast(n as double precision) / {{outros}})
    from generate_series(1, {{outros}}) as n
    """,
    """
    insert into audit_logs
    select
        row_number() over (), 'payments', id,
        case status when 'completed' then 'payment.settled' else 'payment.refused' end,
        jsonb_build_object('new_status', status), 'api', created_at + interval '3 seconds'
    from payments
    """,
    """
    update accounts as c set balance = s.saldo
    from (
        select account_id, sum(case type when 'credit' then amount else -amount end) as saldo
        from transactions where status = 'completed' group by account_id
    ) as s
    where c.id = s.account_id
    """,
    *(
        f"select setval(pg_get_serial_sequence('{tabela}', 'id'), (select max(id) from {tabela}))"
        for tabela in ("third_party_calls", "audit_logs")
    ),
    "vacuum analyze",
)
"""Statements that fill an empty FintechDB; `contas`, `outros` and `transacoes` are the sizes."""

_DEPOIS = f"timestamptz '{FIM} 03:00Z' + abs(hashtext(cast(id as text))) % 86400 * interval '1 s'"
_UMA_EM_TANTAS = f"where hashtext('novo' || id) % {UM_EM} = 0"
NOVO_DIA = (
    f"""
    insert into transactions
    select
        cast(md5('novo' || id) as uuid), account_id, amount, type, description, status, null,
        {_DEPOIS}
    from transactions {_UMA_EM_TANTAS}
    """,
    f"""
    insert into payments
    select
        cast(md5('novo' || id) as uuid), from_account_id, to_account_id, amount, method, 'pending',
        'novo ' || id, {_DEPOIS}
    from payments {_UMA_EM_TANTAS}
    """,
    f"""
    insert into third_party_calls (
        user_id, provider, endpoint, request_payload, response_payload, status, duration_ms,
        called_at
    )
    select
        user_id, provider, endpoint, request_payload, response_payload, status, duration_ms,
        {_DEPOIS}
    from third_party_calls {_UMA_EM_TANTAS}
    """,
    f"""
    insert into audit_logs (entity, entity_id, action, data, performed_by, "timestamp")
    select entity, md5('novo' || entity_id), 'payment.created', data, performed_by, {_DEPOIS}
    from audit_logs {_UMA_EM_TANTAS}
    """,
    f"""
    update transactions set status = 'completed'
    where status = 'pending' and created_at >= timestamptz '{FIM}' - interval '7 days'
    """,
    f"""
    update loan_payments set status = 'paid', paid_at = timestamptz '{FIM} 18:00Z'
    where due_date = date '{FIM}' and status = 'open'
    """,
    "update users set status = 'blocked' where hashtext(cast(id as text)) % 5000 = 0",
    """
    update accounts as c set balance = s.saldo
    from (
        select account_id, sum(case type when 'credit' then amount else -amount end) as saldo
        from transactions where status = 'completed' group by account_id
    ) as s
    where c.id = s.account_id and c.balance <> s.saldo
    """,
)
"""The source's next day: one row in 500 more, and states that change."""

REF_DATE = "2026-07-01"
"""Facts end before it."""
MESES = 36
"""Months of the portfolio: loans are paid out in the first twelve of them."""

_NINGUEM = "cast('00000000-0000-0000-0000-000000000000' as uuid)"
_DA_CARGA = "null as excluido_na_fonte_em, timestamp '2026-07-01' as data_hora_atualizacao_registro"
LANCAMENTOS = f"""
    create or replace table fact_transacao as
    with sorteados as (
        select
            i, hash(i) as h, (h // 7) % ({{n}} // {LANCAMENTOS_POR_CONTA} + 1) as conta,
            timestamp '{INICIO}' + to_seconds(i * 540 * 86400.0 / {{n}}) as criada_em,
            cast(criada_em - interval 3 hour as date) as data_transacao
        from range({{n}}) as t (i)
    )
    select
        cast(md5('c' || conta) as uuid) as sk_conta_digital,
        cast(strftime(data_transacao, '%Y%m%d') as integer) as sk_data,
        cast(cast(md5('t' || i) as uuid) as varchar) as id_transacao,
        cast(conta as varchar) as id_conta, 'BRL' as moeda,
        case when h % 2 = 0 then 'credito' else 'debito' end as tipo,
        cast((100 + h // 11 % 100000) / 100.0 as decimal(18, 2)) as valor,
        cast(case when tipo = 'credito' then valor else -valor end as decimal(18, 2))
            as valor_assinado,
        'LIQUIDADA' as situacao, true as afeta_saldo, 'outros' as categoria, null as id_externo,
        data_transacao, criada_em,
        {_DA_CARGA}, 1 as _carga_id
    from sorteados
"""
EMPRESTIMOS = f"""
    create or replace table fact_emprestimo as
    with sorteados as (
        select
            i, hash(i) as h,
            cast(
                date '{REF_DATE}' - to_months({MESES} - i * 12 // {{n}})
                + to_days(cast(h % 28 as integer)) as date
            ) as dia
        from range({{n}}) as t (i)
    )
    select
        {_NINGUEM} as sk_usuario, cast(cast(md5('e' || i) as uuid) as varchar) as id_emprestimo,
        cast(cast(md5('u' || i) as uuid) as varchar) as id_usuario, 'NAO INFORMADO' as produto,
        cast(1000 + h // 3 % 19000 as decimal(18, 2)) as valor_solicitado,
        valor_solicitado as valor_aprovado, {PARCELAS} as prazo_meses, 2.5 as taxa_juros,
        0.025 as taxa_mensal, 'DESEMBOLSADO' as situacao, dia as data_desembolso,
        'aprovacao' as fonte_desembolso,
        case when h // 5 % 200 = 0 then cast(dia + to_days(500) as date) end as data_baixa,
        cast(dia as timestamp) as criado_em, cast(dia as timestamp) as aprovado_em,
        null as excluido_na_fonte_em, 1 as _carga_id
    from sorteados
"""
# Of ten instalments one is paid late; of twenty loans one is paid no more from some instalment on.
PARCELAS_DOS_EMPRESTIMOS = f"""
    create or replace table fact_parcela as
    with sorteadas as (
        select
            e.*, numero, hash(id_emprestimo || numero) as h, hash(id_emprestimo) as do_emprestimo,
            cast(data_desembolso + to_months(cast(numero as integer)) as date) as data_vencimento,
            case
                when do_emprestimo % 20 = 0 and numero > do_emprestimo // 20 % {PARCELAS} then null
                when h % 10 = 0 then data_vencimento + to_days(cast(1 + h // 10 % 90 as integer))
                else data_vencimento - to_days(cast(h // 10 % 3 as integer))
            end as paga_em
        from fact_emprestimo as e, range(1, {PARCELAS} + 1) as p (numero)
    )
    select
        id_emprestimo || '/' || numero as id_parcela, id_emprestimo,
        cast(numero as integer) as numero, data_vencimento,
        cast(case
            when do_emprestimo // 7 % 4 = 0
                then valor_aprovado / {PARCELAS} * (1 + ({PARCELAS} - numero + 1) * 0.025)
            else valor_aprovado * 0.025 / (1 - 1.025 ** -{PARCELAS})
        end as decimal(18, 2)) as valor,
        case when paga_em < date '{REF_DATE}' then 'PAGA' else 'ABERTA' end as situacao,
        case when paga_em < date '{REF_DATE}' then cast(paga_em as timestamp) + interval 15 hour end
            as pago_em,
        cast(pago_em as date) as data_paga, null as excluido_na_fonte_em, 1 as _carga_id
    from sorteadas
"""
# Eight providers with three endpoints each. Of a hundred calls two are bad, and half of these asked
# again five seconds after they began.
CHAMADAS = """
    create or replace table fact_chamada_terceiro as
    with numeradas as (
        select
            i, hash(i) as h,
            i > 0 and hash(i - 1) % 100 < 2 and hash(i - 1) // 100 % 2 = 0 as repete,
            case when repete then i - 1 else i end as pedido, hash(pedido) as p,
            timestamp '2025-01-01' + to_microseconds(pedido * (46656000000000 // {n}))
            + case when repete then interval 5 second else interval 0 second end as chamada_em
        from range({n}) as t (i)
    )
    select
        cast('00000000-0000-0000-0000-000000000000' as uuid) as sk_usuario,
        cast(strftime(cast(chamada_em - interval 3 hour as date), '%Y%m%d') as integer) as sk_data,
        cast(i as varchar) as id_chamada, cast(p // 9 % 100000 as varchar) as id_usuario,
        'provedor ' || p % 8 as provedor, '/v1/servico' || p // 8 % 3 || '/{{id}}' as endpoint,
        case h % 100
            when 0 then 'erro_servidor' when 1 then 'erro_servidor' when 2 then 'erro_cliente'
            else 'ok'
        end as resultado,
        h % 100 < 2 as ruim, md5(cast(pedido as varchar)) as requisicao_resumo,
        cast(20 + power(h // 13 % 1000 / 1000.0, 4) * 2000 as bigint) as duracao_ms, chamada_em,
        null as excluido_na_fonte_em, timestamp '2026-07-01' as data_hora_atualizacao_registro,
        1 as _carga_id
    from numeradas
"""
