"""The checks: pure tests of texts against outline, facts and exemplars."""
