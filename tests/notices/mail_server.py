"""
A mail server of a few lines, as a process of its own: `python mail_server.py PORT FOLDER SECONDS`.

It speaks as much SMTP as Python's client asks, keeps each mail it took as a file in the folder, and takes so many
seconds to take one. To a reader whose address begins with `nobody` it says, for good, that there is none.
"""

import socketserver
import sys
import time
import uuid
from pathlib import Path


class Conversation(socketserver.StreamRequestHandler):
    """One client, from its greeting to its farewell."""

    def handle(self) -> None:
        """Answer what is asked; a client that goes away in the middle has sent nothing."""
        self.say("220 mail.example")
        while line := self.rfile.readline().strip():
            match line.split(b" ")[0].upper():
                case b"QUIT":
                    self.say("221 bye")
                    return
                case b"RCPT" if b"<nobody" in line:
                    self.say("550 no such mailbox")
                case b"DATA":
                    self.say("354 go on")
                    self.take()
                case _:
                    self.say("250 yes")

    def take(self) -> None:
        """Keep a mail, after a while."""
        lines = []
        while (line := self.rfile.readline()) and line.strip() != b".":
            lines.append(line)
        Path(sys.argv[2], "arriving").touch()
        time.sleep(float(sys.argv[3]))
        Path(sys.argv[2], f"{uuid.uuid4()}.eml").write_bytes(b"".join(lines))
        self.say("250 kept")

    def say(self, text: str) -> None:
        """Answer one line."""
        self.wfile.write(text.encode() + b"\r\n")


if __name__ == "__main__":
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Conversation) as server:
        server.serve_forever()
