"""Runs BlazePose in an environment that has mediapipe: paths of pictures in, JSON lines out.

    PYTHON blazepose_worker.py < paths.txt > poses.jsonl

Standard library and mediapipe only, because the interpreter that runs it has nothing of ours.
"""

import importlib
import importlib.metadata
import json
import os
import sys

LANDMARKS = {
    "nose": 0,
    "left_eye": 2,
    "right_eye": 5,
    "left_ear": 7,
    "right_ear": 8,
    "left_shoulder": 11,
    "right_shoulder": 12,
    "left_elbow": 13,
    "right_elbow": 14,
    "left_wrist": 15,
    "right_wrist": 16,
    "left_hip": 23,
    "right_hip": 24,
    "left_knee": 25,
    "right_knee": 26,
    "left_ankle": 27,
    "right_ankle": 28,
}


def main() -> None:
    """One line about the judge, then one line a picture: joints in 0..1, or null."""
    os.environ.setdefault("GLOG_minloglevel", "2")
    answers = os.fdopen(os.dup(1), "w")  # mediapipe's libraries print to file 1 themselves
    os.dup2(2, 1)
    cv2 = importlib.import_module("cv2")
    pose = importlib.import_module("mediapipe").solutions.pose
    about = {"mediapipe": importlib.metadata.version("mediapipe"), "model_complexity": 1}
    print(json.dumps(about), file=answers, flush=True)
    for line in sys.stdin:
        pixels = cv2.cvtColor(cv2.imread(line.rstrip("\n")), cv2.COLOR_BGR2RGB)
        # A fresh tracker for each picture: an old one would make answers depend on the order.
        with pose.Pose(static_image_mode=True, model_complexity=1) as reader:
            landmarks = reader.process(pixels).pose_landmarks
        joints = landmarks and {
            name: [landmarks.landmark[i].x, landmarks.landmark[i].y]
            for name, i in LANDMARKS.items()
        }
        print(json.dumps(joints), file=answers, flush=True)


if __name__ == "__main__":
    main()
