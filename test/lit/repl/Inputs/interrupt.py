"""Ctrl-C on a terminal: it stops a pipeline, pressed once or many times, and never ends the session."""
import os
import pty
import select
import sys
import time

DEADLINE = time.monotonic() + 20


def main(streamc):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(streamc, [streamc, "repl"])
    seen = b""

    def wait_for(text):
        nonlocal seen
        while text not in seen:
            left = DEADLINE - time.monotonic()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                sys.exit(f"{text!r} did not come; what came: {seen!r}")
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                sys.exit(f"the session ended before {text!r}; what came: {seen!r}")
        seen = seen[seen.index(text) + len(text):]

    def send(text):
        os.write(terminal, text)

    wait_for(b"sdl> ")
    send(b'source events: { user: string  n: int } from file("events.jsonl") format json on bad drop\n')
    wait_for(b"sdl> ")
    for interrupts in (b"\x03", b"\x03\x03\x03"):
        send(b"events |> where n > 2;\n")
        wait_for(b'{"user":"ann","n":3}')  # the file has ended, the pipeline waits for more
        send(interrupts)
        wait_for(b"sdl> ")
        send(b"20 + 22\n")
        wait_for(b"42 : int")
        wait_for(b"sdl> ")
    send(b"40 + 3\n")
    wait_for(b"43 : int")
    send(b":quit\n")
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
