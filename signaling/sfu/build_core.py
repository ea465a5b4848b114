"""How setuptools compiles the native media core; pyproject.toml names this class as its build_ext.

The list of C files is read from the folder, so that a new file in native/ needs no second entry elsewhere.  Where the
machine has Intel's ipsec-mb as a static library (Debian: libipsec-mb-dev, x86-64 only), it becomes the core's second
implementation of the SRTP ciphers; native/multibuffer.h says what it gains.
"""

import shutil
import subprocess
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext

CORE = "signaling.sfu._sfu"
NATIVE = Path("signaling/sfu/native")

IPSEC_MB_HEADER = Path("/usr/include/intel-ipsec-mb.h")
IPSEC_MB_ARCHIVE = "libIPSec_MB.a"
# Its BSD licence asks binaries to carry the notice.
IPSEC_MB_NOTICE = Path("/usr/share/doc/libipsec-mb-dev/copyright")
NOTICE_NAME = "ipsec-mb.copyright"


class BuildCore(build_ext):
    """Compile `_sfu.pyx` with every C file of native/ into one extension module."""

    def finalize_options(self) -> None:
        super().finalize_options()
        for extension in self.extensions:
            if extension.name == CORE:
                _add_native_sources(extension)
                _add_ipsec_mb(extension)

    def run(self) -> None:
        super().run()
        if not self.inplace and not self.editable_mode and _ipsec_mb_archive() is not None:
            shutil.copyfile(IPSEC_MB_NOTICE, Path(self.build_lib, *CORE.split(".")[:-1], NOTICE_NAME))


def _add_native_sources(extension: Extension) -> None:
    """Add native/*.c to the sources; headers become dependencies, so that a changed header compiles anew."""
    sources = {str(path) for path in NATIVE.glob("*.c")}
    extension.sources = [*extension.sources, *sorted(sources.difference(extension.sources))]
    extension.depends = sorted(str(path) for path in (*NATIVE.glob("*.h"), *NATIVE.parent.glob("*.pxd")))


def _add_ipsec_mb(extension: Extension) -> None:
    archive = _ipsec_mb_archive()
    if archive is not None:
        extension.define_macros.append(("TX_IPSEC_MB", "1"))
        extension.extra_objects.append(str(archive))


def _ipsec_mb_archive() -> Path | None:
    """The archive the compiler would link; None unless it, its header and its licence are all there."""
    if not IPSEC_MB_HEADER.exists() or not IPSEC_MB_NOTICE.exists():
        return None
    asked = ["cc", f"-print-file-name={IPSEC_MB_ARCHIVE}"]
    found = Path(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip())
    return found if found.is_absolute() else None
