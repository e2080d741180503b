"""One plain group-by over gzip flow logs in another engine; prints the number of groups and the sum of bytes.

Missing values (`-`) count as 0, as offramp counts them.
"""

import sys
from pathlib import Path

NUMBERS = {
    "version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp_flags", "traffic_path",
}
SUMMED = {"bytes", "packets"}
KEYS = ["interface_id", "srcaddr", "dstaddr", "flow_direction", "action"]
# What a report reads besides ports, flags, times and sums.
READ = [
    "account_id", "interface_id", "srcaddr", "dstaddr", "protocol", "action", "log_status", "vpc_id", "subnet_id", "instance_id",
    "pkt_srcaddr", "pkt_dstaddr", "region", "az_id", "pkt_src_aws_service", "pkt_dst_aws_service", "flow_direction", "traffic_path",
]


def files(folder):
    return sorted(str(path) for path in Path(folder).rglob("*.log.gz"))


def columns(folder):
    import gzip

    with gzip.open(files(folder)[0], "rt") as text:
        return [name.replace("-", "_") for name in text.readline().split()]


def polars(folder):
    import polars as pl

    names = columns(folder)
    numbers = {name: pl.Int64 for name in SUMMED}
    scan = pl.scan_csv(
        files(folder), separator=" ", has_header=True, new_columns=names, null_values="-",
        schema_overrides={name: numbers.get(name, pl.String) for name in names},
    )
    groups = scan.group_by(KEYS).agg(pl.col("bytes").sum(), pl.col("packets").sum()).collect(engine="streaming")
    return groups.height, groups["bytes"].sum()


def duckdb(folder):
    import duckdb as db

    keys = ", ".join(KEYS)
    question = f"SELECT count(*), sum(b) FROM (SELECT {keys}, sum(bytes) AS b, sum(packets) AS p FROM {source(folder, SUMMED)} GROUP BY ALL)"
    return db.connect().execute(question).fetchone()


def source(folder, numbers):
    types = {name: "BIGINT" if name in numbers else "VARCHAR" for name in columns(folder)}
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    return f"read_csv('{folder}/**/*.log.gz', delim=' ', header=true, nullstr='-', auto_detect=false, compression='gzip', columns={{{listed}}})"


def to_parquet(folder, out):
    """One Parquet file for each file of text, beside the same folders."""
    import duckdb as db

    connection = db.connect()
    for path in files(folder):
        target = Path(out) / Path(path).relative_to(folder).parent / Path(path).name.replace(".log.gz", ".log.parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        rows = source(folder, NUMBERS).replace(f"'{folder}/**/*.log.gz'", f"'{path}'")
        connection.execute(f"COPY (SELECT * FROM {rows}) TO '{target}' (FORMAT parquet, COMPRESSION gzip)")


def duckdb_parquet(folder):
    import duckdb as db

    rows = f"SELECT {', '.join(KEYS)}, sum(bytes) AS b, sum(packets) AS p FROM read_parquet('{folder}/**/*.parquet') GROUP BY ALL"
    return db.connect().execute(f"SELECT count(*), sum(b) FROM ({rows})").fetchone()


def duckdb_parquet_as_report(folder):
    """A group-by of all columns that a report reads, by the hour, with ports in the report's classes."""
    import duckdb as db

    connection = db.connect()
    there = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet('{folder}/**/*.parquet')").fetchall()}
    port = "CASE WHEN {0} = 443 THEN 443 WHEN {0} < 1024 THEN 1 WHEN {0} < 32768 THEN 1024 ELSE 32768 END AS {0}_class"
    keys = [key for key in READ if key in there] + [port.format("srcport"), port.format("dstport"), "tcp_flags & 18 AS flags", 'start // 3600 AS hour']
    sums = 'count(*) AS records, sum(bytes) AS b, sum(packets) AS p, min(start), max(start), max("end")'
    rows = f"SELECT {', '.join(keys)}, {sums} FROM read_parquet('{folder}/**/*.parquet') GROUP BY ALL"
    return connection.execute(f"SELECT count(*), sum(b) FROM ({rows})").fetchone()


def chdb(folder):
    import chdb as db

    # Its readers of separated text refuse a space as separator, so lines are split by function.
    names = columns(folder)
    at = {name: names.index(name) + 1 for name in [*KEYS, "bytes", "packets"]}
    keys = ", ".join(f"f[{at[key]}]" for key in KEYS)
    source = f"file('{folder}/**/*.log.gz', 'LineAsString', 'line String', 'gzip')"
    question = (
        f"SELECT count(), sum(b) FROM (SELECT {keys}, sum(toInt64OrZero(f[{at['bytes']}])) AS b, sum(toInt64OrZero(f[{at['packets']}])) AS p "
        f"FROM (SELECT splitByChar(' ', line) AS f FROM {source} WHERE line NOT LIKE 'version%') GROUP BY {keys})"
    )
    return [int(value) for value in str(db.query(question, "CSV")).strip().split(",")]


def main():
    engine, *folders = sys.argv[1:]
    engines = {
        "polars": polars, "duckdb": duckdb, "chdb": chdb, "duckdb_parquet": duckdb_parquet, "duckdb_parquet_as_report": duckdb_parquet_as_report,
    }
    if engine == "to_parquet":
        return to_parquet(*folders)
    groups, total = engines[engine](*folders)
    print(groups, int(total))


if __name__ == "__main__":
    main()
