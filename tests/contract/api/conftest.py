"""What the tests of the API share."""

import machines
import pytest


@pytest.fixture
def machine(api):
    return machines.Machine(api)
