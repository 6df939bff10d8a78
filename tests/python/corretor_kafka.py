"""A broker on loopback that speaks Kafka's protocol, in a process of its own: kill tests spare it.

It is the one that librdkafka brings along for tests, which Python's package shows little of, so
that its C functions are called. It holds about 5 MB a partition and drops what is older. What it is
told stands on its standard input, a JSON list a line; it answers each with a line.
"""

import ctypes
import json
import sys
from pathlib import Path

import confluent_kafka

PRODUTOR = 0


def biblioteca() -> ctypes.CDLL:
    """The C library that the package carries."""
    pasta = Path(confluent_kafka.__file__).parent
    (arquivo,) = [
        *pasta.parent.glob("confluent_kafka.libs/librdkafka*"),
        *pasta.glob("librdkafka*"),
    ]
    lida = ctypes.CDLL(str(arquivo))
    for nome, devolve, recebe in (
        ("rd_kafka_conf_new", ctypes.c_void_p, ()),
        ("rd_kafka_conf_set_log_cb", None, (ctypes.c_void_p, ctypes.c_void_p)),
        ("rd_kafka_new", ctypes.c_void_p,
         (ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
        ("rd_kafka_mock_cluster_new", ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_int)),
        ("rd_kafka_mock_cluster_bootstraps", ctypes.c_char_p, (ctypes.c_void_p,)),
        ("rd_kafka_mock_topic_create", ctypes.c_int,
         (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)),
        ("rd_kafka_mock_partition_delete_records", ctypes.c_int,
         (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_int64)),
        ("rd_kafka_mock_broker_set_down", ctypes.c_int, (ctypes.c_void_p, ctypes.c_int32)),
        ("rd_kafka_mock_broker_set_up", ctypes.c_int, (ctypes.c_void_p, ctypes.c_int32)),
    ):  # fmt: skip
        funcao = getattr(lida, nome)
        funcao.restype, funcao.argtypes = devolve, recebe
    return lida


def main() -> None:
    """Serve until the standard input ends."""
    lida = biblioteca()
    conf = lida.rd_kafka_conf_new()
    lida.rd_kafka_conf_set_log_cb(conf, None)
    erro = ctypes.create_string_buffer(512)
    cliente = lida.rd_kafka_new(PRODUTOR, conf, erro, len(erro))
    if not cliente:
        raise SystemExit(erro.value.decode())
    grupo = lida.rd_kafka_mock_cluster_new(cliente, 1)
    print(lida.rd_kafka_mock_cluster_bootstraps(grupo).decode(), flush=True)
    fazer = {
        "criar": lambda topico, quantas: lida.rd_kafka_mock_topic_create(
            grupo, topico.encode(), quantas, 1
        ),
        "esquecer": lambda topico, particao, ate: lida.rd_kafka_mock_partition_delete_records(
            grupo, topico.encode(), particao, ate
        ),
        "cair": lambda: lida.rd_kafka_mock_broker_set_down(grupo, 1),
        "levantar": lambda: lida.rd_kafka_mock_broker_set_up(grupo, 1),
    }
    for linha in sys.stdin:
        nome, *argumentos = json.loads(linha)
        print(fazer[nome](*argumentos), flush=True)


if __name__ == "__main__":
    main()
