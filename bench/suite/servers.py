"""The servers that take turns: mailserv, and Postfix with Dovecot, configured alike."""
import contextlib, json, os, pwd, shutil, signal, subprocess

from .machine import Processes, free_port, greets, wait_for

SESSIONS = 10
SCHEMES = {"plain": "PLAIN", "scram": "SCRAM-SHA-256", "bcrypt": "BLF-CRYPT", "argon": "ARGON2ID"}
MASTER = (
    # service, type, private, unprivileged, wake-up, limit, command
    "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "tlsmgr unix - - n 1000? 1 tlsmgr",
    "tlsproxy unix - - n - 0 tlsproxy", "smtp unix - - n - - smtp", "proxymap unix - - n - - proxymap", "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache", "virtual unix - n n - - virtual", "error unix - - n - - error", "retry unix - - n - - error",
    "flush unix n - n 1000? 0 flush", "postlog unix-dgram n - n - 1 postlogd", "showq unix n - n - - showq",
)


def password_hash(scheme):
    """A hash as `doveadm pw` makes it, with its own choice of rounds; both servers get the same."""
    if scheme == "PLAIN":
        return "{PLAIN}secret"
    return subprocess.run(["doveadm", "pw", "-s", scheme, "-p", "secret"], capture_output=True, text=True, check=True).stdout.strip()


def accounts():
    """One account for each session and scheme: a mailbox is open in one session only."""
    hashes = {name: password_hash(scheme) for name, scheme in SCHEMES.items() if name == "plain" or shutil.which("doveadm")}
    return {"user": "{PLAIN}secret", "many": "{PLAIN}secret", "thousand": "{PLAIN}secret"} | {
        f"{name}{number}": text for name, text in hashes.items() for number in range(SESSIONS)}


class Mailserv:
    name = "mailserv"

    def __init__(self, folder, command, setup, more="", accounts=None):
        self.folder, self.command, self.setup = folder, command, setup
        self.ports = {kind: free_port() for kind in ("smtp", "submissions", "pop3", "pop3s")}
        os.makedirs(folder)
        self.config = os.path.join(folder, "mailserv.conf")
        boxes = ", ".join(f"{name} {{ password = {json.dumps(text)} }}" for name, text in (accounts or setup.accounts).items())
        listeners = ", ".join(f'{{ kind = {kind}, address = "127.0.0.1", port = {port} }}' for kind, port in self.ports.items())
        with open(self.config, "w") as file:
            file.write(f'''hostname = "mail.bench.test"
data-dir = "{folder}/data"
allow-root = true
relay-networks = ["127.0.0.0/8"]
pop3.plaintext-networks = ["127.0.0.0/8"]
domains {{ "bench.test" {{ path = "{self.mail()}", mailboxes {{ {boxes} }} }} }}
listeners = [ {listeners} ]
tls {{ certificates = [ {{ certificate = "{setup.certificate}", key = "{setup.key}" }} ], session-tickets = true }}
relay {{ mta-sts.enabled = false, dane = false
  routes {{ "*" {{ host = "127.0.0.1", port = {setup.sink.port} }}, "tls.test" {{ host = "127.0.0.1", port = {setup.tls_sink.port} }} }} }}
dns.servers = ["{setup.dns}"]
net.max-connections = 120000
pickup.enabled = false
smtp.max-commands = 1000000000
{more}''')
        self.process = None

    def mail(self):
        return f"{self.folder}/mail"

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen([*self.command, "-c", self.config], stdout=self.log, stderr=self.log, preexec_fn=self.setup.limits)
        self.processes = Processes(self.process.pid)
        wait_for("mailserv's greeting", self.ready, 0.002)

    def roots(self):
        return self.processes.roots

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"mailserv does not start; see {self.log.name}: {open(self.log.name).read()[-2000:]}")
        return greets(self.ports["smtp"])

    def inbox(self, user="user"):
        return f"{self.mail()}/{user}/new"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.log.close()
            self.process = None


