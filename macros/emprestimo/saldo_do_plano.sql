{# What of the principal a Price plan leaves after `k` instalments; `fator` is (1 + i)^k. #}
{% macro saldo_price(k, fator) -%}
    case
        when {{ k }} = 0 then principal
        when {{ k }} >= prazo then cast(0 as decimal(18, 2))
        when taxa = 0 then greatest(principal - prestacao * {{ k }}, 0)
        else greatest({{ em_centavos(
            'p * ' ~ fator ~ ' - pmt * (' ~ fator ~ ' - 1) / taxa',
            '(p + pmt / taxa) * ' ~ fator,
        ) }}, 0)
    end
{%- endmacro %}

{# The same of a SAC plan. #}
{% macro saldo_sac(k) -%}
    case
        when {{ k }} >= prazo then cast(0 as decimal(18, 2))
        else {{ em_centavos('p * (prazo - ' ~ k ~ ') / prazo', 'p') }}
    end
{%- endmacro %}
