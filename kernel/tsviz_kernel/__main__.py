"""Starts the kernel; Jupyter runs this."""

from ipykernel.kernelapp import IPKernelApp

from tsviz_kernel.kernel import TsdebugKernel

if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=TsdebugKernel)
