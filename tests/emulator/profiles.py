from __future__ import annotations

import pytest

OTC = pytest.mark.parametrize("profile", ["otc"], indirect=True)
OPENSTACK = pytest.mark.parametrize("profile", ["openstack"], indirect=True)
