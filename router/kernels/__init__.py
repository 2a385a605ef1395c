"""Inline kernels of the compiled core; ``.pxd`` headers only."""
