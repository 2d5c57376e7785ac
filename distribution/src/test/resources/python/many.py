"""100 messages on one connection, then 50 connections at once with 4 messages each. Arguments: SMTP port, POP3 port."""
import poplib
import smtplib
import sys
import threading

SMTP, POP3 = int(sys.argv[1]), int(sys.argv[2])
problems = []


def send(first, count):
    try:
        with smtplib.SMTP("127.0.0.1", SMTP, timeout=60) as smtp:
            for number in range(first, first + count):
                smtp.sendmail("kim@sample.org", ["crowd@sample.org"], "Subject: %d\r\n\r\nx\r\n" % number)
    except Exception as problem:
        problems.append(repr(problem))


send(0, 100)
threads = [threading.Thread(target=send, args=(100 + 4 * i, 4)) for i in range(50)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not problems, problems
pop = poplib.POP3("127.0.0.1", POP3, timeout=60)
pop.user("crowd@sample.org")
pop.pass_("secret")
count = pop.stat()[0]
assert count == 300, count
subjects = set()
for number in range(1, count + 1):
    lines = pop.top(number, 0)[1]
    subjects.add([line for line in lines if line.startswith(b"Subject: ")][0])
assert len(subjects) == 300, len(subjects)
uids = {line.split()[1] for line in pop.uidl()[1]}
assert len(uids) == 300
pop.quit()
print("300")
