"""Take the README's pictures from the real program: `python -m tests.support.make_pictures`, about two minutes.

Somebody drops the sample company's tables, without the column that gives the answer away, and follows the obvious
button from station to station. Colours are reduced to a palette, so that each picture stays small.
"""

import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from sklearn.cluster import MiniBatchKMeans

from tests.support.person import Person
from tests.support.screen import ARTEFACTS, Screen
from tests.support.six_states import tables

PICTURES = Path(__file__).resolve().parents[2] / "resources" / "help" / "pictures"
WIDTH = 1120
COLOURS = 64


def main() -> None:
    """Walk through the stations and keep a picture of each."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, Screen() as screen:
        files = tables(Path(name))
        person = Person(screen, Path(name), "readme")
        keep(person, "welcome")
        screen.key("ctrl+o")
        person.waits("the file dialog", lambda s: s["dialog"])
        screen.type(" ".join(f'"{file}"' for file in files))
        screen.key("Return")
        person.waits("the preview", lambda s: s["importing"])
        keep(person, "data")
        person.presses("Import")
        person.waits("the graph", lambda s: s["positions"] and "layout" not in s["busy"])
        person.presses("Go on to exploring")
        person.presses("Predict something…")
        person.presses("Prepare the recipe")
        person.waits("the recipe", lambda s: s["target"] == "department" and not s["busy"], 300)
        person.presses("station Explore")
        keep(person, "explore")
        person.presses("Go on to pretraining")
        person.presses("Pretrain")
        person.waits("the pretrained encoder", lambda s: not s["running"] and bool(s["run"]), 300)
        person.presses("Go on to fine-tuning")
        person.presses("Run")
        person.waits("the verdict", lambda s: not s["running"] and s["predictions"], 300)
        keep(person, "fine-tune")
        person.presses("Look at the predictions")
        state = person.waits("the embedding", lambda s: s["cells"] and s["embedding"] and not s["busy"], 300)
        wrong = {cell: at for cell, at in state["cells"].items() if len(set(cell.split(",")[:2])) == 2}
        screen.click(*max(wrong.items(), key=lambda item: int(item[0].rpartition(",")[2]))[1])
        person.waits("a selection", lambda s: s["selected"])
        keep(person, "inspect")
        screen.key("ctrl+q")
        person.program.wait(30)


def keep(person: Person, name: str) -> None:
    """Take a picture, make it smaller, and put it beside the others."""
    person.pictures(name)
    image = QImage(str(ARTEFACTS / f"journey-{person.name}-{name}.png"))
    small = image.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation).convertToFormat(
        QImage.Format.Format_RGB888
    )
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(small.height(), small.bytesPerLine())
    pixels = rows[:, : 3 * small.width()].reshape(-1, 3)
    palette = MiniBatchKMeans(COLOURS, random_state=0, n_init=1, batch_size=8192).fit(np.unique(pixels, axis=0))
    indexed = QImage(small.width(), small.height(), QImage.Format.Format_Indexed8)
    indexed.setColorTable([0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in palette.cluster_centers_])
    lines = np.frombuffer(indexed.bits(), np.uint8).reshape(small.height(), indexed.bytesPerLine())
    lines[:, : small.width()] = palette.predict(pixels.astype(np.float64)).reshape(small.height(), small.width())
    indexed.save(str(PICTURES / f"{name}.png"), "PNG", 0)


if __name__ == "__main__":
    main()
