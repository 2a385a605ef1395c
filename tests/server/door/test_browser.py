"""A real browser on a page of another origin calls the service, with a stream."""

from __future__ import annotations

import http.server
import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from server.access.keys import KeyFile
from tests.api.test_routing import line_problem
from tests.serving import running_server

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
PAGE = """<!doctype html><meta charset="utf-8"><title>waiting</title><script>
async function unary(url, path, body, headers) {
  const answer = await fetch(url + path, {method: "POST", body: JSON.stringify(body),
    headers: {"content-type": "application/json", "connect-protocol-version": "1", ...headers}});
  return [answer.status, await answer.json(), answer.headers.get("x-request-id")];
}
async function stream(url, path, body, headers) {
  const text = new TextEncoder().encode(JSON.stringify(body));
  const sent = new Uint8Array(5 + text.length);
  new DataView(sent.buffer).setUint32(1, text.length);
  sent.set(text, 5);
  const answer = await fetch(url + path, {method: "POST", body: sent,
    headers: {"content-type": "application/connect+json", ...headers}});
  const messages = [], reader = answer.body.getReader();
  let pieces = 0, held = new Uint8Array(0);
  for (;;) {
    const {done, value} = await reader.read();
    if (done) break;
    pieces += 1;
    const joined = new Uint8Array(held.length + value.length);
    joined.set(held); joined.set(value, held.length); held = joined;
    for (;;) {
      if (held.length < 5) break;
      const size = new DataView(held.buffer, held.byteOffset).getUint32(1);
      if (held.length < 5 + size) break;
      messages.push(JSON.parse(new TextDecoder().decode(held.subarray(5, 5 + size))));
      held = held.slice(5 + size);
    }
  }
  return [messages, pieces];
}
(async () => {
  const about = ABOUT, said = {};
  for (const [name, url] of Object.entries(about.urls)) {
    try {
      const call = about.service;
      said[name] = {
        refused: await unary(url, call + "SolveRoutePlan", about.request, {}),
        solved: await unary(url, call + "SolveRoutePlan", about.request, about.headers),
        streamed: await stream(url, call + "StreamRoutePlan", about.request, about.headers),
      };
    } catch (fault) { said[name] = String(fault); }
  }
  await fetch("/said", {method: "POST", body: JSON.stringify(said)});
})();
</script><body></body>"""


class Pages(http.server.BaseHTTPRequestHandler):
    """Serves one page, and takes what its scripts say at last."""

    text = ""
    said: queue.Queue[bytes] = queue.Queue()

    def do_GET(self) -> None:
        """Answer with the page."""
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.text.encode())

    def do_POST(self) -> None:
        """Take what the page says."""
        Pages.said.put(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Run a web site; return its origin."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.skipif(BROWSER is None, reason="no Chromium (Debian: apt install chromium)")
def test_a_page_of_a_trusted_origin_calls(site: str, tmp_path: Path) -> None:
    """With the key it solves and streams; a server that does not trust the page is out of reach."""
    key = KeyFile(tmp_path / "keys.json").create("city")
    request = {"problem": json_format.MessageToDict(line_problem()), "options": {"timeLimit": "1s"}}
    settings = {"workers": 1, "http_port": 0, "keys_file": tmp_path / "keys.json"}
    folders = [tmp_path / name for name in ("trusting", "strange")]
    for folder in folders:
        folder.mkdir()
    with (
        running_server(folders[0], **settings, cors_origins=json.dumps([site])) as trusting,
        running_server(folders[1], **settings) as strange,
    ):
        about = {
            "urls": {"trusting": f"http://{trusting.web}", "strange": f"http://{strange.web}"},
            "service": "/alatau.freight.v1.RoutingService/",
            "request": request,
            "headers": {"authorization": f"Bearer {key}"},
        }
        Pages.text = PAGE.replace("ABOUT", json.dumps(about))
        said = said_by_the_page(site, tmp_path)
    assert "Failed to fetch" in said["strange"]
    status, error, request_id = said["trusting"]["refused"]
    assert (status, error["code"]) == (401, "unauthenticated")
    assert request_id
    status, solved, _ = said["trusting"]["solved"]
    assert status == 200
    assert solved["plan"]["cost"]["total"] == "10"
    messages, pieces = said["trusting"]["streamed"]
    assert pieces > 1  # they came on the way, not all at the end
    assert messages[-2]["plan"]["cost"]["total"] == "10"
    assert "error" not in messages[-1]


def said_by_the_page(url: str, folder: Path) -> Any:
    """Open a page in a browser and return what its scripts say at last."""
    assert BROWSER is not None
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command = [BROWSER, *flags, f"--user-data-dir={folder / 'profile'}", url]
    with (folder / "browser.log").open("w") as log:
        browser = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        return json.loads(Pages.said.get(timeout=90))
    finally:
        browser.terminate()
        browser.wait(20)
