# cython: language_level=3, boundscheck=False, cdivision=True, initializedcheck=False
"""Records of a pcap file; a module of its own because it needs nothing of ringthrough."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE


def take_records(
    bytes buffer, Py_ssize_t at, Py_ssize_t last, Py_ssize_t limit, long long frame, Py_ssize_t most, int link, bint swapped,
    int divisor, int header, list rows,
):  # fmt: skip
    """
    Cut up to `most` records out of a buffer.

    Returns:
        Where the next record starts; octets it needs, 0 when it is there in full; octets it keeps.
    """
    cdef const unsigned char* p = <const unsigned char*>PyBytes_AS_STRING(buffer)
    cdef Py_ssize_t end = PyBytes_GET_SIZE(buffer), body
    cdef long long number
    cdef unsigned int seconds, fraction, kept = 0, whole
    cdef object link_type = link
    for number in range(frame, frame + most):
        if at > last:
            return at, header, kept
        seconds = word32(p + at, swapped)
        fraction = word32(p + at + 4, swapped)
        kept = word32(p + at + 8, swapped)
        whole = word32(p + at + 12, swapped)
        body = at + header
        if body + kept > end or kept > limit:
            return at, header + <Py_ssize_t>kept, kept
        rows.append((
            <long long>seconds * 1_000_000 + fraction // divisor, number, link_type,
            PyBytes_FromStringAndSize(<const char*>p + body, kept), kept < whole,
        ))  # fmt: skip
        at = body + kept
    return at, 0, kept


def walk_records(const unsigned char[:] octets, Py_ssize_t at, Py_ssize_t target, Py_ssize_t limit, bint swapped, int header):
    """
    Step from record header to record header up to the first record at or after `target`.

    Returns:
        Where that record starts (or the last one that can be read), how many were stepped over, and whether a record on
        the way is damaged.
    """
    cdef const unsigned char* p = &octets[0]
    cdef Py_ssize_t last = octets.shape[0] - header
    cdef long long count = 0
    cdef unsigned int kept
    while at < target and at <= last:
        kept = word32(p + at + 8, swapped)
        if kept > limit:
            return at, count, True
        at += header + <Py_ssize_t>kept
        count += 1
    return at, count, False


cdef inline unsigned int word32(const unsigned char* p, bint swapped) noexcept nogil:
    if swapped:  # big-endian
        return <unsigned int>p[0] << 24 | <unsigned int>p[1] << 16 | <unsigned int>p[2] << 8 | p[3]
    return <unsigned int>p[3] << 24 | <unsigned int>p[2] << 16 | <unsigned int>p[1] << 8 | p[0]
