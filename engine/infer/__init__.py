"""From a trained model and data to tables: predictions and embeddings under the user's own ids."""
