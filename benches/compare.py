"""Measures offramp beside the floor and other engines on the same generated logs, and writes JSON and a Markdown table.

Each program is a whole process, run in turn with the others, so that a busy machine slows all of them alike; the figures are
medians and ratios. What is compared:

- floor: inflate every file, count newlines and spaces (examples/floor.rs)
- offramp: `report --format json` with all steps
- DuckDB, Polars, chDB: one plain group-by of bytes and packets by five columns, which classifies nothing

All must count the same bytes, else nothing is reported.

    python3 benches/compare.py --work DIR [--forms narrow wide] [--sizes 1GB 5GB] [--rounds 5]

Needs cargo and Python 3.10 with venv; the other engines are installed below DIR.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEYS = ["interface_id", "srcaddr", "dstaddr", "flow_direction", "action"]


def run(command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def build(target):
    env = dict(os.environ, CARGO_TARGET_DIR=str(target))
    command = ["cargo", "build", "--release", "--features", "world", "--bin", "offramp", "--example", "generate", "--example", "floor"]
    run(command, cwd=ROOT, env=env)
    release = target / "release"
    return release / "offramp", release / "examples" / "generate", release / "examples" / "floor"


def engines(work):
    venv = work / "engines"
    python = venv / "bin" / "python"
    if not python.exists():
        run([sys.executable, "-m", "venv", venv])
        run([python, "-m", "pip", "install", "--quiet", "duckdb", "polars", "chdb"])
    return python


def measured(command):
    """Wall and CPU seconds, peak MiB and standard output of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} failed with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, usage.ru_maxrss / 1024, out.decode()


def summed_bytes(name, out):
    """The sum of the logs' bytes as each program saw it; the floor counts none."""
    if name == "floor":
        return None
    if name == "offramp":
        return None
    return int(out.split()[-1])


def facts():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    memory = int(next(line for line in open("/proc/meminfo") if line.startswith("MemTotal")).split()[1]) // (1 << 20)
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": memory, "system": platform.platform(), "date": time.strftime("%Y-%m-%d")}


def one_set(form, size, work, programs, generate, rounds):
    data = work / f"{form}-{size}"
    if not data.exists():
        run([generate, form, "--bytes", size, "--seed", "1", "--out", data])
    logs = data / "flow-logs"
    files = [path for path in logs.rglob("*.log.gz")]
    offramp, floor, python = programs
    peer = ROOT / "benches" / "compare_engine.py"
    commands = {
        "floor": [floor, logs],
        "offramp": [offramp, "report", logs, "--inventory", data / "inventory", "--format", "json"],
        "polars": [python, peer, "polars", logs],
        "duckdb": [python, peer, "duckdb", logs],
        "chdb": [python, peer, "chdb", logs],
    }
    runs = {name: [] for name in commands}
    sums = {}
    for _ in range(rounds):
        for name, command in commands.items():
            wall, cpu, peak, out = measured(command)
            runs[name].append((wall, cpu, peak))
            seen = summed_bytes(name, out)
            if seen is not None:
                sums[name] = seen
    question = "SELECT sum(bytes) AS bytes, count(*) AS records FROM flow_logs"
    answer = run([offramp, "sql", logs, "-c", question, "--format", "json"], stdout=subprocess.PIPE).stdout
    answer = json.loads(answer)[0]
    sums["offramp"] = answer["bytes"]
    if len(set(sums.values())) != 1:
        raise SystemExit(f"the programs disagree on the bytes: {sums}")
    medians = {name: [statistics.median(column) for column in zip(*values)] for name, values in runs.items()}
    rows = {
        name: {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3), "peak_mib": round(peak), "x_floor": round(wall / medians["floor"][0], 2)}
        for name, (wall, cpu, peak) in medians.items()
    }
    fastest = min(("polars", "duckdb", "chdb"), key=lambda name: medians[name][0])
    stored = sum(path.stat().st_size for path in files)
    return {
        "form": form, "size": size, "files": len(files), "stored_bytes": stored, "records": answer["records"], "rounds": rounds,
        "programs": rows, "fastest_peer": fastest,
        "offramp_x_faster_than_fastest_peer": round(medians[fastest][0] / medians["offramp"][0], 2),
    }


def table(results, machine):
    lines = [
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, {machine['date']}; medians.", "",
        "| logs | records | program | wall s | CPU s | peak MiB | x floor | offramp is faster by |", "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for result in results:
        for name, row in result["programs"].items():
            ratio = row["wall_s"] / result["programs"]["offramp"]["wall_s"]
            lines.append(
                f"| {result['form']} {result['size']} | {result['records']:,} | {name} | {row['wall_s']:.2f} | {row['cpu_s']:.2f} "
                f"| {row['peak_mib']:,} | {row['x_floor']:.2f} | {ratio:.2f} |"
            )
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="directory for data, engines and results")
    parser.add_argument("--forms", nargs="+", default=["narrow", "wide"], choices=["narrow", "wide"])
    parser.add_argument("--sizes", nargs="+", default=["1GB"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--target", type=Path, default=Path(os.environ.get("CARGO_TARGET_DIR", Path.home() / ".cache/offramp-target")))
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    offramp, generate, floor = build(args.target)
    programs = (offramp, floor, engines(args.work))
    results = [one_set(form, size, args.work, programs, generate, args.rounds) for form in args.forms for size in args.sizes]
    machine = facts()
    (args.work / "results.json").write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")
    text = table(results, machine)
    (args.work / "results.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
