"""Starts the kernel; Jupyter runs this."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # As IPython's own kernel: no file of the folder it starts in passes for a module meanwhile.
    if Path(sys.path[0]).absolute() == Path.cwd():
        del sys.path[0]

    from tsviz.reading_ahead import start_reader

    start_reader()  # first: it starts up while the rest is imported here

    from ipykernel.kernelapp import IPKernelApp

    from tsviz_kernel.kernel import TsdebugKernel

    IPKernelApp.launch_instance(kernel_class=TsdebugKernel)
