"""Rows with checks on: SPF, DKIM and DMARC of incoming mail, and signing of outgoing mail.

Both stacks ask the same name server, on loopback. Postfix has policyd-spf, OpenDKIM and OpenDMARC, as Debian packages them.
"""
import os, re, shutil, subprocess

from .machine import Processes, free_port, wait_for
from .rows import Row, files_in, mail_turn
from .servers import Mailserv, Peers, Program

NAME_SERVER = "127.0.0.99"
POLICYD = "/usr/bin/policyd-spf"


def available():
    return all(shutil.which(each) or os.path.exists(f"/usr/sbin/{each}") for each in ("opendkim", "opendmarc", "opendkim-genkey")) and os.path.exists(POLICYD)


class Zone:
    """Keys for the signing domains, and the zone file with SPF and DMARC. Not below .test: the resolver in OpenDKIM never asks for that."""

    def __init__(self, folder):
        self.folder, self.file = folder, f"{folder}/zone"
        lines = ["1.0.0.127.in-addr.arpa PTR client.bench.test", "client.bench.test A 127.0.0.1", "mail.bench.test A 127.0.0.1"]
        for domain in self.domains() + ["bench.test"]:
            subprocess.run(["opendkim-genkey", "-b", "2048", "-s", "s1", "-d", domain, "-D", folder], check=True)
            os.rename(f"{folder}/s1.private", f"{folder}/{domain}.pem")
            with open(f"{folder}/s1.txt") as file:
                value = "".join(re.findall(r'"([^"]*)"', file.read()))
            lines += [f"s1._domainkey.{domain} TXT {value}", f"{domain} TXT v=spf1 ip4:127.0.0.1 -all", f"{domain} A 127.0.0.1",
                      f"_dmarc.{domain} TXT v=DMARC1; p=reject"]
        with open(self.file, "w") as file:
            file.write("\n".join(lines) + "\n")
        for name in os.listdir(folder):
            shutil.chown(f"{folder}/{name}", "opendkim")

    @staticmethod
    def domains():
        return ["signed1.example", "signed2.example", "signed3.example"]

    def message(self, signatures, size=10240):
        """A message from signed1.example with that many signatures, each of another domain, made by opendkim's own test mode."""
        import base64, hashlib
        head = [("From", "joe@signed1.example"), ("To", "user@bench.test"), ("Subject", "checked"), ("Date", "Thu, 01 Jan 2026 00:00:00 +0000"),
                ("Message-ID", "<1@signed1.example>")]
        line = "0123456789" * 7 + "\r\n"
        body = line * (size // len(line))
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        text = "".join(f"{name}: {value}\r\n" for name, value in head)
        for domain in self.domains()[:signatures]:
            unsigned = f"v=1; a=rsa-sha256; c=simple/simple; d={domain}; s=s1; h=from:to:subject:date:message-id; bh={digest}; b="
            data = "".join(f"{name}: {value}\r\n" for name, value in head) + f"DKIM-Signature: {unsigned}"
            signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", f"{self.folder}/{domain}.pem"], input=data.encode(),
                                       capture_output=True, check=True).stdout
            text = f"DKIM-Signature: {unsigned}{base64.b64encode(signature).decode()}\r\n" + text
        path = f"{self.folder}/message{signatures}"
        with open(path, "w", newline="") as file:
            file.write(text + "\r\n" + body)
        return path


