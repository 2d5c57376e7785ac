"""send_as.py PORT USER PASSWORD RECIPIENT COUNT: sends messages after a login."""
import smtplib
import sys

port, user, password, recipient, count = int(sys.argv[1]), *sys.argv[2:5], int(sys.argv[5])
with smtplib.SMTP("127.0.0.1", port) as server:
    server.login(user, password)
    for number in range(count):
        server.sendmail(user, [recipient], b"Subject: %d\r\n\r\nbody\r\n" % number)
