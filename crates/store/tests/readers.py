"""Opens the Parquet files of one table with pandas, polars, pyarrow and DuckDB and checks what is in them.

Arguments: a folder of one generation, and the beginning of the names of the table's files. Prints the versions used.
"""

import glob
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet

folder, prefix = sys.argv[1:]
files = sorted(glob.glob(f"{folder}/{prefix}*.parquet"))
assert files, f"no files {prefix} in {folder}"

IS_VALID = "system_to IS NULL AND (valid_from IS NULL OR valid_from <= DATE '2020-03-01') AND (valid_to IS NULL OR valid_to > DATE '2020-03-01')"
EXPECTED = [(1, "one", "0.50", "2024-05-01", None), (2, None, "1.00", "1969-12-31", [1.0, 2.5])]


def check(tool, rows):
    """Compares (id, name, price, day, place) of each row, whatever types the tool has for them."""
    found = [
        (int(i), n if isinstance(n, str) else None, f"{p:.2f}", str(d)[:10], None if v is None else [float(x) for x in v])
        for i, n, p, d, v in rows
    ]
    assert sorted(found) == EXPECTED, f"{tool}: {found}"


connection = duckdb.connect()
table = f"read_parquet({files!r})"
check("duckdb", connection.sql(f"SELECT id, name, price, day, place FROM {table} WHERE {IS_VALID}").fetchall())
moments = connection.sql(f"SELECT epoch_us(seen), epoch_us(told) FROM {table} WHERE id = 1 AND system_to IS NULL").fetchall()
assert moments == [(1_000_001, 1_000_001)], moments

frame = polars.concat([polars.read_parquet(file) for file in files])
now = frame.filter(polars.col("system_to").is_null())
check("polars", now.select("id", "name", "price", "day", "place").rows())
assert frame["valid_from"].null_count() == frame.height
assert frame.schema["place"] == polars.Array(polars.Float32, 2), frame.schema

arrow = pyarrow.parquet.ParquetDataset(files).read()
check("pyarrow", [tuple(row[c] for c in ("id", "name", "price", "day", "place")) for row in arrow.to_pylist() if row["system_to"] is None])

frame = pandas.concat([pandas.read_parquet(file) for file in files])
now = frame[frame.system_to.isna()]
check("pandas", now[["id", "name", "price", "day", "place"]].itertuples(index=False))
assert len(frame) == 3, frame

print(f"pandas {pandas.__version__}, polars {polars.__version__}, pyarrow {pyarrow.__version__}, DuckDB {duckdb.__version__}")
