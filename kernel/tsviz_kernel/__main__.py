"""Starts the kernel; Jupyter runs this."""

from tsviz.reading_ahead import start_reader


def main() -> None:
    """Runs the kernel until it is told to end."""
    start_reader()  # it starts up beside the kernel, and the rest is imported meanwhile
    from ipykernel.kernelapp import IPKernelApp

    from tsviz_kernel.kernel import TsdebugKernel

    IPKernelApp.launch_instance(kernel_class=TsdebugKernel)


if __name__ == "__main__":
    main()
