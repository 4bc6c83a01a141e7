"""Tests python3-websockets against a running server: connects, resumes after a cut, and gets a gap.

Usage: /usr/bin/python3 clients.py http://127.0.0.1:8080
On Debian, first run: apt-get install python3-websockets
"""
import asyncio, json, os, sys, urllib.parse, urllib.request
import websockets

server = urllib.parse.urlparse(sys.argv[1])
room = f"py-{os.getpid()}"


def publish(body):
    data = urllib.parse.urlencode({"body": body}).encode()
    with urllib.request.urlopen(f"{sys.argv[1]}/messages?room={room}", data) as answer:
        assert answer.status == 201, answer.status


def ws(after):
    return f"ws://{server.netloc}/ws?room={room}&after={after}"


async def receive(socket):
    return json.loads(await asyncio.wait_for(socket.recv(), 10))


async def main():
    socket = await websockets.connect(ws("latest"))
    assert (await receive(socket))["type"] == "hello"
    publish("one")
    first = await receive(socket)
    assert first["body"] == "one", first
    socket.transport.abort()
    publish("two")
    publish("three")
    async with websockets.connect(ws(first["id"])) as socket:
        assert (await receive(socket))["type"] == "hello"
        assert [(await receive(socket))["body"] for _ in range(2)] == ["two", "three"]
    async with websockets.connect(ws("7" + 25 * "Z")) as socket:
        assert (await receive(socket))["type"] == "hello"
        gap = await receive(socket)
        assert gap["type"] == "gap" and gap["reason"] == "replaced", gap
    print(f"python3-websockets {websockets.__version__}: connects, resumes after a cut, and gets a gap")


asyncio.run(main())
