"""How setuptools compiles the native media core; pyproject.toml names this class as its build_ext.

The list of C files is read from the folder, so that a new file in native/ needs no second entry elsewhere.
"""

from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext

CORE = "signaling.sfu._sfu"
NATIVE = Path("signaling/sfu/native")


class BuildCore(build_ext):
    """Compile `_sfu.pyx` with every C file of native/ into one extension module."""

    def finalize_options(self) -> None:
        super().finalize_options()
        for extension in self.extensions:
            if extension.name == CORE:
                add_native_sources(extension)


def add_native_sources(extension: Extension) -> None:
    """Add native/*.c to the sources; headers become dependencies, so that a changed header compiles anew."""
    sources = {str(path) for path in NATIVE.glob("*.c")}
    extension.sources = [*extension.sources, *sorted(sources.difference(extension.sources))]
    extension.depends = sorted(str(path) for path in NATIVE.glob("*.h"))