class Peers:
    """Postfix, and Dovecot for POP3 and for Postfix's logins."""

    name = "Postfix + Dovecot"

    def __init__(self, folder, setup, more=""):
        self.folder, self.setup, self.more = folder, setup, more
        self.ports = {kind: free_port() for kind in ("smtp", "submissions", "pop3", "pop3s")}
        self.etc, self.queue = f"{folder}/postfix", f"{folder}/queue"
        for each in (folder, self.etc, self.queue, self.mail(), f"{folder}/data", f"{folder}/dovecot"):
            os.makedirs(each, exist_ok=True)
        self.user = pwd.getpwnam("nobody")
        os.chown(self.mail(), self.user.pw_uid, self.user.pw_gid)
        shutil.chown(f"{folder}/data", "postfix")
        self.maillog = f"/var/log/mailserv-bench-{os.getpid()}-{os.path.basename(folder)}.log"
        self.dovecot = None
        self.write_postfix()
        self.write_dovecot()

    def mail(self):
        return f"{self.folder}/mail"

    def write_postfix(self):
        setup = self.setup
        with open(f"{self.etc}/main.cf", "w") as file:
            file.write(f'''compatibility_level = 3.6
myhostname = mail.bench.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {self.queue}
data_directory = {self.folder}/data
maillog_file = {self.maillog}
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
virtual_mailbox_domains = bench.test
virtual_mailbox_maps = texthash:{self.etc}/boxes
virtual_mailbox_base = {self.mail()}
virtual_uid_maps = static:{self.user.pw_uid}
virtual_gid_maps = static:{self.user.pw_gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 60000000
virtual_destination_concurrency_limit = 20
virtual_destination_recipient_limit = 1
default_transport = smtp:[127.0.0.1]:{setup.sink.port}
transport_maps = inline:{{tls.test=smtp:[127.0.0.1]:{setup.tls_sink.port}}}
disable_dns_lookups = yes
smtp_connection_cache_on_demand = yes
smtp_tls_connection_reuse = yes
smtp_tls_security_level = may
smtp_tls_session_cache_database = btree:{self.folder}/data/smtp_scache
smtpd_tls_security_level = may
smtpd_tls_chain_files = {setup.key} {setup.certificate}
smtpd_tls_mandatory_protocols = TLSv1.3
smtpd_sasl_type = dovecot
smtpd_sasl_path = {self.folder}/dovecot/auth
in_flow_delay = 0
{self.more}
''')
        with open(f"{self.etc}/boxes", "w") as file:
            file.writelines(f"{name}@bench.test {name}/\n" for name in self.setup.accounts)
        with open(f"{self.etc}/master.cf", "w") as file:
            file.write(f"127.0.0.1:{self.ports['smtp']} inet n - n - 100 smtpd\n")
            file.write(f"127.0.0.1:{self.ports['submissions']} inet n - n - 100 smtpd\n"
                       "  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes\n")
            file.writelines(line + "\n" for line in MASTER)

    def write_dovecot(self):
        with open(f"{self.folder}/users", "w") as file:
            file.writelines(f"{name}@bench.test:{text}:{self.user.pw_uid}:{self.user.pw_gid}::{self.folder}/home::\n"
                            for name, text in self.setup.accounts.items())
        with open(f"{self.folder}/dovecot.conf", "w") as file:
            file.write(f'''protocols = pop3
base_dir = {self.folder}/dovecot
log_path = {self.folder}/dovecot.log
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256
ssl = yes
ssl_cert = <{self.setup.certificate}
ssl_key = <{self.setup.key}
ssl_min_protocol = TLSv1.3
mail_location = maildir:{self.mail()}/%n
first_valid_uid = 1
mail_max_userip_connections = 1000
service auth {{
  unix_listener {self.folder}/dovecot/auth {{
    mode = 0666
  }}
}}
service pop3-login {{
  service_count = 0
  process_min_avail = 2
  inet_listener pop3 {{
    address = 127.0.0.1
    port = {self.ports["pop3"]}
  }}
  inet_listener pop3s {{
    address = 127.0.0.1
    port = {self.ports["pop3s"]}
    ssl = yes
  }}
}}
service pop3 {{
  service_count = 1000
  process_min_avail = 2
}}
passdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
userdb {{
  driver = passwd-file
  args = {self.folder}/users
}}
{self.setup.dovecot_more}
''')

    def postfix(self, verb):
        done = subprocess.run(["postfix", "-c", self.etc, verb], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"postfix {verb}: {done.stderr.strip()}")

    def start(self):
        self.postfix("start")
        pid = f"{self.queue}/pid/master.pid"
        wait_for("Postfix's pid file", lambda: os.path.exists(pid) and open(pid).read().strip())
        roots = [int(open(pid).read())]
        if shutil.which("dovecot"):
            self.dovecot = subprocess.Popen(["dovecot", "-F", "-c", f"{self.folder}/dovecot.conf"], stderr=subprocess.DEVNULL)
            roots.append(self.dovecot.pid)
            wait_for("Dovecot's greeting", lambda: greets(self.ports["pop3"], b"+OK"))
        self.processes = Processes(*roots)
        wait_for("Postfix's greeting", lambda: greets(self.ports["smtp"]))

    def roots(self):
        return self.processes.roots

    def inbox(self, user="user"):
        return f"{self.mail()}/{user}/new"

    def stop(self):
        with contextlib.suppress(RuntimeError):
            self.postfix("stop")
        if self.dovecot:
            self.dovecot.terminate()
            self.dovecot.wait(20)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.maillog)


class Program:
    """A mode of bench/load that runs beside the servers: a sink, or the DNS."""

    def __init__(self, load, *arguments):
        self.process = subprocess.Popen([load, *map(str, arguments)])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


class Sink(Program):
    """The null server, which counts in a file what it took."""

    name = "null server"

    def __init__(self, load, folder, name, *arguments, threads=200):
        self.port, self.file = free_port(), os.path.join(folder, name + ".count")
        super().__init__(load, "sink", "-p", self.port, "-s", threads, "-C", self.file, *arguments)
        self.processes = Processes(self.process.pid)
        wait_for("the sink", lambda: os.path.exists(self.file) and os.path.getsize(self.file) == 8)

    def roots(self):
        return self.processes.roots

    def count(self):
        with open(self.file, "rb") as file:
            return int.from_bytes(file.read(8), "little")
