"""The digital account's database, with a few rows of every kind, good and bad."""

DDL = """
create table users (id uuid primary key, email text unique, phone text, name text, birth_date date,
    created_at timestamptz, updated_at timestamptz, status text);
create table user_profiles (user_id uuid primary key references users, address text,
    document_type text, document_number text, kyc_status text, kyc_completed_at timestamptz);
create table kyc_results (id bigserial primary key, user_id uuid references users, provider text,
    provider_response jsonb, status text, fetched_at timestamptz);
create table user_documents (id bigserial primary key, user_id uuid references users,
    document_type text, s3_key text, checksum text, uploaded_at timestamptz,
    kyc_result_id bigint references kyc_results);
create table accounts (id bigserial primary key, user_id uuid references users, balance numeric,
    currency text, created_at timestamptz, updated_at timestamptz, ledger_pointer text);
create table transactions (id uuid primary key, account_id bigint references accounts,
    amount numeric, type text, description text, status text, related_external_id text,
    created_at timestamptz);
create table loans (id uuid primary key, user_id uuid references users,
    amount_requested numeric(18,2), amount_approved numeric(18,2), term_months integer,
    interest_rate numeric, status text, created_at timestamptz, approved_at timestamptz);
create table loan_payments (id bigserial primary key, loan_id uuid references loans, due_date date,
    amount numeric(18,2), status text, paid_at timestamptz);
create table payments (id uuid primary key, from_account_id bigint references accounts,
    to_account_id bigint references accounts, amount numeric(18,4), method text, status text,
    orchestrator_workflow_id text, created_at timestamptz);
create table third_party_calls (id bigserial primary key, user_id uuid references users,
    provider text, endpoint text, request_payload jsonb, response_payload jsonb, status text,
    duration_ms integer, called_at timestamptz);
create table audit_logs (id bigserial primary key, entity text, entity_id text, action text,
    data jsonb, performed_by text, "timestamp" timestamptz);
"""

DADOS = """
insert into users select cast(md5('u' || n) as uuid), 'pessoa' || n || '@exemplo.br',
    '+55 11 99999-000' || n, 'Pessoa Número ' || n, date '1980-01-01' + n,
    timestamptz '2026-01-01 12:00Z' + n * interval '1 hour', null,
    (array['active', 'Blocked', 'dormant'])[n] from generate_series(1, 3) as n;
insert into user_profiles select id, 'Rua ' || name, 'CPF', '123.456.789-0' || right(name, 1),
    'approved', created_at + interval '1 day' from users;
insert into kyc_results (user_id, provider, provider_response, status, fetched_at)
    select id, 'Serasa', jsonb_build_object('score', 700, 'nome', name), 'approved', created_at
    from users;
insert into user_documents (user_id, document_type, s3_key, checksum, uploaded_at, kyc_result_id)
    select user_id, 'RG', 's3://docs/' || id, 'abc', fetched_at, id from kyc_results;
insert into accounts (id, user_id, balance, currency, created_at)
    values (1, md5('u1')::uuid, 100, 'BRL', '2026-01-02Z'),
           (2, md5('u2')::uuid, 'NaN', 'brl', '2026-01-02Z'),
           (3, md5('u3')::uuid, 0, 'USD', '2026-01-02Z');
insert into transactions select cast(md5('t' || n) as uuid), account, amount, type, description,
    status, external, created from (values
    (1, 1, 100, 'credit', 'Pix recebido', 'completed', 'x', timestamptz '2026-03-01 12:00Z'),
    (2, 1, 10.50, 'debit', 'Tarifa mensal', 'pending', null, '2026-03-02 12:00Z'),
    (3, 2, 0, 'debit', null, 'completed', null, '2026-03-02 12:00Z'),
    (4, 2, 1.005, 'debit', null, 'completed', null, '2026-03-02 12:00Z'),
    (5, 2, 'NaN', 'debit', null, 'completed', null, '2026-03-02 12:00Z'),
    (6, 2, 5, 'transfer', null, 'completed', null, '2026-03-02 12:00Z'),
    (7, 2, 7, 'debit', null, 'held', null, '2026-03-02 12:00Z'),
    (8, 2, 8, 'credit', null, 'settled', ' ', '2026-03-03 12:00Z')
    ) as t (n, account, amount, type, description, status, external, created);
insert into loans values (md5('l1')::uuid, md5('u1')::uuid, 1200, 1200, 3, 1, 'funded',
    '2026-02-01Z', '2026-02-02Z'),
    (md5('l2')::uuid, md5('u2')::uuid, 0, null, 3, 1, 'applied', '2026-02-01Z', null);
insert into loan_payments (loan_id, due_date, amount, status, paid_at)
    select md5('l1')::uuid, date '2026-03-02' + 30 * n, 408.03, 'open', null
    from generate_series(0, 2) as n;
insert into payments values
    (md5('p1')::uuid, 1, 2, 10, 'PIX', 'completed', 'w1', '2026-03-01Z'),
    (md5('p2')::uuid, 1, 3, 10, 'PIX', 'completed', 'w2', '2026-03-01Z'),
    (md5('p3')::uuid, null, 2, 10.5, 'boleto', 'reversed', 'w3', '2026-03-01Z'),
    (md5('p4')::uuid, null, null, 10, 'TED', 'failed', 'w4', '2026-03-01Z'),
    (md5('p5')::uuid, 3, null, 10.0001, 'CARD', 'failed', '', '2026-03-02Z');
insert into third_party_calls (user_id, provider, endpoint, request_payload, response_payload,
    status, duration_ms, called_at) values
    (md5('u1')::uuid, 'Serasa', '/v1/users/123/score?cpf=1', '{"cpf": "12345678909"}',
     '{"status": "ok", "nome": "Pessoa"}', '200', 120, '2026-03-01Z'),
    (null, 'Serasa', '/v1/health', null, null, 'TIMEOUT', 30000, '2026-03-01Z');
insert into audit_logs (entity, entity_id, action, data, performed_by, "timestamp") values
    ('payments', md5('p1'), 'payment.settled', '{"new_status": "completed"}', 'api', '2026-03-01Z'),
    ('users', md5('u1'), 'login', '{"ip": "10.0.0.1"}', 'Pessoa Número 1', '2026-03-02Z');
"""

