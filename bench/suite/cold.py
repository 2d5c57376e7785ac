"""What the first messages after a start cost. Each turn starts a server of its own."""
import os, time

from .machine import Watch, wait_for
from .rows import files_in, load
from .servers import Mailserv, Peers

STAGES = (100, 1_000, 3_000, 10_000)


def stages(options):
    return [stage for stage in STAGES if stage <= options.cold]


def turn(setup, server):
    """Starts the server, sends up to 10,000 messages, and notes the CPU so far and the latencies at every stage."""
    result, sent, watch, begin = {}, 0, Watch(setup.roots()), time.monotonic()
    try:
        server.start()
        result["banner"] = time.monotonic() - begin
        for stage in stages(setup.options):
            times = load(setup, "smtp", "-p", server.ports["smtp"], "-s", 10, "-m", stage - sent, "-l", 10240)
            wait_for(f"{stage} messages", lambda: files_in(server.inbox()) >= stage)
            sent = stage
            result |= {f"cpu{stage}": server.processes.cpu(), f"p50_{stage}": times["p50"], f"p99_{stage}": times["p99"]}
        watch.roots = (*watch.roots, *server.roots())
        return result | {"memory": server.processes.memory(), "others": round(watch.others(), 3)}
    finally:
        server.stop()


def measure(setup, say):
    """Results by variant: the jar on each Java, the packaged runtime, and Postfix with Dovecot."""
    options = setup.options
    variants = {f"mailserv, {name}": (lambda folder, command=command: Mailserv(folder, command, setup)) for name, command in setup.commands.items()}
    variants["Postfix + Dovecot"] = lambda folder: Peers(folder, setup)
    results = {name: [] for name in variants}
    for number in range(options.rounds):
        for index, (name, make) in enumerate(variants.items()):
            for attempt in range(1 + options.repeats):
                result = turn(setup, make(os.path.join(setup.folder, f"cold-{number}-{index}-{attempt}")))
                say(f"cold {name} {number + 1}/{options.rounds}: banner {result['banner']:.2f} s, "
                    + ", ".join(f"{stage}: {result[f'cpu{stage}']:.2f} s CPU, p99 {result[f'p99_{stage}']:.0f} ms" for stage in stages(options))
                    + f", others {result['others']:.0%}" + (" DISTURBED" if result["others"] > options.busy else ""))
                if result["others"] <= options.busy:
                    break
            results[name].append(result)
    return results
