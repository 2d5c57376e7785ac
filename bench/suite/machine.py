"""Processes, their cost, and whether others use the machine meanwhile."""
import contextlib, os, socket, subprocess, time

TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 180


def free_port(address="127.0.0.1"):
    with socket.socket() as listener:
        listener.bind((address, 0))
        return listener.getsockname()[1]


def wait_for(what, condition, pause=0.01):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"not within {PATIENCE} s: {what}")
        time.sleep(pause)


def greets(port, word=b"220"):
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection:
            return connection.recv(4).startswith(word)
    except OSError:
        return False


def process_table():
    """Parent and CPU ticks of every process; the ticks include children that have ended."""
    table = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, IndexError):
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            table[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    return table


def below(table, roots):
    wanted, found = set(roots), True
    while found:
        found = {pid for pid, (parent, _) in table.items() if parent in wanted} - wanted
        wanted |= found
    return wanted


class Processes:
    """CPU seconds and memory of some processes and all below them, those that have ended included."""

    def __init__(self, *roots):
        self.roots = roots

    def cpu(self):
        table = process_table()
        return sum(table[pid][1] for pid in below(table, self.roots) if pid in table) / TICKS

    def memory(self):
        """MiB, proportional: pages that processes share count once."""
        total = 0
        for pid in below(process_table(), self.roots):
            with contextlib.suppress(OSError, StopIteration):
                with open(f"/proc/{pid}/smaps_rollup") as file:
                    total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total / 1024


class Watch:
    """The share of the machine's processors that others used while a turn ran: neither the servers, nor the load, nor the kernel for them."""

    def __init__(self, roots):
        self.roots = roots
        self.before = self.reading()

    def reading(self):
        with open("/proc/stat") as file:
            user, nice, system, _, _, _, _, steal = map(int, file.readline().split()[1:9])
        table = process_table()
        # Threads of the kernel write for us; they are nobody else's.
        own = below(table, (*self.roots, os.getpid(), 2))
        return time.monotonic(), user + nice + system + steal, sum(table[pid][1] for pid in own if pid in table)

    def others(self):
        time_, busy, own = (after - before for after, before in zip(self.reading(), self.before))
        return max(0.0, (busy - own) / TICKS / time_ / os.cpu_count())


def description(java, peers):
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown processor")
    version = subprocess.run([java, "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    found = []
    for name, command in (("Postfix", ["postconf", "-d", "-h", "mail_version"]), ("Dovecot", ["dovecot", "--version"])):
        if name in peers:
            found.append(f"{name} {subprocess.run(command, capture_output=True, text=True).stdout.split()[0]}")
    return {"processors": os.cpu_count(), "model": model, "kernel": os.uname().release, "java": version, "peers": found}
