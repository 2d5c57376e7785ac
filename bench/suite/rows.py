"""The rows of the table: what is measured, and on whom."""
import contextlib, json, os, statistics, subprocess, sys, threading
from dataclasses import dataclass, field

from .machine import Watch, wait_for
from .servers import SESSIONS, Mailserv, Peers


@dataclass
class Row:
    """One piece of work. `turns` maps a column (ours, theirs, floor) to what does a turn there and to its processes."""

    key: str
    title: str
    unit: str
    turns: dict
    higher_is_better: bool = True
    warm: bool = True
    results: dict = field(default_factory=dict)


def files_in(folder):
    try:
        with os.scandir(folder) as entries:
            return sum(1 for _ in entries)
    except FileNotFoundError:
        return 0


def load(setup, *arguments):
    done = subprocess.run([setup.load, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"load {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def mail_turn(setup, server, port, count, messages, *arguments, size=10240, sessions=None):
    """Messages a second until the last one has arrived, and what each cost."""
    before, cpu = count(), server.processes.cpu()
    import time
    start = time.monotonic()
    result = load(setup, "smtp", "-p", port, "-s", sessions or setup.options.sessions, "-m", messages, "-l", size, *arguments)
    wait_for(f"{messages} messages through {server.name}", lambda: count() - before >= messages)
    seconds = time.monotonic() - start
    if count() - before != messages:
        raise RuntimeError(f"{server.name}: {count() - before} of {messages} messages arrived")
    if "-R" in arguments and not result["resumed"]:
        print(f"bench/run: {server.name} resumed no session", file=sys.stderr)
    return {"value": messages / seconds, "cpu": (server.processes.cpu() - cpu) * 1000 / messages, "memory": server.processes.memory(),
            "p50": result["p50"], "p99": result["p99"]}


def login_turn(setup, server, port, logins, user, *arguments):
    cpu = server.processes.cpu()
    result = load(setup, "pop3", "-p", port, "-s", SESSIONS, "-m", logins, "-u", user, "-w", "secret", *arguments)
    return {"value": logins / result["seconds"], "cpu": (server.processes.cpu() - cpu) * 1000 / logins, "memory": server.processes.memory(),
            "p50": result["p50"], "p99": result["p99"]}


class MailFlow:
    """Mail at a fixed rate while logins are measured. Leaving it gives the latency that the mail had."""

    def __init__(self, setup, port, rate):
        self.command = [setup.load, "smtp", "-p", str(port), "-s", "5", "-m", "100000000", "-l", "10240", "-k", "-r", str(rate)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def emptied(folder, turn):
    """Takes the octets of a turn's large files away, but not the files: inodes that were just freed are slow to reuse."""
    def run():
        result = turn()
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                os.truncate(entry.path, 0)
        return result
    return run


def mail_rows(setup):
    ours, theirs, null = setup.ours, setup.theirs, setup.sink
    messages = setup.options.messages

    def inbound(key, title, *arguments, port="smtp", messages=messages, size=10240, floor=True, sessions=None):
        turns = {}
        for column, server in (("ours", ours), ("theirs", theirs)):
            turn = (lambda server=server: mail_turn(setup, server, server.ports[port], lambda: files_in(server.inbox()), messages, *arguments,
                                                    size=size, sessions=sessions))
            turns[column] = emptied(server.inbox(), turn) if size > 1 << 19 else turn
        if floor:
            sink = setup.secure_sink if port == "submissions" else setup.tls_sink if "-T" in arguments else null
            turns["floor"] = lambda: mail_turn(setup, sink, sink.port, sink.count, messages, *arguments, size=size, sessions=sessions)
        return Row(key, title, "messages/s", turns)

    def relayed(key, title, recipient, sink, messages=messages, size=10240, sessions=None):
        return Row(key, title, "messages/s", {
            column: (lambda server=server: mail_turn(setup, server, server.ports["smtp"], sink.count, messages, "-k", "-t", recipient,
                                                     size=size, sessions=sessions))
            for column, server in (("ours", ours), ("theirs", theirs))}
            | {"floor": lambda: mail_turn(setup, sink, sink.port, sink.count, messages, "-k", size=size, sessions=sessions,
                                          *(("-T", "starttls") if sink is setup.tls_sink else ()))})

    login = ("-u", "plain0@bench.test", "-w", "secret", "-f", "plain0@bench.test")
    large, secure = max(20, messages // 10), max(20, messages // 3)
    yield inbound("plain.each", "10 KiB to Maildir, a connection a message")
    yield inbound("plain.kept", "10 KiB to Maildir, kept connections", "-k")
    yield relayed("plain.relay", "10 KiB relayed to one server", "someone@far.test", setup.sink)
    yield inbound("large.each", "1 MiB to Maildir, a connection a message", size=1 << 20, messages=large, sessions=10)
    yield inbound("large.kept", "1 MiB to Maildir, kept connections", "-k", size=1 << 20, messages=large, sessions=10)
    yield relayed("large.relay", "1 MiB relayed to one server", "someone@far.test", setup.sink, size=1 << 20, messages=large, sessions=10)
    yield inbound("tls.each", "STARTTLS, a connection a message", "-T", "starttls", messages=secure)
    yield inbound("tls.resumed", "STARTTLS, a resumed session a message", "-T", "starttls", "-R", messages=secure)
    yield inbound("submission.each", "submission with TLS and AUTH, a connection a message", "-T", "tls", *login, port="submissions", messages=secure)
    yield inbound("submission.resumed", "the same, TLS sessions resumed", "-T", "tls", "-R", *login, port="submissions", messages=secure)
    yield inbound("submission.kept", "submission with TLS and AUTH, kept connections", "-T", "tls", "-k", *login, port="submissions")
    yield relayed("tls.relay", "relayed over TLS to one server", "someone@tls.test", setup.tls_sink)


def disk_row(setup):
    """The limit of any server that keeps a message of 1 MiB in a file of its own."""
    def turn(size, files):
        folder = os.path.join(setup.folder, "disk")
        os.makedirs(folder, exist_ok=True)
        result = load(setup, "disk", "-F", folder, "-s", 10, "-m", files, "-l", size)
        with os.scandir(folder) as entries:
            for entry in entries:
                os.truncate(entry.path, 0)
        return {"value": files / result["seconds"], "cpu": 0, "memory": 0, "p50": result["p50"], "p99": result["p99"]}

    messages = setup.options.messages
    yield Row("disk.small", "disk limit: files of 10 KiB written, synced and renamed by 10 threads", "files/s", {"floor": lambda: turn(10240, messages)})
    yield Row("disk.large", "disk limit: the same, 1 MiB", "files/s", {"floor": lambda: turn(1 << 20, max(20, messages // 10))})


def login_rows(setup):
    ours, theirs = setup.ours, setup.theirs
    messages = setup.options.messages
    if not theirs.dovecot:
        return

    def row(key, title, user, logins, *arguments, port="pop3", flow=0):
        def turn(server):
            with MailFlow(setup, server.ports["smtp"], flow) if flow else contextlib.nullcontext():
                return login_turn(setup, server, server.ports[port], logins, user, *arguments)
        return Row(key, title, "logins/s", {column: (lambda server=server: turn(server)) for column, server in (("ours", ours), ("theirs", theirs))})

    yield row("pop3.login", "POP3: login, STAT, QUIT", "plain%d@bench.test", messages * 2)
    yield row("pop3s.login", "POP3S: the same, full handshakes", "plain%d@bench.test", messages // 2, "-T", "tls", port="pop3s")
    yield row("pop3s.resumed", "POP3S: the same, TLS sessions resumed", "plain%d@bench.test", messages // 2, "-T", "tls", "-R", port="pop3s")
    yield row("hash.scram", "logins by PASS, SCRAM-SHA-256 hashes, 100 messages/s meanwhile", "scram%d@bench.test", messages // 3, flow=100)
    yield row("hash.bcrypt", "logins by PASS, bcrypt hashes, 100 messages/s meanwhile", "bcrypt%d@bench.test", max(20, messages // 10), flow=100)
    yield row("hash.argon", "logins by PASS, Argon2id hashes, 100 messages/s meanwhile", "argon%d@bench.test", max(10, messages // 60), flow=100)


def scram_rows(setup, stack):
    """The mechanism SCRAM-SHA-256. mailserv offers it where every account supports it, so it has a server of its own."""
    if not setup.theirs.dovecot:
        return
    boxes = {name: text for name, text in setup.accounts.items() if name.startswith(("user", "scram"))}
    ours = Mailserv(f"{setup.folder}/scram", setup.command, setup, accounts=boxes)
    stack.callback(ours.stop)
    ours.start()
    setup.extra.append(ours)

    def turn(server):
        with MailFlow(setup, server.ports["smtp"], 100):
            return login_turn(setup, server, server.ports["pop3"], setup.options.messages // 3, "scram%d@bench.test", "-M", "scram")

    yield Row("hash.mechanism", "logins by the mechanism SCRAM-SHA-256, 100 messages/s meanwhile", "logins/s",
              {"ours": lambda: turn(ours), "theirs": lambda: turn(setup.theirs)})


def pop3_rows(setup):
    servers = (("ours", setup.ours), ("theirs", setup.theirs))
    if not setup.theirs.dovecot:
        return

    def retrieve(server):
        cpu = server.processes.cpu()
        result = load(setup, "retrieve", "-p", server.ports["pop3"], "-m", 5, "-u", "thousand@bench.test", "-w", "secret")
        return {"value": result["octets"] / result["seconds"] / 1e6, "cpu": (server.processes.cpu() - cpu) * 1e3 / result["count"],
                "memory": server.processes.memory()}

    def look(server):
        cpu = server.processes.cpu()
        result = load(setup, "retrieve", "-k", "-p", server.ports["pop3"], "-m", 1, "-u", "many@bench.test", "-w", "secret")
        return {"value": result["list"], "cpu": (server.processes.cpu() - cpu) * 1e3, "memory": server.processes.memory()}

    yield Row("pop3.retr", "POP3: RETR of 1,000 x 10 KiB, one connection", "MB/s", {c: (lambda s=s: retrieve(s)) for c, s in servers})
    yield Row("pop3.first", f"POP3: STAT, UIDL, LIST of {setup.options.many:,}, first look", "s", {c: (lambda s=s: look(s)) for c, s in servers},
              higher_is_better=False, warm=False)
    yield Row("pop3.second", "POP3: the same, later looks", "s", {c: (lambda s=s: look(s)) for c, s in servers}, higher_is_better=False)


def measure(row, options, roots, say):
    """Runs the row's turns, alternating between the servers, and repeats turns during which others used the machine."""
    rounds, warmup = (options.rounds, options.warmup) if row.warm else (1, 0)
    repeats = 0 if not row.warm else options.repeats
    row.results = {column: [] for column in row.turns}
    left = {column: repeats for column in row.turns}
    for number in range(rounds + warmup):
        for column, turn in row.turns.items():
            while True:
                watch = Watch(roots)
                result = turn() | {"others": round(watch.others(), 3)}
                disturbed = result["others"] > options.busy
                say(f"{row.key} {column} {number + 1}/{rounds + warmup}: {result['value']:.2f} {row.unit}, {result['cpu']:.2f} ms CPU each, "
                    f"others {result['others']:.0%}" + (" DISTURBED" if disturbed else ""))
                if not disturbed or number < warmup or not left[column]:
                    break
                left[column] -= 1
            if number >= warmup:
                row.results[column].append(result)
    return {"key": row.key, "title": row.title, "unit": row.unit, "better": "higher" if row.higher_is_better else "lower",
            "turns": row.results}


def median(values):
    return statistics.median(values)
