"""What every cloud must answer for the console to work: one suite, three clouds.

`openstack` and `otc` are the emulator, `real` is whatever OpenStack the environment describes
(`OS_AUTH_URL` and so on, see `clouds.py`). An assertion that holds for one family and not for the
other says so; otherwise the emulator is wrong.
"""
