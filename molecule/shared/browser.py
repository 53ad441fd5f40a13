# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open pages in a headless Chromium and look at them as a reader would: browser.py CHROMIUM FILE...

Prints a line for each page. Exits with 1 and says what is wrong where a page loads anything, runs a script, does not
fit on a phone, cannot be read in light or dark, cannot be used by keyboard, or does not print. What it looked at is
left beside the page, for people: page.light.png, page.dark.png, page.phone.png and page.pdf.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

#: A busy machine needs its time to start a browser.
DEADLINE = 120.0
WIDTHS = (360, 768, 1280)
#: What a picture is taken of, and how much of it: its top is enough.
PICTURES = {(360, "light"): "phone", (1280, "light"): "light", (1280, "dark"): "dark"}
TALLEST = 3000
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
#: What WCAG 2.2 wants of text (AA, 1.4.3); of large text it wants less, and gets the same here.
LEAST_CONTRAST = 4.5

#: What is wrong with the document, whatever its size and colors.
STRUCTURE = """
(() => {
  const found = [];
  const all = [...document.querySelectorAll('*')];
  const active = 'script,iframe,object,embed,form,input,link,img,audio,video,base';
  if (document.querySelector(active)) found.push('it has a ' + document.querySelector(active).tagName);
  for (const element of all) for (const {name, value} of element.attributes) {
    if (name.startsWith('on') || name === 'style') found.push(`<${element.tagName} ${name}>`);
    if (['href', 'src'].includes(name) && !value.startsWith('#')) found.push(`a link to ${value}`);
  }
  const targets = [...document.querySelectorAll('a[href]')].map((link) => link.getAttribute('href').slice(1));
  for (const id of targets) if (!document.getElementById(id)) found.push(`a link to nothing: ${id}`);
  const ids = all.map((element) => element.id).filter(Boolean);
  if (new Set(ids).size !== ids.length) found.push('an id twice');
  const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((heading) => Number(heading.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1 || levels[0] !== 1) found.push(`headings ${levels}`);
  levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) found.push(`a heading ${level} too deep`); });
  for (const table of document.querySelectorAll('table')) {
    if (!table.querySelector('thead th[scope=col]')) found.push('a table without headings');
  }
  if (!document.documentElement.lang || !document.title) found.push('no language, or no title');
  if (!document.querySelector('main')) found.push('no main');
  return found;
})()
"""

#: What does not fit, or cannot be read, as it is laid out now. A closed list is opened first.
LAYOUT = """
(() => {
  const found = [];
  document.querySelectorAll('details').forEach((details) => { details.open = true; });
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`${root.scrollWidth} pixels wide`);
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = (color) => {
    const parts = color.map((part) => part / 255);
    const [r, g, b] = parts.map((s) => s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  let least = 21;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.getClientRects().length) continue;
    const pair = [parse(getComputedStyle(element).color).slice(0, 3), behind(element)];
    if (seen.has(String(pair))) continue;
    seen.add(String(pair));
    const [high, low] = pair.map(light).sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    least = Math.min(least, contrast);
    if (contrast < LEAST) found.push(`contrast ${contrast.toFixed(2)}: ${texts.currentNode.data.trim().slice(0, 40)}`);
  }
  return {found, least, page: behind(document.body), pairs: seen.size};
})()
""".replace("LEAST", str(LEAST_CONTRAST))

FOCUS = """
(() => {
  const element = document.activeElement, style = getComputedStyle(element);
  return {tag: element.tagName, outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          open: element.parentElement?.open ?? null};
})()
"""


