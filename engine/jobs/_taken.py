"""Pretrained encoders that another run has already, taken as they are where nothing they depend on differs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from engine.core.atomic import replacing
from engine.core.errors import MismatchError
from engine.core.events import EventSink, Notice
from engine.core.fingerprint import of_plain
from engine.jobs._pieces import Material, Piece, is_finished
from engine.project import checkpoint
from engine.project.opened import fingerprint
from engine.project.recipe import Recipe
from engine.project.runs import RunFolder


def pretrain_needs(recipe: Recipe, data: str, seed: int) -> str:
    """Return the hash of everything a pretrained encoder depends on: another run with the same may use it."""
    assert recipe.pretrain is not None
    encoder, objective = recipe.encoder.model_dump(mode="json"), recipe.pretrain.model_dump(mode="json")
    # Pretraining has no valid to choose by.
    for name in ("checkpoint_seconds", "best_by"):
        objective["training"].pop(name)
    kind = recipe.noise.prune
    edges = [] if kind in ("off", "auto") else [kind, recipe.noise.threshold]
    loader = [] if recipe.loader.type == "full" else [recipe.loader.model_dump(mode="json")]
    other = [] if recipe.unlabelled is None else [fingerprint(recipe.unlabelled)]
    return of_plain([data, encoder, objective, seed, *edges, *loader, *other])


def take_pretrained(source: RunFolder, pieces: Iterable[Piece], material: Material, sink: EventSink) -> None:
    """Copy the pretrained encoders of another run into this one.

    Raises: ProjectError: `source` is no run. MismatchError: it has none, or one for other data, encoder, objective or
        seed.
    """
    source.check()
    found = {}
    for path in source.path.glob("seeds/*/pretrain"):
        if is_finished(path):
            found[str(checkpoint.read_manifest(path).get("needs"))] = path
    for folder, seed in {piece.pretrain_folder: piece.seed for piece in pieces}.items():
        if is_finished(folder):
            continue
        needs = pretrain_needs(material.recipe, material.dataset.fingerprint, seed)
        if needs not in found:
            raise MismatchError(
                f"The run {source.path.name} has no encoder pretrained with this data, encoder, objective and seed "
                f"{seed}.",
                hint="Pretrain anew, or choose the same settings and seeds as in that run.",
                seed=seed,
            )
        folder.mkdir(parents=True, exist_ok=True)
        # The manifest comes last: it makes the others count.
        for name in ("weights.safetensors", "history.json", "manifest.json"):
            with replacing(folder / name) as temporary:
                shutil.copyfile(found[needs] / name, temporary)
        checkpoint.load(folder)
    sink(Notice("info", "run.pretrained_taken", f"The pretrained encoders of {source.path.name} are used."))