MUDANCAS = """
update transactions set status = 'reversed' where id = md5('t2')::uuid;
update transactions set amount = 1.01 where id = md5('t4')::uuid;
delete from transactions where id = md5('t8')::uuid;
update third_party_calls set status = '500' where id = 2;
delete from audit_logs where id = 2;
update accounts set currency = 'BRL' where id = 3;
"""
"""An entry that is reversed, one that is mended, one that is gone; and what may never change."""

MUDANCAS_DE_VINCULO = """
update transactions set related_external_id = 'w3' where id = md5('t1')::uuid;
insert into transactions values
    (md5('t20')::uuid, 1, 10, 'debit', 'Pix', 'completed', md5('p1')::uuid::text,
     '2026-06-30 23:00Z'),
    (md5('t21')::uuid, 2, 10, 'credit', 'Pix', 'completed', 'w1', '2026-07-01 02:59Z');
insert into payments values
    (md5('p6')::uuid, 1, 2, 10, 'PIX', 'completed', 'w1', '2026-02-01Z'),
    (md5('p7')::uuid, null, 1, 11, 'PIX', 'completed', 'w7', '2026-07-01 03:00Z');
insert into audit_logs (entity, entity_id, action, data, performed_by, "timestamp") values
    ('payments', md5('p7')::uuid::text, 'payment.settled', '{}', 'api', '2026-07-02Z');
update accounts set currency = 'USD' where id = 3;
update users set status = 'blocked' where id = md5('u1')::uuid;
update user_profiles set kyc_status = 'declined' where user_id = md5('u3')::uuid;
update transactions set amount = 0 where id = md5('t2')::uuid;
insert into third_party_calls (user_id, provider, endpoint, status, duration_ms, called_at) values
    (md5('u1')::uuid, 'Serasa', '/v1/score', '200', 90, '2026-06-30Z'),
    (md5('u1')::uuid, 'Serasa', '/v1/score', '200', 90, '2026-09-02Z');
"""
"""What of a payment is known by its entries and audit lines; versions of users; an entry that a
rule now sets aside, and a payment that its account does."""
