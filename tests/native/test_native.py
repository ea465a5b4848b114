"""The native core under its sanitizers, and each of its parsers under a fuzzer.

The work is done by the Makefile beside this file; here it only gets its place among the other tests.
TONGXIN_FUZZ_SECONDS is the time for each fuzzer (5); two run at a time.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FUZZERS = sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.c"))
SECONDS_EACH = int(os.environ.get("TONGXIN_FUZZ_SECONDS", "5"))
BUILD_S = 600  # for compiling everything on a slow machine


def make(*arguments: str, timeout_s: int) -> str:
    """Run make here and return what it printed; a failure shows the end of it."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-C", str(HERE), *arguments],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
    )
    if done.returncode:
        pytest.fail("\n".join(done.stdout.splitlines()[-80:]), pytrace=False)
    return done.stdout


@pytest.mark.timeout(BUILD_S + 60)
def test_unit_tests_pass_under_address_and_undefined_behaviour_sanitizers() -> None:
    make("-j2", "check", timeout_s=BUILD_S)


@pytest.mark.timeout(BUILD_S + 60)
def test_threads_pass_under_the_thread_sanitizer() -> None:
    make("-j2", "thread", timeout_s=BUILD_S)


@pytest.mark.fuzz
@pytest.mark.timeout(BUILD_S + SECONDS_EACH * (len(FUZZERS) + 1) + 60)
@pytest.mark.skipif(shutil.which("clang") is None, reason="libFuzzer comes with clang, which is not installed")
def test_no_fuzzer_finds_a_fault() -> None:
    printed = make("fuzz", f"SECONDS={SECONDS_EACH}", timeout_s=BUILD_S + SECONDS_EACH * (len(FUZZERS) + 1))
    for name in FUZZERS:
        assert f"native: {name} stat::number_of_executed_units" in printed
