"""Measures offramp beside the floor and other engines on the same generated logs, and writes JSON and a Markdown table.

Each program is a whole process, run in turn with the others, so that a busy machine slows all of them alike; the figures are
medians and ratios. What is compared:

- floor: inflate every file, count newlines and spaces (examples/floor.rs)
- offramp: `report --format json` with all steps
- DuckDB, Polars, chDB: one plain group-by of bytes and packets by five columns, which classifies nothing

Forms of the logs:

- narrow, wide: as `examples/generate.rs` writes them (hundreds of peers; 200,000 peers and thousands of interfaces)
- one, many: the narrow logs as one gzip file, and as 2,000
- s3: the narrow logs over S3 on loopback (offramp only)
- parquet: the narrow logs in AWS's Parquet layout (offramp and DuckDB, once for the five columns and once for those of the
  file that a report reads)
- pairs: ten million distinct pairs of client and peer in one hour, whatever the size, with `--memory-limit 512MiB` (floor and offramp:
  the report, the report with query logs that name some of the peers, and SQL that groups all log rows by the pairs and must spill)

All must count the same bytes, else nothing is reported.

    python3 benches/compare.py --work DIR [--forms narrow wide ...] [--sizes 1GB 5GB] [--rounds 5]

Sizes are bytes of text; 20GB repeats the files of 5GB under other names. Needs cargo and Python 3.10 with venv; the other
engines are installed below DIR.
"""

import argparse
import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ("polars", "duckdb", "chdb")
MANY = 2000
# Worlds that together have ten million pairs.
PAIRS = 24
BY_PAIR = (
    "SELECT count(*) AS pairs, sum(bytes) AS bytes FROM "
    "(SELECT pkt_srcaddr, pkt_dstaddr, sum(bytes) AS bytes FROM flow_logs GROUP BY pkt_srcaddr, pkt_dstaddr)"
)


