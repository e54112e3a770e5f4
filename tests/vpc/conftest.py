from __future__ import annotations

import pytest

from tests.cloud_settings import change_cloud
from tests.vpc.scenes import Meddler, Scene


@pytest.fixture
def meddler(emulator, settings):
    """Ask for it before anything that signs in: it puts itself between the client and the cloud."""
    stand_in = Meddler(emulator)
    change_cloud(settings, embedded=lambda: stand_in)
    return stand_in


@pytest.fixture
def scene(meddler, emulator, cloud):
    """Two servers and a VIP in the cloud of the test's `profile`, and what may be done to them."""
    made = Scene(cloud)
    emulator.log.clear()
    return made
