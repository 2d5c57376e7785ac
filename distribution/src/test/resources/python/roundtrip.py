"""Sends hard messages and fetches them again, byte for byte. Arguments: SMTP port, POP3 port."""
import poplib
import smtplib
import sys

SMTP, POP3 = int(sys.argv[1]), int(sys.argv[2])
HEAD = b"From: kim@sample.org\r\nTo: doug@the-richardsons.org\r\nSubject: %s\r\n\r\n"
BODIES = {
    b"text": b"Hello\r\n",
    b"8 bit": "Grüße\r\n".encode("latin-1"),
    b"dots": b".\r\n..\r\n...\r\n.x\r\n\r\n.\r\n",
    b"empty": b"",
    b"blank": b"\r\n\r\n\r\n",
    b"NUL": b"a\0b\r\n",
    b"long": b"x" * 998 + b"\r\n",
    b"attachment": (b"QUJD" * 19 + b"\r\n") * (10 * 1024 * 1024 // 78),
}


def send():
    with smtplib.SMTP("127.0.0.1", SMTP, timeout=60) as smtp:
        smtp.ehlo("client.test")
        assert smtp.has_extn("pipelining") and smtp.has_extn("8bitmime") and smtp.has_extn("size")
        for name, body in BODIES.items():
            refused = smtp.sendmail("kim@sample.org", ["Doug@The-Richardsons.ORG"], HEAD % name + body, ["BODY=8BITMIME"])
            assert refused == {}, refused


def fetch():
    pop = poplib.POP3("127.0.0.1", POP3, timeout=60)
    pop.user("doug@the-richardsons.org")
    pop.pass_("secret")
    found = {}
    for entry in pop.list()[1]:
        number, size = entry.split()
        lines, octets = pop.retr(int(number))[1:]
        message = b"\r\n".join(lines) + b"\r\n"
        assert octets >= int(size) and len(message) == int(size), (octets, len(message), size)
        head, _, body = message.partition(b"\r\n\r\n")
        assert head.startswith(b"Return-Path: <kim@sample.org>\r\nReceived: "), head
        name = head.rsplit(b"Subject: ", 1)[1]
        found[name] = body
        pop.dele(int(number))
    pop.quit()
    assert found.keys() == BODIES.keys(), found.keys()
    for name, body in BODIES.items():
        assert found[name] == body, (name, found[name][:200], body[:200])


send()
fetch()
print("same")
