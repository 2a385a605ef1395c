"""Build of the compiled core."""

from setuptools import setup

setup()
