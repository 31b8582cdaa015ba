"""What commands run on."""

from __future__ import annotations

import gc

from frametalk.running import leave_loaded_alone


def test_what_is_loaded_is_left_out_of_later_collections() -> None:
    before = gc.get_freeze_count()
    try:
        leave_loaded_alone(0)
        assert gc.get_freeze_count() > before
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
