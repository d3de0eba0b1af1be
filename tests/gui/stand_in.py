"""Speaks as `guise check` and `guise train` do, without learning anything.

    python stand_in.py check DIR --json --previews OUT.png
    python stand_in.py train RECIPE --data D --out RUN [--estimate]

Names of folders decide what happens: a folder without pictures is refused, one called `broken`
makes the training fail, one called `silent` ends without a word. A training waits for words; every
step is one tick, and it ends after STEPS of them, or with what it was asked for.
"""

import json
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from itertools import pairwise
from pathlib import Path

STEPS = int(os.environ.get("STAND_IN_STEPS", "100000"))
PAUSE = 0.02
_PICTURES = (".png", ".jpg")


def main(words):
    if words[0] == "check":
        return check(Path(words[1]), words)
    given = dict(pairwise(words))
    if "--estimate" in words:
        return estimate(given)
    return Trainer(words, Path(given["--out"]), Path(given["--data"])).run()


def check(folder, words):
    photos = sorted(p for p in folder.glob("*") if p.suffix in _PICTURES)
    usable = len(photos) > 1
    reason = "" if usable else f"{folder} has no photos to learn from; choose another folder."
    few = {"severity": "warning", "kind": "missing", "text": "One photo is missing.", "count": 1}
    if usable and "--previews" in words:
        shutil.copy(photos[0], words[words.index("--previews") + 1])
    answer = {
        "version": 1,
        "folder": str(folder),
        "layout": "edges" if usable else "",
        "title": "Drawings and photos" if usable else "",
        "splits": {"train": len(photos) - 1, "val": 1} if usable else {},
        "sizes": {"usual": [256, 256]} if usable else {},
        "problems": [{**few, "names": ["gone.png"]}] if usable else [],
        "recipes": [
            {"id": "bicyclegan", "fits": usable, "reason": ""},
            {"id": "vunet-edges", "fits": usable, "reason": ""},
            {"id": "vunet", "fits": False, "reason": "It learns from people."},
        ],
        "arguments": ["--data", str(folder)],
        "previews": None,
        "usable": usable,
        "reason": reason,
    }
    print(json.dumps(answer))
    if not usable:
        print(f"guise: {reason}", file=sys.stderr)
    return 0 if usable else 2


def estimate(given):
    stage = {"name": "64", "minutes": 5.0, "batch": 16, "bytes": 1_200_000_000, "images": 4000}
    answer = {"minutes": float(given["--minutes"]), "fits": True, "device": "cpu"}
    print(json.dumps({**answer, "stages": [stage], "text": ["It fits."]}))
    return 0


class Trainer:
    def __init__(self, words, out, data):
        self.out, self.data = out, data
        self.command = shlex.join(["guise", *words])
        self.step, self.state, self.model, self.sheet = 0, "starting", None, None
        self.asked_to_stop = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "asked_to_stop", True))

    def run(self):
        shutil.rmtree(self.out / "control", ignore_errors=True)
        if self.data.name == "silent":
            return 1
        if self.data.name == "broken":
            sentence = "The disk is full; make room, then resume."
            self.tell("failed", error=sentence)
            print(f"guise: {sentence}", file=sys.stderr)
            return 2
        state = self.out / "state.json"
        self.step = json.loads(state.read_text())["step"] if state.exists() else 0
        self.tell("training")
        while self.step < STEPS and not self.asked_to_stop:
            self.obey()
            self.train()
        self.tell("stopping")
        self.keep()
        self.tell("stopped" if self.asked_to_stop else "done")
        return 130 if self.asked_to_stop else 0

    def train(self):
        time.sleep(PAUSE)
        if self.asked("pause"):
            return
        self.step += 1
        self.note({"l1": 1 / self.step, "perceptual": 0.5 + 1 / self.step})
        if self.step % 20 == 0:
            self.keep()
        self.tell("training")

    def obey(self):
        if self.asked("pause") and self.state != "paused":
            self.keep()
            self.tell("paused")
        for word, act in (
            ("sample", self.sample),
            ("backup", self.back_up),
            ("export", self.export),
            ("stop", self.stop),
        ):
            if self.asked(word):
                act()
                self.tell(self.state)
                (self.out / "control" / word).unlink()

    def asked(self, word):
        return (self.out / "control" / word).exists()

    def stop(self):
        self.asked_to_stop = True

    def sample(self):
        folder = self.out / "samples"
        folder.mkdir(exist_ok=True)
        photo = next(p for p in sorted(self.data.glob("*")) if p.suffix in _PICTURES)
        self.sheet = str(shutil.copy(photo, folder / f"{self.step * 16:08d}.png"))
        self.note({"val_l1": 1.1 / self.step})

    def back_up(self):
        (self.out / "backups" / str(self.step)).mkdir(parents=True, exist_ok=True)

    def export(self):
        self.model = str(self.out / "model.safetensors")
        shutil.copy(os.environ["STAND_IN_MODEL"], self.model)

    def keep(self):
        (self.out / "state.json").write_text(json.dumps({"step": self.step}))

    def note(self, values):
        line = {"step": self.step, "images": self.step * 16, "seconds": self.step * 0.5, **values}
        with (self.out / "stats.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def tell(self, state, **more):
        self.state = state
        status = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "state": state,
            "command": self.command,
            "recipe": "bicyclegan",
            "stage": "64",
            "progress": self.step / STEPS,
            "images": self.step * 16,
            "per_second": 32.0,
            "eta_s": 90.0,
            "batch": 16,
            "model": self.model,
            "model_time": Path(self.model).stat().st_mtime if self.model else None,
            "sheet": self.sheet,
            "updated": time.time(),
            **more,
        }
        draft = self.out / ".status"
        draft.write_text(json.dumps(status))
        draft.replace(self.out / "status.json")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
