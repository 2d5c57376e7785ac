"""Sends to every form of an address and fetches with every form of a login. Arguments: SMTP port, POP3 port, POP3 port of the destination."""
import base64
import poplib
import smtplib
import sys
import time
import unicodedata

SMTP, POP3, FAR_POP3 = map(int, sys.argv[1:4])
DOMAINS = ["bücher.test", "BÜCHER.test", "bu\u0308cher.test", "xn--bcher-kva.test", "XN--Bcher-KVA.test", "bücher\u3002test"]
NAMES = ["jürgen", "JÜRGEN", "ju\u0308rgen", "ｊüｒｇｅｎ"]
ODD = ["a..b", '"a..b"', ".c", "d.", "long-" + "9" * 120]


def send(recipient, sender="u@far.test", expect=250, options=""):
    with smtplib.SMTP("127.0.0.1", SMTP, timeout=60) as smtp:
        smtp.command_encoding = "utf-8"
        smtp.ehlo("client.test")
        answer = smtp.docmd("MAIL", f"FROM:<{sender}> SMTPUTF8{options}")
        assert answer[0] == 250, (sender, answer)
        answer = smtp.docmd("RCPT", f"TO:<{recipient}>")
        assert answer[0] == expect, (recipient, answer)
        if expect == 250:
            answer = smtp.data(b"Subject: forms\r\n\r\nx\r\n")
            assert answer[0] == 250, (recipient, answer)


def connect(port):
    pop = poplib.POP3("127.0.0.1", port, timeout=60)
    pop.encoding = "utf-8"
    return pop


def count(login, port, sasl=False):
    pop = connect(port)
    if sasl:
        text = base64.b64encode(f"\0{login}\0secret".encode()).decode()
        pop._shortcmd("AUTH PLAIN " + text)
    else:
        pop.user(login)
        pop.pass_("secret")
    found = pop.stat()[0]
    pop.quit()
    return found


def expect_mail(login, port, wanted):
    deadline = time.monotonic() + 60
    while count(login, port) < wanted:
        assert time.monotonic() < deadline, (login, wanted)
        time.sleep(0.1)
    assert count(login, port) == wanted, login


sent = 0
for domain in DOMAINS:
    for name in NAMES:
        send(f"{name}@{domain}")
        sent += 1
expect_mail("jürgen@bücher.test", POP3, sent)
for domain in DOMAINS:
    for name in NAMES:
        for sasl in False, True:
            assert count(f"{name}@{domain}", POP3, sasl) == sent, (name, domain, sasl)

send("jurgen@bücher.test", expect=550)
send("u@a\u200db.test", expect=553)
send("u@xn--a.test", expect=553)
send("nobody@straße.test", sender="a..b@far.test")

for name in ODD:
    send(f"{name}@bücher.test", sender=f"{name}@far.test")
expect_mail("a..b@bücher.test", POP3, 2)
expect_mail('"a..b"@xn--bcher-kva.test', POP3, 2)
for name in ODD[2:]:
    expect_mail(f"{name}@bücher.test", POP3, 1)

for name in ODD:
    send(f"{name}@STRASSE.test".replace("STRASSE", "straße"), options=" ENVID=a=b")
expect_mail("a..b@xn--strae-oqa.test", FAR_POP3, 2)
for name in ODD[2:]:
    expect_mail(f"{name}@straße.test", FAR_POP3, 1)
assert unicodedata.normalize("NFC", DOMAINS[2]) == DOMAINS[0]
print("same")
