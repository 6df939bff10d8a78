{#
    The variables of the customer book, in the order of its columns; of one window where one is
    named. None while dbt only looks for refs, which would take it seconds.
#}
{% macro variaveis_do_livro(janela=none) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set definicao = definicao_do_livro() -%}
    {%- set variaveis = [] -%}
    {%- for nome_janela, da_janela in definicao.janelas.items() if janela in (none, nome_janela) -%}
        {%- for nome_recorte, do_recorte in definicao.recortes.items() -%}
            {%- set constantes = definicao.constantes.get(nome_recorte, []) -%}
            {%- for nome_medida, da_medida in definicao.medidas.items()
                if nome_medida not in constantes -%}
                {%- for agregacao, tipo in da_medida.agregacoes.items() -%}
                    {%- set da_agregacao = definicao.agregacoes[agregacao] -%}
                    {%- set celula = nome_medida if agregacao == 'contagem'
                        else nome_medida ~ '_' ~ agregacao -%}
                    {%- set pt = da_medida.pt ~ (', ' ~ da_agregacao.pt if da_agregacao.pt else '')
                        ~ ': ' ~ do_recorte.pt ~ ', emitidas ' ~ da_janela.pt -%}
                    {%- set en = da_medida.en ~ (', ' ~ da_agregacao.en if da_agregacao.en else '')
                        ~ ': ' ~ do_recorte.en ~ ', issued ' ~ da_janela.en -%}
                    {%- do variaveis.append({
                        'nome': nome_janela ~ '_' ~ nome_recorte ~ '_' ~ celula,
                        'livro': 'book_fatura_cliente',
                        'janela': nome_janela,
                        'recorte': nome_recorte,
                        'medida': nome_medida,
                        'agregacao': agregacao,
                        'celula': celula,
                        'tipo': tipo,
                        'unidade': da_medida.unidade,
                        'descricao': pt[0] | upper ~ pt[1:] ~ '.',
                        'descricao_ingles': en[0] | upper ~ en[1:] ~ '.',
                    }) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(variaveis) }}
{%- endmacro %}
