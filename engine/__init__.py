"""Kith's engine: read tables, build graphs, pretrain, fine-tune, predict, export. It never imports Qt."""
