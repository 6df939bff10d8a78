"""Brings Superset's own database to what stands in this folder; run by `lastro bi`.

It reads a JSON object from its input: `bancos` (by area: address and arguments of the connection),
`prefixo` (what stands before the published schemas), `senha` (of the user admin) and `nova` (if
one who is there is given it, too). It says at the end, as JSON, whether the password was given.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

AQUI = Path(__file__).parent
PARTES = ("databases", "datasets", "charts", "dashboards")
ADMIN = "admin"
DE_TODOS = ("Gamma", "sql_lab")
"""Superset's roles that an area's role begins with: looking, and asking in SQL; no data of any."""


def ativos(bancos: dict[str, dict[str, Any]], prefixo: str) -> dict[str, str]:
    """The files of this folder, each database with its address, each query with the prefix."""
    lidos = {"metadata.yaml": (AQUI / "metadata.yaml").read_text(encoding="utf-8")}
    for caminho in (c for parte in PARTES for c in sorted((AQUI / parte).rglob("*.yaml"))):
        nome, texto = str(caminho.relative_to(AQUI)), caminho.read_text(encoding="utf-8")
        lido = yaml.safe_load(texto)
        if nome.startswith("databases/"):
            banco = bancos[caminho.stem]
            lido["sqlalchemy_uri"] = banco["endereco"]
            lido["extra"]["engine_params"] = {"connect_args": banco["argumentos"]}
        if nome.startswith("datasets/"):
            lido["sql"] = re.sub(r"\bpub_(?=\w+\.)", f"{prefixo}pub_", lido["sql"])
        lidos[nome] = yaml.safe_dump(lido, allow_unicode=True)
    return lidos


def _importar(bancos: dict[str, dict[str, Any]], prefixo: str) -> None:
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.extensions import security_manager
    from superset.utils.core import override_user

    with override_user(security_manager.find_user(ADMIN)):
        ImportAssetsCommand(ativos(bancos, prefixo)).run()


def _papeis(areas: list[str]) -> None:
    """A role for each area: Superset's own for everybody, and the area's database."""
    from superset.extensions import db, security_manager
    from superset.models.core import Database

    comuns = [p for nome in DE_TODOS for p in security_manager.find_role(nome).permissions]
    for area in areas:
        banco = db.session.query(Database).filter_by(database_name=f"lastro {area}").one()
        dele = security_manager.add_permission_view_menu("database_access", banco.perm)
        papel = security_manager.add_role(f"lastro {area}")
        papel.permissions = list({p.id: p for p in (*comuns, dele)}.values())
    db.session.commit()


def _administrador(senha: str, nova: bool) -> bool:
    """Make the user admin, or give it another password; whether either was done."""
    from superset.extensions import security_manager

    if (quem := security_manager.find_user(ADMIN)) is None:
        papel = security_manager.find_role("Admin")
        security_manager.add_user(
            ADMIN, "Admin", "Lastro", "admin@localhost", papel, password=senha
        )
    elif nova:
        security_manager.reset_password(quem.id, senha)
    return quem is None or nova


def main() -> None:
    """Migrate, import, and give roles what they need."""
    pedido = json.loads(sys.stdin.read())
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        from flask_migrate import upgrade
        from superset.extensions import appbuilder, security_manager

        upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        feita = _administrador(pedido["senha"], pedido["nova"])
        _importar(pedido["bancos"], pedido["prefixo"])
        _papeis(list(pedido["bancos"]))
    print(json.dumps({"usuario": ADMIN, "senha_dada": feita}))


if __name__ == "__main__":
    main()
