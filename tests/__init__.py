from . import test_case_flow