class CheckedPeers(Peers):
    """Postfix with the filters; the resolver's configuration of all is replaced in a mount namespace of their own."""

    def __init__(self, folder, setup, zone):
        dkim, dmarc = free_port(), free_port()
        os.makedirs(folder)
        with open(f"{folder}/resolv.conf", "w") as file:
            file.write(f"nameserver {NAME_SERVER}\n")
        with open(f"{folder}/nobody", "w") as file:
            file.write("192.0.2.1\n")
        with open(f"{folder}/keys", "w") as file:
            file.write(f"k bench.test:s1:{zone.folder}/bench.test.pem\n")
        with open(f"{folder}/internal", "w") as file:
            file.write("192.0.2.1\n")
        with open(f"{folder}/opendkim.conf", "w") as file:
            file.write(f"Socket inet:{dkim}@127.0.0.1\nMode sv\nUserID opendkim\nSyslog no\nKeyTable {folder}/keys\nSigningTable refile:{folder}/signing\n"
                       f"InternalHosts {folder}/internal\nNameservers {NAME_SERVER}\nRequireSafeKeys no\nOversignHeaders From\n")
        with open(f"{folder}/signing", "w") as file:
            file.write("*@bench.test k\n")
        with open(f"{folder}/opendmarc.conf", "w") as file:
            file.write(f"Socket inet:{dmarc}@127.0.0.1\nUserID opendmarc\nSyslog no\nIgnoreHosts {folder}/nobody\nRejectFailures true\n"
                       f"SPFIgnoreResults false\nSPFSelfValidate false\nPidFile {folder}/opendmarc.pid\n")
        with open(f"{folder}/spf.conf", "w") as file:
            file.write("debugLevel = 0\nskip_addresses = 192.0.2.1\nHELO_reject = False\nMail_From_reject = Fail\n")
        super().__init__(folder, setup, f'''
smtpd_milters = inet:127.0.0.1:{dkim}, inet:127.0.0.1:{dmarc}
milter_default_action = tempfail
smtpd_recipient_restrictions = check_policy_service unix:private/policyd-spf
''')
        with open(f"{self.etc}/master.cf", "a") as file:
            file.write(f"policyd-spf unix - n n - 0 spawn user=nobody argv={POLICYD} {folder}/spf.conf\n")
        self.filters, self.filter_ports = [], (dkim, dmarc)

    def postfix(self, verb):
        # Its policy service asks the DNS by the system's resolver.
        script = f"mount --bind {self.folder}/resolv.conf /etc/resolv.conf && exec postfix -c {self.etc} {verb}"
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"postfix {verb}: {done.stderr.strip()}")

    def start(self):
        for command in (f"opendkim -f -x {self.folder}/opendkim.conf", f"opendmarc -f -c {self.folder}/opendmarc.conf"):
            script = f"mount --bind {self.folder}/resolv.conf /etc/resolv.conf && exec {command}"
            self.filters.append(subprocess.Popen(["unshare", "--mount", "sh", "-c", script]))
        super().start()
        self.processes = Processes(*self.processes.roots, *(each.pid for each in self.filters))

    def stop(self):
        super().stop()
        for each in self.filters:
            each.terminate()
            each.wait(20)


def prepare(setup, stack):
    folder = f"{setup.folder}/zone"
    os.makedirs(folder)
    os.chmod(folder, 0o755)
    zone = Zone(folder)
    dns = Program(setup.load, "dns", "-A", NAME_SERVER, "-p", 53, "-F", zone.file)
    stack.callback(dns.stop)
    setup.dns = NAME_SERVER
    keys = f"{setup.folder}/checked/data/dkim/bench.test"
    ours = Mailserv(f"{setup.folder}/checked", setup.command, setup,
                    'relay-networks = ["127.0.0.2/32"]\nchecks { spf = reject, dmarc = apply, exempt-networks = [] }\nsmtp.ptr = off\n')
    os.makedirs(keys)
    shutil.copy(f"{folder}/bench.test.pem", f"{keys}/s1.rsa.1700000000.pem")
    theirs = CheckedPeers(f"{setup.folder}/checked-peers", setup, zone)
    for server in (ours, theirs):
        stack.callback(server.stop)
        server.start()
    return zone, ours, theirs


def rows(setup, stack):
    zone, ours, theirs = prepare(setup, stack)
    setup.extra += [ours, theirs]
    servers = (("ours", ours), ("theirs", theirs))
    messages = max(20, setup.options.messages // 5)

    def row(key, title, file, proof):
        def turn(server):
            result = mail_turn(setup, server, server.ports["smtp"], lambda: files_in(server.inbox()), messages, "-F", file, "-f", "joe@signed1.example", "-k")
            prove(server, proof)
            return result
        return Row(key, title, "messages/s", {column: (lambda server=server: turn(server)) for column, server in servers})

    yield row("checks.spf", "checks on: SPF, DMARC, no signature", zone.message(0), ("dmarc=pass",))
    yield row("checks.one", "checks on: SPF, one DKIM signature, DMARC", zone.message(1), ("dkim=pass", "dmarc=pass"))
    yield row("checks.three", "checks on: SPF, three DKIM signatures, DMARC", zone.message(3), ("dkim=pass", "dmarc=pass"))
    login = ("-T", "tls", "-k", "-u", "plain0@bench.test", "-w", "secret", "-f", "plain0@bench.test", "-t", "someone@far.test")
    yield Row("checks.sign", "submission with TLS and AUTH, signed and relayed", "messages/s", {
        column: (lambda server=server: mail_turn(setup, server, server.ports["submissions"], setup.sink.count, messages, *login))
        for column, server in servers})


def prove(server, words):
    """Fails unless a message that arrived says that the checks passed: a figure for checks that were not made is worth nothing."""
    with os.scandir(server.inbox()) as entries:
        newest = max(entries, key=lambda entry: entry.stat().st_mtime_ns)
    with open(newest.path, encoding="latin-1") as file:
        head = file.read().partition("\n\n")[0]
    missing = [word for word in words if word not in head]
    if missing:
        raise RuntimeError(f"{server.name} did not find {', '.join(missing)}:\n{head}")
