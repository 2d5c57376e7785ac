"""Tables and the chart, from the recorded runs. Medians with minimum and maximum over all turns of all runs, never the best one."""
import math, re, statistics
from html import escape

BEGIN, END = "<!-- bench/run writes from here -->", "<!-- bench/run writes to here -->"


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values):
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})" if values else "–"


def column(runs, key, name, figure):
    return [turn[figure] for run in runs for row in run["rows"] if row["key"] == key for turn in row["turns"].get(name, [])]


def ratios(runs, key):
    """Ours to theirs: of each run its medians, so that what changes from run to run falls out."""
    found = []
    for run in runs:
        for row in run["rows"]:
            if row["key"] == key and row["turns"].get("ours") and row["turns"].get("theirs"):
                one, other = (statistics.median(turn["value"] for turn in row["turns"][name]) for name in ("ours", "theirs"))
                found.append(one / other if row["better"] == "higher" else other / one)
    return found


def cpu_ratio(runs, key):
    ours, theirs = column(runs, key, "ours", "cpu"), column(runs, key, "theirs", "cpu")
    return f"{statistics.median(ours) / statistics.median(theirs):.2f}" if ours and theirs and statistics.median(theirs) else "–"


def titles(runs):
    """Key, title and unit of every row, in the order of the newest run."""
    found = {}
    for run in reversed(runs):
        for row in run["rows"]:
            found.setdefault(row["key"], (row["title"], row["unit"]))
    return found


def disturbed(runs):
    turns = [turn["others"] > run["busy"] for run in runs for row in run["rows"] for column_ in row["turns"].values() for turn in column_]
    turns += [turn["others"] > run["busy"] for run in runs for variant in run.get("cold", {}).values() for turn in variant]
    return sum(turns), len(turns)


def main_table(runs):
    yield "| work | unit | mailserv | peers | ratio | floor | CPU ms each: mailserv | peers | ratio | MiB: mailserv | peers |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for key, (title, unit) in titles(runs).items():
        ratio = ratios(runs, key)
        value = {name: spread(column(runs, key, name, "value")) for name in ("ours", "theirs", "floor")}
        cpu = {name: column(runs, key, name, "cpu") for name in ("ours", "theirs")}
        memory = {name: column(runs, key, name, "memory") for name in ("ours", "theirs")}
        yield (f"| {title} | {unit} | {value['ours']} | {value['theirs']} | {spread(ratio) if len(ratio) > 1 else number(ratio[0]) if ratio else '–'} "
               f"| {value['floor']} | {spread(cpu['ours'])} | {spread(cpu['theirs'])} | {cpu_ratio(runs, key)} "
               f"| {number(statistics.median(memory['ours'])) if memory['ours'] else '–'} "
               f"| {number(statistics.median(memory['theirs'])) if memory['theirs'] else '–'} |")


def cold_table(runs):
    variants = {name: [turn for run in runs for turn in run.get("cold", {}).get(name, [])] for run in runs for name in run.get("cold", {})}
    if not variants:
        return
    stages = sorted(int(key[3:]) for key in next(iter(variants.values()))[0] if key.startswith("cpu"))
    yield ""
    yield "The first messages after a start: 10 KiB, 10 sessions, a connection a message. CPU seconds count from the start of the process."
    yield ""
    yield "| server | first banner, s | " + " | ".join(f"CPU s, start and {stage:,}" for stage in stages) + " | p50, p99 of the first 100, ms | MiB |"
    yield "|---|---|" + "---|" * len(stages) + "---|---|"
    for name, turns in variants.items():
        yield (f"| {name} | {spread([turn['banner'] for turn in turns])} | "
               + " | ".join(spread([turn[f"cpu{stage}"] for turn in turns]) for stage in stages)
               + f" | {spread([turn['p50_100'] for turn in turns])}, {spread([turn['p99_100'] for turn in turns])} "
               f"| {number(statistics.median(turn['memory'] for turn in turns))} |")


def tables(runs):
    newest = runs[-1]
    machine, options = newest["machine"], newest["options"]
    bad, turns = disturbed(runs)
    days = sorted({run["date"][:10] for run in runs})
    lines = [f"{len(runs)} run{'s' if len(runs) > 1 else ''} on {', '.join(days)}; {machine['processors']} x {machine['model']}, Linux {machine['kernel']}; "
             f"{machine['java']}; {', '.join(machine['peers'])}. Turns of {options['messages']:,} messages, {options['sessions']} sessions, "
             f"{options['rounds']} turns after {options['warmup']} that do not count.",
             "Median (minimum–maximum) of all turns; ratios are those of each run's medians. *Floor*: the null server, or the disk."]
    if bad:
        lines.append(f"Others used more than {newest['busy']:.0%} of the machine during {bad} of {turns} turns: read ratios, not absolute figures.")
    return "\n".join([*lines, "", *main_table(runs), *cold_table(runs)]) + "\n"


def write_into(path, text):
    """Replaces what is between the two marks of the page."""
    with open(path) as file:
        page = file.read()
    if BEGIN not in page:
        raise SystemExit(f"bench/run: {path} has no line {BEGIN}")
    page = re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: f"{BEGIN}\n{text}{END}", page, flags=re.S)
    with open(path, "w") as file:
        file.write(page)


def chart(runs):
    """Bars of the ratios, on a logarithmic scale, with a mark from the lowest to the highest run."""
    bars = [(title, ratios(runs, key)) for key, (title, _) in titles(runs).items() if ratios(runs, key)]
    left, right, step, top = 430, 330, 24, 46
    low, high = 0.5, max(10.0, *(max(values) for _, values in bars)) if bars else 10.0
    def x(value):
        return left + right * (math.log(max(value, low)) - math.log(low)) / (math.log(high) - math.log(low))
    height = top + step * len(bars) + 20
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + right + 80} {height}" font-family="sans-serif" font-size="12">',
           '<title>Throughput of mailserv as a multiple of Postfix and Dovecot</title>',
           f'<rect width="100%" height="100%" fill="#fff"/><text x="10" y="20" font-size="15" font-weight="bold">mailserv beside Postfix + Dovecot: '
           f'how many times as fast ({len(runs)} run{"s" if len(runs) > 1 else ""})</text>']
    for mark in (0.5, 1, 2, 5, 10, 20, 50):
        if low <= mark <= high:
            out.append(f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="{top - 8}" y2="{height - 14}" stroke="{"#555" if mark == 1 else "#ddd"}"/>'
                       f'<text x="{x(mark):.1f}" y="{top - 12}" text-anchor="middle" fill="#555">{mark:g}</text>')
    for index, (title, values) in enumerate(bars):
        y, middle = top + index * step, statistics.median(values)
        start, end = sorted((x(1), x(middle)))
        out.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(title)}</text>'
                   f'<rect x="{start:.1f}" y="{y + 2}" width="{max(1, end - start):.1f}" height="14" fill="{"#2a7ab0" if middle >= 1 else "#c0504d"}"/>'
                   f'<line x1="{x(min(values)):.1f}" x2="{x(max(values)):.1f}" y1="{y + 9}" y2="{y + 9}" stroke="#111"/>'
                   f'<text x="{max(end, x(max(values))) + 6:.1f}" y="{y + 13}">{number(middle)}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"
