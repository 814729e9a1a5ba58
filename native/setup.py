"""Builds the extension modules; pyproject.toml holds the rest."""

from Cython.Build import cythonize
from setuptools import Extension, setup

modules = [
    Extension(
        f"ringthrough_native.{name}",
        [f"src/ringthrough_native/{name}.pyx"],
        define_macros=[("_GNU_SOURCE", "1")],  # memmem
        extra_compile_args=["-O2"],
    )
    for name in ("_native", "_records")
]
setup(
    package_dir={"": "src"},
    packages=["ringthrough_native"],
    package_data={"ringthrough_native": ["*.pyx", "*.pxi"]},
    ext_modules=cythonize(modules, build_dir="build"),
)
