"""An S3 server on 127.0.0.1."""

import logging
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket behind a real S3 API on loopback; its address in the environment."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    servidor = ThreadedMotoServer("127.0.0.1", 0)
    servidor.start()
    endereco, porta = servidor.get_host_and_port()
    with pytest.MonkeyPatch.context() as ambiente:
        for nome, valor in {
            "AWS_ENDPOINT_URL": f"http://{endereco}:{porta}",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "segredo",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            ambiente.setenv(nome, valor)
        yield "s3://entregas"
    servidor.stop()


@pytest.fixture
def balde(s3: str, tmp_path: Path) -> tuple[str, fsspec.AbstractFileSystem]:
    """An empty prefix in the bucket, and a way to look into it."""
    sistema = fsspec.filesystem("s3", skip_instance_cache=True, use_listings_cache=False)
    if not sistema.exists(s3):
        sistema.mkdir(s3)
    prefixo = f"{s3}/{tmp_path.name}/pod_cartoes"
    return prefixo, sistema
