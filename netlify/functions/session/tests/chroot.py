#!/usr/bin/env python3
"""Runs the static binary in an empty folder as its root: it starts, resolves a name, mints and stops.

    sudo python3 tests/chroot.py <binary>

Needs root, for chroot and for port 53 of loopback. No file is in there but the binary: no libc, no
/etc/resolv.conf, no certificates, no time zones. musl then asks a name server on 127.0.0.1, which is here.
The binary is what `chatkit-embed build --function` or `--server` wrote, with a hosted widget `support`.
"""

import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

NAME = "upstream.example"
asked = []


def answer_names(server):
    """A record for every name: 127.0.0.1. AAAA: none."""
    while True:
        query, client = server.recvfrom(512)
        end = query.index(b"\0", 12) + 5
        labels, kind = query[12 : end - 4], query[end - 4 : end - 2]
        asked.append(labels)
        found = kind == b"\0\1"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b""
        head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
        server.sendto(head + query[12:end] + record, client)


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"client_secret":"ek_1","expires_at":4000000000}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(binary):
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    for job in (lambda: answer_names(names), upstream.serve_forever):
        threading.Thread(target=job, daemon=True).start()
    with tempfile.TemporaryDirectory() as root:
        shutil.copy(binary, f"{root}/session")
        os.chmod(root, 0o755)
        program = subprocess.Popen(
            ["/session"],
            env={
                "PORT": "0",
                "BASE_URL": "https://chat.example.com",
                "OPENAI_API_KEY": "sk-test",
                "CHATKIT_WORKFLOW_ID": "wf_test",
                "OPENAI_BASE_URL": f"http://{NAME}:{upstream.server_port}/v1",
            },
            preexec_fn=lambda: (os.chroot(root), os.chdir("/"), os.setgid(65534), os.setuid(65534)),
            stderr=subprocess.PIPE,
            text=True,
        )
        details = (json.loads(line)["detail"] for line in program.stderr)
        port = next(detail for detail in details if "listening" in detail).rsplit(":", 1)[1]
        server = http.client.HTTPConnection("127.0.0.1", int(port), timeout=20)
        headers = {"origin": "https://chat.example.com", "content-type": "application/json"}
        server.request("POST", "/api/chatkit/session", '{"widget":"support"}', headers)
        reply = server.getresponse()
        body = json.loads(reply.read())
        print(program.stderr.readline().strip())
        program.send_signal(signal.SIGTERM)
        code = program.wait(20)
    assert reply.status == 200 and body["client_secret"] == "ek_1", (reply.status, body)
    assert any(b"upstream" in labels for labels in asked), asked
    assert code == 0, code
    print("ok: started, resolved a name, minted a session and stopped, with nothing but itself")


if __name__ == "__main__":
    main(*sys.argv[1:])