class Browser:
    """A page of a browser, by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=DEADLINE, suppress_origin=True)
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command, and return its result. What happens meanwhile is in `events`."""
        number = next(self._numbers)
        request = {"id": number, "method": method, "params": params}
        self._socket.send(json.dumps(request | ({"sessionId": self._session} if self._session else {})))
        while True:
            answer: dict[str, Any] = json.loads(self._socket.recv())
            if answer.get("id") != number:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']}")
            else:
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, address: str) -> None:
        """Open a page in a tab of its own, and wait until it is loaded."""
        self._session = None
        tab = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=tab, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")
        self.events.clear()
        self("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(json.loads(self._socket.recv()))

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page. The page's own policy does not hold for it."""
        result = self("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        text = "\r" if key == "Enter" else ""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self("Input.dispatchKeyEvent", type="keyUp", **common)


@contextmanager
def started(program: str) -> Iterator[Browser]:
    """A browser with an empty profile, which ends with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *SWITCHES, f"--user-data-dir={profile}", "about:blank"]
        environment = {**os.environ, "HOME": profile}
        log = Path(profile, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            address = Path(profile, "DevToolsActivePort")
            end = time.monotonic() + DEADLINE
            while not (address.exists() and len(lines := address.read_text(encoding="ascii").split()) == 2):
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"{program} does not start: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.05)
            yield Browser(f"ws://127.0.0.1:{lines[0]}{lines[1]}")
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def faults(browser: Browser, page: Path) -> Iterator[str]:
    """Yield everything that is wrong with one page."""
    browser.open(page.as_uri())
    yield from browser.value(STRUCTURE)
    yield from _keyboard(browser)
    backgrounds = set()
    for width, scheme in itertools.product(WIDTHS, ("light", "dark")):
        browser(
            "Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        browser("Emulation.setDeviceMetricsOverride", **metrics)
        if name := PICTURES.get((width, scheme)):
            _picture(browser, width, page.with_suffix(f".{name}.png"))
        seen = browser.value(LAYOUT)
        yield from (f"{width} pixels, {scheme}: {words}" for words in seen["found"])
        if seen["pairs"] < 3:
            yield f"{width} pixels, {scheme}: there is no text to speak of"
        backgrounds.add((scheme, tuple(seen["page"])))
    if len({color for _scheme, color in backgrounds}) != 2:
        yield f"light and dark look the same: {backgrounds}"
    browser("Emulation.clearDeviceMetricsOverride")
    yield from _print(browser, page.with_suffix(".pdf"))
    yield from _happened(browser)


def _keyboard(browser: Browser) -> Iterator[str]:
    """Yield what is wrong for somebody without a mouse."""
    wanted = browser.value("document.querySelectorAll('a[href], summary').length")
    summary = None
    for _ in range(min(wanted, 30)):
        browser.press("Tab", 9)
        focus = browser.value(FOCUS)
        if focus["tag"] not in ("A", "SUMMARY") or not focus["outline"]:
            yield f"by keyboard {focus} is reached, or is not seen to be"
            return
        if focus["tag"] == "SUMMARY":
            summary = focus
            break
    if summary:
        browser.press("Enter", 13)
        if browser.value(FOCUS)["open"] is summary["open"]:
            yield "Enter does not open or close a list"
        browser.press("Enter", 13)
    browser.value("document.activeElement.blur()")


def _picture(browser: Browser, width: int, path: Path) -> None:
    """Leave a picture of the page as it is now."""
    height = min(browser.value("document.documentElement.scrollHeight"), TALLEST)
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    path.write_bytes(b64decode(browser("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"]))


def _print(browser: Browser, path: Path) -> Iterator[str]:
    """Yield what is wrong with the page on paper."""
    browser.value("document.querySelectorAll('details').forEach((details) => { details.open = false; })")
    browser("Emulation.setEmulatedMedia", media="print", features=[])
    hidden = (
        "[...document.querySelectorAll('.inside')].filter((part) => part.getBoundingClientRect().height < 10).length"
    )
    if count := browser.value(hidden):
        yield f"{count} closed workloads are not printed"
    path.write_bytes(b64decode(browser("Page.printToPDF", transferMode="ReturnAsBase64")["data"]))
    if path.stat().st_size < 4000:
        yield "there is nothing on paper"


def _happened(browser: Browser) -> Iterator[str]:
    """Yield what the page did that it should not."""
    requests = [event for event in browser.events if event.get("method") == "Network.requestWillBeSent"]
    yield from (f"it loads {event['params']['request']['url'][:100]}" for event in requests[1:])
    for event in browser.events:
        if event.get("method") in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            yield f"{event['method']}: {json.dumps(event['params'])[:300]}"
        if event.get("method") == "Page.javascriptDialogOpening":
            yield "it opens a dialog"


def main() -> int:
    """Look at all of them."""
    program, *pages = sys.argv[1:]
    if not pages:
        sys.exit(__doc__)
    bad = 0
    with started(program) as browser:
        for page in map(Path, pages):
            found = list(faults(browser, page.resolve(strict=True)))
            loaded = round(browser.value("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            size = page.stat().st_size // 1024
            print(f"{page.name}: {size} KiB, there after {loaded} ms, {'; '.join(found) or 'good'}", flush=True)
            bad += bool(found)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
