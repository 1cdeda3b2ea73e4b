"""Where the tests run: a folder with an Airflow of their own and a stand-in for the larder command that notes what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DAGS = PROJECT / "airflow" / "dags"
AIRFLOW = Path(sys.executable).parent / "airflow"
COMMAND_SECONDS = 240


def shared_settings() -> dict[str, str]:
    """What compose and the native stack give to Airflow."""
    lines = (PROJECT / "deploy" / "airflow" / "airflow.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@dataclass(frozen=True)
class Call:
    """One note of the stand-in: what happened ("begin", "end", "failed") and to which command line."""

    event: str
    arguments: tuple[str, ...]

    @property
    def command(self) -> str:
        options = 2 * sum(option in self.arguments[:4] for option in ("-c", "-f"))
        return self.arguments[options]

    @property
    def words(self) -> tuple[str, ...]:
        """The command and what follows, without the common options."""
        return self.arguments[self.arguments.index(self.command) :]


class Larder:
    """The stand-in for the larder command."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        self._folder = folder
        self.program = Path(shutil.copy(PROJECT / "airflow" / "tests" / "larder", folder))

    def fail(self, command: str, times: int) -> None:
        (self._folder / f"fail.{command}").write_text("once\n" * times)

    def notes(self) -> list[Call]:
        calls = self._folder / "calls"
        if not calls.exists():
            return []
        # Split at newlines alone: splitlines would take the separator for one.
        lines = calls.read_text().split("\n")[:-1]
        return [Call(event, tuple(arguments)) for event, *arguments in (line.split("\037")[1:] for line in lines)]

    def begun(self) -> list[tuple[str, ...]]:
        return [note.words for note in self.notes() if note.event == "begin"]

    def forget(self) -> None:
        (self._folder / "calls").unlink(missing_ok=True)


class Stand:
    """A folder with Airflow's home, a feature repository's place and the stand-in."""

    def __init__(self) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="larder-airflow-")
        self.folder = Path(self._temporary.name)
        self.home = self.folder / "home"
        # A space and a quote, so that every way to call a command shows whether it quotes.
        self.repository = self.folder / "feature repo's"
        self.repository.mkdir()
        self.larder = Larder(self.folder / "bin")

    def close(self) -> None:
        self._temporary.cleanup()

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of the machine's own Airflow or Larder reaches the tests."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "LARDER_"))}
        return {
            **inherited,
            **shared_settings(),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.home}/airflow.db?timeout=60",
            "LARDER_COMMAND": str(self.larder.program),
            "LARDER_REPO": str(self.repository),
            "LARDER_START_DATE": "2026-11-01",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
            **more,
        }

    def airflow(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs one command of Airflow; its exit code is for the caller to look at."""
        return subprocess.run(
            [str(AIRFLOW), *arguments],
            env=self.environment(**more),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
        )