def run(command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def build(target):
    env = dict(os.environ, CARGO_TARGET_DIR=str(target))
    examples = [part for name in ("generate", "floor", "serve_s3") for part in ("--example", name)]
    run(["cargo", "build", "--release", "--features", "world", "--bin", "offramp", *examples], cwd=ROOT, env=env)
    release = target / "release"
    return {"offramp": release / "offramp", **{name: release / "examples" / name for name in ("generate", "floor", "serve_s3")}}


def engines(work):
    venv = work / "engines"
    python = venv / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", venv])
        run([python, "-m", "pip", "install", "--quiet", "duckdb", "polars", "chdb"])
    return python


def measured(command, env=None):
    """Wall and CPU seconds, peak MiB and standard output of one process."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, env=dict(os.environ, **(env or {})))
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} failed with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.decode()


def facts():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    memory = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1]) // (1 << 20)
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": memory, "system": platform.platform(), "date": time.strftime("%Y-%m-%d")}


def generated(tools, work, form, size):
    """The folder with `flow-logs` and `inventory`; made anew only if it is not there."""
    data = work / f"{form}-{size}"
    if data.exists():
        return data
    if size == "20GB":
        smaller = generated(tools, work, form, "5GB")
        shutil.copytree(smaller, data, copy_function=os.link)
        for path in list((data / "flow-logs").rglob("*.log.gz")):
            head, _, _ = path.name.rpartition("_")
            for copy in range(3):
                os.link(path, path.with_name(f"{head}_{copy:08x}.log.gz"))
    elif form == "pairs":
        # Worlds of one topology and hour, whose files lie side by side.
        for seed in range(1, PAIRS + 1):
            part = work / f"{form}-part"
            run([tools["generate"], form, "--bytes", "1GB", "--seed", str(seed), "--out", part])
            shutil.copytree(part, data, dirs_exist_ok=True)
            shutil.rmtree(part)
    else:
        run([tools["generate"], form, "--bytes", size, "--seed", "1", "--out", data])
    return data


def lines_of(logs):
    """The header and the lines of all files, hour by hour."""
    header = None
    for path in sorted(logs.rglob("*.log.gz")):
        with gzip.open(path, "rb") as text:
            header = text.readline()
            yield header, text.readlines()


def reshaped(source, data, files):
    """The same lines in another number of files."""
    if data.exists():
        return data
    name = sorted((source / "flow-logs").rglob("*.log.gz"))[0]
    folder = data / "flow-logs" / name.parent.relative_to(source / "flow-logs")
    folder.mkdir(parents=True)
    shutil.copytree(source / "inventory", data / "inventory")
    head, _, _ = name.name.rpartition("_")
    out = lambda at: gzip.open(folder / f"{head}_{at:08x}.log.gz", "wb", compresslevel=6)
    if files == 1:
        with out(0) as one:
            for at, (header, lines) in enumerate(lines_of(source / "flow-logs")):
                if at == 0:
                    one.write(header)
                one.writelines(lines)
        return data
    parts = -(-files // len(list((source / "flow-logs").rglob("*.log.gz"))))
    for at, (header, lines) in enumerate(lines_of(source / "flow-logs")):
        size = -(-len(lines) // parts)
        for part in range(parts):
            with out(at * parts + part) as small:
                small.write(header)
                small.writelines(lines[part * size : (part + 1) * size])
    return data


def parquet(python, source, data):
    """AWS's Parquet layout: underscored names, numbers as integers, missing values null."""
    if not data.exists():
        shutil.copytree(source / "inventory", data / "inventory")
        run([python, ROOT / "benches" / "compare_engine.py", "to_parquet", source / "flow-logs", data / "flow-logs"])
    return data


class Served:
    """A folder over S3 while the block runs."""

    def __init__(self, tools, folder):
        self.command = [str(tools["serve_s3"]), str(folder)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        url = self.process.stdout.readline().strip()
        keys = {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_REGION": "us-east-1"}
        return dict(keys, OFFRAMP_ENDPOINT_URL=url)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def report(tools, logs, data, *more):
    return [tools["offramp"], "report", logs, "--inventory", data / "inventory", "--format", "json", *more]


def commands_of(form, tools, python, data):
    logs = data / "flow-logs"
    peer = ROOT / "benches" / "compare_engine.py"
    if form == "parquet":
        commands = {"offramp": report(tools, logs, data), "duckdb": [python, peer, "duckdb_parquet", logs]}
        return commands | {"duckdb, columns of the report": [python, peer, "duckdb_parquet_as_report", logs]}
    if form == "s3":
        return {"offramp on disk": report(tools, logs, data), "offramp": report(tools, "s3://flow-logs/", data)}
    commands = {"floor": [tools["floor"], logs], "offramp": report(tools, logs, data)}
    if form == "pairs":
        limit = ["--memory-limit", "512MiB"]
        commands["offramp"] += limit
        commands["offramp, query logs"] = report(tools, logs, data, "--resolver", data / "query-logs", *limit)
        commands["offramp, SQL by pair"] = [tools["offramp"], "sql", logs, "-c", BY_PAIR, *limit]
        return commands
    return commands | {name: [python, peer, name, logs] for name in PEERS}


def one_set(form, size, work, tools, python, rounds):
    base = generated(tools, work, form if form in ("narrow", "wide", "pairs") else "narrow", size)
    data = {
        "one": lambda: reshaped(base, work / f"one-{size}", 1),
        "many": lambda: reshaped(base, work / f"many-{size}", MANY),
        "parquet": lambda: parquet(python, base, work / f"parquet-{size}"),
    }.get(form, lambda: base)()
    commands = commands_of(form, tools, python, data)
    runs = {name: [] for name in commands}
    sums = {}
    with Served(tools, data) if form == "s3" else _nothing() as env:
        for _ in range(rounds):
            for name, command in commands.items():
                wall, cpu, peak, out = measured(command, env)
                runs[name].append((wall, cpu, peak))
                if name.partition(",")[0] in PEERS:
                    sums[name] = int(out.split()[-1])
    question = "SELECT sum(bytes) AS bytes, count(*) AS records FROM flow_logs"
    answer = run([tools["offramp"], "sql", data / "flow-logs", "-c", question, "--format", "json"], stdout=subprocess.PIPE).stdout
    answer = json.loads(answer)[0]
    sums["offramp"] = answer["bytes"]
    if len(set(sums.values())) != 1:
        raise SystemExit(f"the programs disagree on the bytes: {sums}")
    medians = {name: [statistics.median(column) for column in zip(*values)] for name, values in runs.items()}
    floor = medians.get("floor", [None])[0]
    rows = {
        name: {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mib": round(peak), "x_floor": floor and round(wall / floor, 2)}
        for name, (wall, cpu, peak) in medians.items()
    }
    files = [path for path in (data / "flow-logs").rglob("*") if path.is_file()]
    return {
        "form": form, "size": size, "files": len(files), "stored_bytes": sum(path.stat().st_size for path in files),
        "records": answer["records"], "rounds": rounds, "programs": rows,
    }


class _nothing:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        pass


def table(results, machine):
    lines = [
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, {machine['date']}; medians.", "",
        "| logs | files | records | program | wall s | CPU s | peak MiB | records/s | x floor | offramp is faster by |",
        "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        for name, row in result["programs"].items():
            ratio = row["wall_s"] / result["programs"]["offramp"]["wall_s"]
            lines.append(
                f"| {result['form']} {result['size']} | {result['files']:,} | {result['records']:,} | {name} | {row['wall_s']:.2f} | {row['cpu_s']:.2f} "
                f"| {row['peak_mib']:,} | {result['records'] / row['wall_s']:,.0f} | {row['x_floor'] or '-'} | {ratio:.2f} |"
            )
    return "\n".join(lines) + "\n"


def main():
    forms = ["narrow", "wide", "one", "many", "s3", "parquet", "pairs"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="directory for data, engines and results")
    parser.add_argument("--forms", nargs="+", default=["narrow", "wide"], choices=forms)
    parser.add_argument("--sizes", nargs="+", default=["1GB"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--target", type=Path, default=Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/offramp-target")))
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    tools, python = build(args.target), engines(args.work)
    results, machine = [], facts()
    for form in args.forms:
        for size in args.sizes:
            results.append(one_set(form, size, args.work, tools, python, args.rounds))
            # Kept as far as it is measured.
            (args.work / "results.json").write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")
            (args.work / "results.md").write_text(table(results, machine))
    print(table(results, machine))


if __name__ == "__main__":
    main()
