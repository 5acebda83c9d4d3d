# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program on a terminal of its own and prints what appears there. For tests only.

usage: on_terminal.py COLUMNS ANSWER FREEZES PROGRAM ARGUMENT...

Types ANSWER and Enter once the question has appeared ("-": nothing). FREEZES: stops the program that many times
for a moment once it works, so that even a fast machine shows progress. Ends with its exit code.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import threading
import time

columns, answer, freezes = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execv(sys.argv[4], sys.argv[4:])


def freeze():
    for _ in range(freezes):
        time.sleep(0.05)
        os.kill(child, signal.SIGSTOP)
        time.sleep(0.25)
        os.kill(child, signal.SIGCONT)


seen = b""
answered = frozen = False
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:  # the program has closed the terminal
        break
    if not piece:
        break
    seen += piece
    if answer != "-" and not answered and b"the above: " in seen:
        os.write(terminal, answer.encode() + b"\n")
        answered = True
    if freezes > 0 and not frozen and b"Plan" in seen:
        frozen = True
        threading.Thread(target=freeze, daemon=True).start()
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
