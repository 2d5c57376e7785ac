"""Long runs and large stores: an hour at a share of the capacity, idle sessions, many mailboxes, a large queue, one and two processors."""
import os, subprocess, time

from .machine import wait_for
from .rows import files_in, load, mail_turn

TOOLS = ("soak", "idle", "mailbox", "mailboxes", "queue", "cores")


def soak(setup, say):
    """Mail by a schedule. Latency counts from the time at which a message was due, so that a pause of the server is seen in full."""
    options, server = setup.options, setup.ours
    rates = [mail_turn(setup, server, server.ports["smtp"], lambda: files_in(server.inbox()), options.messages)["value"] for _ in range(options.warmup + 3)]
    capacity = sorted(rates[-3:])[1]
    rate = capacity * options.share
    say(f"soak: capacity {capacity:.0f} messages/s; {rate:.0f} for {options.minutes} minutes")
    before = server.processes.cpu()
    result = load(setup, "smtp", "-p", server.ports["smtp"], "-s", options.sessions, "-m", int(rate * options.minutes * 60), "-l", 10240, "-r", rate)
    return result | {"capacity": capacity, "rate": rate, "cpu": (server.processes.cpu() - before) * 1000 / result["count"],
                     "memory": server.processes.memory()}


def idle(setup, say):
    server, before = setup.ours, setup.ours.processes.memory()
    held = subprocess.Popen([setup.load, "idle", "-p", str(server.ports["smtp"]), "-m", str(setup.options.connections)], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, preexec_fn=setup.limits)
    held.stdout.readline()
    after = server.processes.memory()
    sample = mail_turn(setup, server, server.ports["smtp"], lambda: files_in(server.inbox()), 200)
    held.communicate()
    return {"connections": setup.options.connections, "memory": after, "KiB each": (after - before) * 1024 / setup.options.connections,
            "messages/s meanwhile": sample["value"]}


def mailbox(setup, say):
    """A mailbox of many messages: the first look, and later ones."""
    server, count = setup.ours, setup.options.large
    fill(server.inbox("many"), count, 600)
    looks = [load(setup, "retrieve", "-k", "-p", server.ports["pop3"], "-m", 1, "-u", "many@bench.test", "-w", "secret")["list"] for _ in range(3)]
    return {"messages": count, "first look, s": looks[0], "second, s": looks[1], "third, s": looks[2], "memory": server.processes.memory()}


def mailboxes(setup, say):
    """A message to each of many mailboxes, one connection after the other."""
    server, count = setup.ours, setup.options.boxes
    users = os.path.join(server.folder, "data", "users")
    with open(users, "a") as file:
        file.writelines(f"box{number}@bench.test:{{PLAIN}}secret\n" for number in range(count))
    time.sleep(3)
    start, cpu = time.monotonic(), server.processes.cpu()
    # One recipient a message: each is a mailbox that nobody has opened.
    for number in range(count):
        load(setup, "smtp", "-p", server.ports["smtp"], "-s", 1, "-m", 1, "-l", 1024, "-t", f"box{number}@bench.test")
    return {"mailboxes": count, "messages/s": count / (time.monotonic() - start), "CPU ms each": (server.processes.cpu() - cpu) * 1000 / count,
            "memory": server.processes.memory()}


def queue(setup, say):
    """Many queued messages for a destination that is down, and a restart with them."""
    server, count = setup.ours, setup.options.large
    setup.sink.stop()
    start = time.monotonic()
    load(setup, "smtp", "-p", server.ports["smtp"], "-s", setup.options.sessions, "-m", count, "-l", 600, "-k", "-t", "someone@far.test")
    came, memory = count / (time.monotonic() - start), server.processes.memory()
    server.stop()
    start = time.monotonic()
    server.start()
    return {"messages": count, "in, messages/s": came, "memory": memory, "first banner after a restart, s": time.monotonic() - start}


def cores(setup, say):
    """One processor and two: what the second one brings. The load has the same ones."""
    server, found = setup.ours, {}
    for mask in ("0", "0,1"):
        subprocess.run(["taskset", "-acp", mask, str(server.process.pid)], capture_output=True, check=True)
        rates = [mail_turn(setup, server, server.ports["smtp"], lambda: files_in(server.inbox()), setup.options.messages, "-k")["value"]
                 for _ in range(setup.options.warmup + setup.options.rounds)]
        found[mask] = sorted(rates[setup.options.warmup:])[setup.options.rounds // 2]
        say(f"cores {mask}: {found[mask]:.0f} messages/s")
    return {"one, messages/s": found["0"], "two, messages/s": found["0,1"], "ratio": found["0,1"] / found["0"]}


def fill(folder, count, octets):
    os.makedirs(folder, exist_ok=True)
    for other in ("cur", "tmp"):
        os.makedirs(os.path.join(os.path.dirname(folder), other), exist_ok=True)
    line = b"0123456789" * 7 + b"\r\n"
    body = b"Subject: x\r\n\r\n" + line * max(1, (octets - 14) // 72)
    for number in range(count):
        with open(f"{folder}/m{number:08d}", "wb") as file:
            file.write(body)
