"""spool.py DATA: lists the messages that wait in the queue folder of a server that is down, from the format in spool.md alone."""
import pathlib
import sys


def head(file):
    """Sender, recipients and facts of a queue file."""
    with open(file, "rb") as lines:
        def line():
            return next(lines).rstrip(b"\r\n").decode()

        assert line() == "MAILSERV SENDER FILE", file
        sender, recipients, facts = "@".join((line(), line())), [], {}
        for text in iter(line, "<END>"):
            if ": " in text and not text.startswith('"'):
                name, value = text.split(": ", 1)
                facts[name] = value
            else:
                recipients.append(f"{text}@{line()}")
    return "" if sender == "@" else sender, recipients, facts


for file in sorted(pathlib.Path(sys.argv[1], "spool/queue").glob("??/*")):
    if file.suffix:
        continue
    sender, recipients, facts = head(file)
    state = file.with_name(file.name + ".state")
    said = dict(line.split(": ", 1) for line in state.read_text().splitlines()) if state.exists() else {}
    for number, recipient in enumerate(recipients, 1):
        status = said.get(f"Status-{number}", "PENDING")
        print(file.name, facts.get("Arrival"), f"<{sender}>", f"<{recipient}>", status, said.get(f"Reply-{number}", ""))
