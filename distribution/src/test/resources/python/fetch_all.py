"""fetch_all.py PORT USER PASSWORD FOLDER: fetches all messages with poplib into files named by their UIDs, octet for octet."""
import os
import poplib
import sys

port, user, password, folder = sys.argv[1:]
poplib._MAXLINE = 1 << 20
box = poplib.POP3("127.0.0.1", int(port))
box.user(user)
box.pass_(password)
count, total = box.stat()
sizes = [int(line.split()[1]) for line in box.list()[1]]
uids = [line.split()[1].decode() for line in box.uidl()[1]]
assert len(sizes) == len(uids) == count and sum(sizes) == total, (count, total, sizes)
for number, uid in enumerate(uids, 1):
    lines = box.retr(number)[1]
    content = b"".join(line + b"\r\n" for line in lines)
    # What has no last end of line gets one on the wire, which its size does not count.
    assert len(content) - sizes[number - 1] in (0, 2), (uid, len(content), sizes[number - 1])
    with open(os.path.join(folder, uid), "wb") as file:
        file.write(content)
box.quit()
