"""Orders and customers in DuckDB: native tables, in process, two threads. Also makes the files that both sides load."""

import sys

import duckdb

from serve import serve

directory = sys.argv[1]
connection = duckdb.connect(f"{directory}/peer.duckdb", config={"threads": 2})

CUSTOMERS = """
    SELECT i AS id, 'customer ' || i AS name,
        ['north', 'east', 'south', 'west', 'centre'][1 + (i * 7919) % 5] AS region,
        ['retail', 'trade', 'public'][1 + (i * 104729) % 3] AS segment
    FROM range(100000) numbers(i)
"""

# Whole-number arithmetic alone: the same rows on every machine.
ORDERS = """
    SELECT i AS id, (i * 2654435761) % 100000 AS customer,
        CAST(((i * 48271) % 9999991) AS DECIMAL(14, 2)) / 100 AS amount,
        ['open', 'paid', 'shipped', 'cancelled', 'returned'][1 + ((i * 7919) // 13) % 5] AS status,
        DATE '2020-01-01' + CAST((i * 104729) % 2192 AS INTEGER) AS day,
        'order ' || i || ' of ' || ((i * 31) % 977) AS note
    FROM range({count}) numbers(i)
"""


def generate(count):
    orders = f"SELECT * REPLACE (CAST(amount AS DECIMAL(12, 2)) AS amount) FROM ({ORDERS.format(count=count)})"
    connection.execute(f"COPY ({orders}) TO '{directory}/orders.parquet' (FORMAT parquet)")
    connection.execute(f"COPY ({CUSTOMERS}) TO '{directory}/customers.parquet' (FORMAT parquet)")


def load(_):
    for table in ("customers", "orders"):
        connection.execute(f"CREATE TABLE {table} AS SELECT * FROM '{directory}/{table}.parquet'")
    connection.execute("CHECKPOINT")


def query(text):
    return [[str(cell) for cell in row] for row in connection.execute(text).fetchall()]


serve({"version": lambda _: duckdb.__version__, "generate": generate, "load": load, "query": query})
