"""A headless Chromium that is told over a pipe what to do: of the standard library alone."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found():
    """The program of a browser; none where none is installed. The variable CHROME names another."""
    asked = os.environ.get("CHROME")
    return asked or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a browser. `errors` has what its console said that was no plain log, `requests` what it asked to load."""

    def __init__(self, program, width=1100, height=900, dark=False):
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)

        def hand_over():
            # Its pipes have the numbers 3 and 4; ours may have these numbers, too.
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3, inheritable=True)
            os.dup2(write, 4, inheritable=True)

        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars"]
        flags += ["--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={self._home.name}"]
        self._process = subprocess.Popen(
            [program, *flags, f"--window-size={width},{height}", "about:blank"],
            preexec_fn=hand_over,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._rest, self._number, self._session = b"", 0, None
        self.errors, self.requests = [], []
        targets = self._ask("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        attached = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self._ask(f"{domain}.enable")
        self.resize(width, height)
        self.light(dark)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._home.cleanup()

    def _ask(self, method, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                return told["result"]

    def _next(self):
        while b"\0" not in self._rest:
            more = os.read(self._read, 1 << 20)
            if not more:
                raise RuntimeError("the browser ended")
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        told = json.loads(message)
        of = told.get("params", {})
        match told.get("method"):
            case "Runtime.exceptionThrown":
                self.errors.append(json.dumps(of["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if of["type"] in ("error", "warning", "assert"):
                self.errors.append(json.dumps(of["args"]))
            case "Log.entryAdded" if of["entry"]["level"] in ("error", "warning"):
                self.errors.append(of["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(of["request"]["url"])
        return told

    def resize(self, width, height=900):
        """Makes the window so wide and high, in CSS pixels."""
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def light(self, dark):
        """Asks for dark pages, or for light ones."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._ask("Emulation.setEmulatedMedia", features=scheme)

    def open(self, path):
        """Opens a file and waits until it is drawn."""
        self._ask("Page.navigate", url=path.as_uri())
        self.wait("document.readyState === 'complete' && document.querySelector('main section') !== null")

    def run(self, script):
        """What an expression of JavaScript gives."""
        told = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"])
        return told["result"].get("value")

    def wait(self, script, seconds=10.0):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(script):
            if time.monotonic() > end:
                raise TimeoutError(script)
            time.sleep(0.02)

    def place(self, selector, share=(0.5, 0.5)):
        """Where a part of an element is in the window, once the page is scrolled there."""
        box = self.run(
            f"(() => {{ const one = document.querySelector({selector!r}); one.scrollIntoView({{block: 'center'}});"
            " const b = one.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()"
        )
        return box[0] + share[0] * box[2], box[1] + share[1] * box[3]

    def move(self, x, y):
        """Moves the pointer."""
        self._ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, x, y):
        """Presses the button of the mouse."""
        self._ask("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left", buttons=1, clickCount=1)

    def release(self, x, y):
        """Lets it go."""
        self._ask("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, button="left", clickCount=1)

    def click(self, x, y):
        """Clicks there."""
        self.move(x, y)
        self.press(x, y)
        self.release(x, y)

    def key(self, name, code=0, text=""):
        """Presses a key by its name, as `ArrowRight`."""
        shared = {"key": name, "code": name, "windowsVirtualKeyCode": code, "text": text}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **shared)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=name, code=name, windowsVirtualKeyCode=code)

    def allow_clipboard(self):
        """Lets the page copy and be asked what was copied."""
        session, self._session = self._session, None
        self._ask("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self._session = session

    def picture(self, path, whole=True):
        """A picture of the page."""
        told = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(told["data"]))
