# cython: language_level=3, boundscheck=False, cdivision=True, initializedcheck=False
"""Compiled twins of the hot paths of ringthrough; see the package's docstring."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memset

from heapq import heappop

from ringthrough import numbers as _numbers
from ringthrough.calls import addresses as _addresses
from ringthrough.calls import assemble as _assemble
from ringthrough.calls import fold as _fold
from ringthrough.calls import joining as _joining
from ringthrough.calls import scanners as _scanners
from ringthrough.calls import schema as _schema
from ringthrough.calls.sighting import Sighting as _Sighting
from ringthrough.report import rows as _rows
from ringthrough.signals.causes import causes as _causes_of
from ringthrough.signals.causes import read_octets as _read_octets
from ringthrough.signals.read import SPOKEN
from ringthrough.wire.opening import Opening as _Opening

cdef extern from "string.h" nogil:
    void* memmem(const void* haystack, size_t haystack_size, const void* needle, size_t needle_size)

cdef extern from "Python.h":
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    void* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    object PyType_GenericAlloc(type kind, Py_ssize_t items)
    Py_ssize_t PyTuple_GET_SIZE(object row)
    PyObject* PyTuple_GET_ITEM(object row, Py_ssize_t index)
    void PyTuple_SET_ITEM(object row, Py_ssize_t index, object value)

include "states.pxi"
include "scan.pxi"
include "assemble.pxi"
include "fold.pxi"
include "rows.pxi"
