"""Logs in every way, over TLS, and shows that nothing works without it. Arguments: submission, submissions, pop3, pop3s, smtp."""
import base64
import hashlib
import hmac
import os
import poplib
import smtplib
import socket
import ssl
import sys

submission, submissions, pop3, pop3s, smtp = map(int, sys.argv[1:6])
USER, PASSWORD = "doug@the-richardsons.org", "secret"
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def b64(data):
    return base64.b64encode(data).decode()


def scram_messages(send, plus=None):
    """Runs the exchange by RFC 5802; send takes a message and gives the server's."""
    gs2 = b"p=tls-server-end-point,," if plus else b"n,,"
    nonce = b64(os.urandom(12)).encode()
    bare = b"n=" + USER.encode() + b",r=" + nonce
    first = send(gs2 + bare)
    parts = dict(p.split(b"=", 1) for p in first.split(b","))
    assert parts[b"r"].startswith(nonce)
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), base64.b64decode(parts[b"s"]), int(parts[b"i"]))
    key = hmac.new(salted, b"Client Key", "sha256").digest()
    without = b"c=" + base64.b64encode(gs2 + (plus or b"")) + b",r=" + parts[b"r"]
    message = bare + b"," + first + b"," + without
    signature = hmac.new(hashlib.sha256(key).digest(), message, "sha256").digest()
    proof = bytes(a ^ b for a, b in zip(key, signature))
    last = send(without + b",p=" + base64.b64encode(proof))
    server = hmac.new(hmac.new(salted, b"Server Key", "sha256").digest(), message, "sha256").digest()
    assert last == b"v=" + base64.b64encode(server), last


def scram_smtp(connection, mechanism, plus=None):
    started = []

    def send(message):
        line = b64(message)
        code, text = connection.docmd(line if started else "AUTH " + mechanism + " " + line)
        started.append(1)
        assert code == 334, (code, text)
        return base64.b64decode(text)

    scram_messages(send, plus)
    code, text = connection.docmd("")
    assert code == 235, (code, text)


def starttls():
    connection = smtplib.SMTP("127.0.0.1", submission, timeout=30)
    connection.ehlo("client.test")
    assert "auth" not in connection.esmtp_features, connection.esmtp_features
    code, _ = connection.docmd("MAIL FROM:<" + USER + ">")
    assert code == 530, code
    code, _ = connection.docmd("AUTH PLAIN " + b64(b"\0" + USER.encode() + b"\0" + PASSWORD.encode()))
    assert code == 538, code
    connection.starttls(context=context)
    code, _ = connection.docmd("MAIL FROM:<" + USER + ">")
    assert code == 503, code
    connection.ehlo("client.test")
    assert "starttls" not in connection.esmtp_features
    assert connection.has_extn("requiretls")
    return connection


def implicit():
    connection = smtplib.SMTP_SSL("127.0.0.1", submissions, timeout=30, context=context)
    connection.ehlo("client.test")
    return connection


for mechanism in ("PLAIN", "LOGIN"):
    connection = starttls()
    assert mechanism in connection.esmtp_features["auth"].split()
    connection.user, connection.password = USER, PASSWORD
    method = connection.auth_plain if mechanism == "PLAIN" else connection.auth_login
    connection.auth(mechanism, method, initial_response_ok=mechanism == "PLAIN")
    connection.sendmail(USER, ["kim@sample.org"], "Subject: by " + mechanism + "\r\n\r\nbody\r\n")
    connection.quit()

connection = starttls()
scram_smtp(connection, "SCRAM-SHA-256")
connection.quit()

connection = implicit()
der = connection.sock.getpeercert(binary_form=True)
assert "SCRAM-SHA-256-PLUS" in connection.esmtp_features["auth"].split()
scram_smtp(connection, "SCRAM-SHA-256-PLUS", hashlib.sha256(der).digest())
code, _ = connection.docmd("MAIL FROM:<somebody@else.test>")
assert code == 550, code
connection.quit()

connection = implicit()
connection.ehlo("client.test")
for _ in range(2):
    try:
        connection.login(USER, "wrong", initial_response_ok=True)
        raise AssertionError("logged in with a wrong password")
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPServerDisconnected):
        pass

# Injection: what comes along with STARTTLS in plain text must never be taken for protected commands.
raw = socket.create_connection(("127.0.0.1", smtp), 30)
reader = raw.makefile("rb")
assert reader.readline().startswith(b"220")
raw.sendall(b"EHLO x\r\n")
while not reader.readline().startswith(b"250 "):
    pass
raw.sendall(b"STARTTLS\r\nRSET\r\n")
assert reader.readline().startswith(b"501"), "injection"
assert reader.read() == b"", "not closed"

# POP3
plain = poplib.POP3("127.0.0.1", pop3, timeout=30)
plain.capa()
plain.stls(context)
assert "SCRAM-SHA-256" in " ".join(plain.capa().get("SASL", [])), plain.capa()
plain.user(USER)
plain.pass_(PASSWORD)
plain.quit()
secure = poplib.POP3_SSL("127.0.0.1", pop3s, timeout=30, context=context)
started = []


def send(message):
    line = b64(message)
    secure._putcmd(line if started else "AUTH SCRAM-SHA-256 " + line)
    started.append(1)
    answer, _ = secure._getline()
    assert answer.startswith(b"+ "), answer
    return base64.b64decode(answer[2:])


scram_messages(send)
assert secure._shortcmd("").startswith(b"+OK")
secure.quit()
print("all well", connection and "")
