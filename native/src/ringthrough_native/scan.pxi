# One pass over the head of a message, without regular expressions and without making objects.
#
# What is taken here, `wire.decode` takes without a question and reads the same way; whatever is out of the ordinary is
# left to Python (`OTHER`). So this may be stricter than the grammar anywhere, and must be laxer nowhere;
# tests/native holds it to `wire.peek` and `wire.opening`.

cdef enum:
    OTHER = 0
    TAKEN = 1

cdef struct Head:
    int status                       # of a response; 0 for a request
    const unsigned char* method      # of a request
    Py_ssize_t method_size
    const unsigned char* callee      # user part of the Request-URI; NULL when there is none
    Py_ssize_t callee_size
    const unsigned char* branch
    Py_ssize_t branch_size
    const unsigned char* from_value
    Py_ssize_t from_size
    const unsigned char* caller      # user part of From; NULL when there is none
    Py_ssize_t caller_size
    const unsigned char* from_tag
    Py_ssize_t from_tag_size
    const unsigned char* to_tag
    Py_ssize_t to_tag_size
    const unsigned char* call_id
    Py_ssize_t call_id_size
    const unsigned char* cseq_method
    Py_ssize_t cseq_method_size
    const unsigned char* agent
    Py_ssize_t agent_size
    long cseq
    int vias
    bint vouches                     # there is an Identity
    bint leads_on                    # a header may name another leg: Session-ID, X-CID and kin

# Classes of octets, one bit each.
cdef enum:
    TOKEN = 1      # of tags and branches: A-Z a-z 0-9 . ~ * _ + -
    USER = 2       # A-Z a-z 0-9 + . _ ~ * -
    HOST = 4       # A-Z a-z 0-9 . -
    WORD = 8       # of a Call-ID: A-Z a-z 0-9 . ~ * _ + % ! : / -
    NAME = 16      # inside a quoted display name: A-Z a-z 0-9 + space
    BARE = 32      # of a display name without quotes: A-Z a-z 0-9 + . -
    UPPER = 64
    DIGIT = 128

cdef unsigned char KINDS[256]

cdef void _classify() noexcept:
    cdef int c
    for c in range(256):
        KINDS[c] = 0
        if 65 <= c <= 90 or 97 <= c <= 122 or 48 <= c <= 57:
            KINDS[c] = TOKEN | USER | HOST | WORD | NAME | BARE
        if 65 <= c <= 90:
            KINDS[c] |= UPPER
        if 48 <= c <= 57:
            KINDS[c] |= DIGIT
    for c in b".~*_+-":
        KINDS[c] |= TOKEN | USER
    for c in b".-":
        KINDS[c] |= HOST | BARE
    for c in b".~*_+%!:/-":
        KINDS[c] |= WORD
    for c in b"+ ":
        KINDS[c] |= NAME
    KINDS[43] |= BARE

_classify()


cdef inline const unsigned char* run(const unsigned char* p, const unsigned char* end, int kind) noexcept nogil:
    """First octet from p that is not of the kind."""
    while p < end and KINDS[p[0]] & kind:
        p += 1
    return p


cdef inline bint same(const unsigned char* p, const unsigned char* end, const char* text, Py_ssize_t size) noexcept nogil:
    return end - p >= size and memcmp(p, text, size) == 0


cdef const unsigned char* host_port(const unsigned char* p, const unsigned char* end) noexcept nogil:
    """Octet after a host and its port; NULL when there is none."""
    cdef const unsigned char* q = run(p, end, HOST)
    cdef const unsigned char* r
    if q == p:
        return NULL
    if q < end and q[0] == c':':
        r = run(q + 1, end, DIGIT)
        if r == q + 1 or r - q > 6 or (r - q == 6 and (q[1] < c'1' or q[1] > c'5')):
            return NULL
        return r
    return q


cdef const unsigned char* address(
    const unsigned char* p, const unsigned char* end, const unsigned char** user, Py_ssize_t* user_size,
    const unsigned char** tag, Py_ssize_t* tag_size,
) noexcept nogil:
    """Read `Name <sip:user@host;user=phone>;tag=x` up to its end; NULL when it is not ordinary."""
    cdef const unsigned char* q
    user[0] = NULL
    user_size[0] = 0
    tag[0] = NULL
    tag_size[0] = 0
    if p < end and p[0] == c'"':
        p = run(p + 1, end, NAME)
        if p >= end or p[0] != c'"':
            return NULL
        p += 1
        if p < end and p[0] == c' ':
            p += 1
    else:
        while p < end and p[0] != c'<':
            q = run(p, end, BARE)
            if q == p or q >= end or q[0] != c' ':
                return NULL
            p = q + 1
    if same(p, end, "<sip:", 5):
        p += 5
    elif same(p, end, "<sips:", 6):
        p += 6
    else:
        return NULL
    q = run(p, end, USER)
    if q < end and q[0] == c'@':
        if q == p:
            return NULL
        user[0] = p
        user_size[0] = q - p
        p = q + 1
    p = host_port(p, end)
    if p == NULL:
        return NULL
    if same(p, end, ";user=phone", 11):
        p += 11
    if p >= end or p[0] != c'>':
        return NULL
    p += 1
    if p == end:
        return p
    if not same(p, end, ";tag=", 5):
        return NULL
    q = run(p + 5, end, TOKEN)
    if q == p + 5 or q != end:
        return NULL
    tag[0] = p + 5
    tag_size[0] = q - p - 5
    return q


cdef bint via(const unsigned char* p, const unsigned char* end, Head* head) noexcept nogil:
    """Read the topmost Via."""
    cdef const unsigned char* q
    if not same(p, end, "SIP/2.0/", 8):
        return False
    p += 8
    if same(p, end, "UDP ", 4) or same(p, end, "TCP ", 4) or same(p, end, "TLS ", 4) or same(p, end, "WSS ", 4):
        p += 4
    elif same(p, end, "WS ", 3):
        p += 3
    else:
        return False
    p = host_port(p, end)
    if p == NULL:
        return False
    if same(p, end, ";rport", 6):
        p += 6
        if p < end and p[0] == c'=':
            q = run(p + 1, end, DIGIT)
            if q == p + 1:
                return False
            p = q
    if not same(p, end, ";branch=", 8):
        return False
    p += 8
    q = run(p, end, TOKEN)
    if q == p:
        return False
    head.branch = p
    head.branch_size = q - p
    p = q
    while p < end:
        if same(p, end, ";rport", 6):
            p += 6
            if p < end and p[0] == c'=':
                q = run(p + 1, end, DIGIT)
                if q == p + 1:
                    return False
                p = q
        elif same(p, end, ";received=", 10):
            p += 10
            q = p
            while q < end and (KINDS[q[0]] & DIGIT or q[0] == c'.'):
                q += 1
            if q == p:
                return False
            p = q
        elif same(p, end, ";alias", 6):
            p += 6
        else:
            return False
    return True


cdef inline bint named(const unsigned char* p, Py_ssize_t size, const char* name, Py_ssize_t name_size) noexcept nogil:
    """Whether a header name is `name`, which is in lower case."""
    cdef Py_ssize_t i
    if size != name_size:
        return False
    for i in range(size):
        if p[i] != name[i] and not (65 <= p[i] <= 90 and p[i] + 32 == <unsigned char>name[i]):
            return False
    return True


cdef const unsigned char* request_line(const unsigned char* p, const unsigned char* end, Head* head) noexcept nogil:
    """Read a Request-Line; NULL when it is not ordinary."""
    cdef const unsigned char* q
    cdef const unsigned char* r
    cdef const unsigned char* stop
    cdef const unsigned char* value
    # Request-Line = Method SP Request-URI SP SIP-Version CRLF
    q = run(p, end, UPPER)
    if q == p or q >= end or q[0] != c' ':
        return NULL
    head.method = p
    head.method_size = q - p
    p = q + 1
    stop = <const unsigned char*>memchr(p, c'\r', end - p)
    if stop == NULL or stop + 1 >= end or stop[1] != c'\n' or stop - p < 9:
        return NULL
    if memcmp(stop - 8, " SIP/2.0", 8) != 0:
        return NULL
    value = stop - 8
    q = p
    while q < value:
        if q[0] == c' ' or q[0] == c'\t' or q[0] == c'\n':
            return NULL
        q += 1
    q = p
    if same(q, value, "sip:", 4):
        q += 4
    elif same(q, value, "sips:", 5):
        q += 5
    else:
        q = NULL
    if q != NULL:
        r = run(q, value, USER)
        if r > q and r < value and r[0] == c'@':
            head.callee = q
            head.callee_size = r - q
            q = host_port(r + 1, value)
            while q != NULL and q < value:
                if same(q, value, ";user=phone", 11):
                    q += 11
                elif same(q, value, ";transport=", 11):
                    q += 11
                    r = q
                    while q < value and 97 <= q[0] <= 122:
                        q += 1
                    if q == r:
                        q = NULL
                else:
                    q = NULL
            if q == NULL:
                head.callee = NULL
    return stop + 2


cdef int scan(const unsigned char* p, Py_ssize_t size, Head* head) noexcept nogil:
    """Read the head of a message in ordinary dress; OTHER when something in it is not ordinary."""
    cdef const unsigned char* end = p + size
    cdef const unsigned char* q
    cdef const unsigned char* stop
    cdef const unsigned char* value
    cdef const unsigned char* colon
    cdef const unsigned char* unused
    cdef Py_ssize_t name_size, unused_size
    cdef unsigned char first
    cdef bint froms = False, tos = False
    memset(head, 0, sizeof(Head))
    if same(p, end, "SIP/2.0 ", 8):
        # Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF
        if size < 16 or p[8] < c'1' or p[8] > c'6' or not KINDS[p[9]] & KINDS[p[10]] & DIGIT or p[11] != c' ' or p[12] == c' ':
            return OTHER
        head.status = (p[8] - 48) * 100 + (p[9] - 48) * 10 + (p[10] - 48)
        stop = <const unsigned char*>memchr(p, c'\r', size)
        if stop == NULL or stop + 1 >= end or stop[1] != c'\n' or memchr(p, c'\n', stop - p) != NULL:
            return OTHER
        p = stop + 2
    else:
        p = request_line(p, end, head)
        if p == NULL:
            return OTHER
    while True:
        if p >= end:
            return OTHER
        first = p[0]
        stop = <const unsigned char*>memchr(p, c'\r', end - p)
        if stop == NULL or stop + 1 >= end or stop[1] != c'\n' or memchr(p, c'\n', stop - p) != NULL:
            return OTHER
        if stop == p:
            break  # the empty line
        if first == c' ' or first == c'\t':
            return OTHER
        colon = <const unsigned char*>memchr(p, c':', stop - p)
        if colon == NULL:
            return OTHER
        name_size = colon - p
        while name_size and (p[name_size - 1] == c' ' or p[name_size - 1] == c'\t'):
            name_size -= 1
        value = colon + 1
        if value < stop and (value[0] == c' ' or value[0] == c'\t'):
            value += 1
        first |= 32
        if first == c'v' and (named(p, name_size, "via", 3) or name_size == 1):
            if head.branch == NULL:
                if not via(value, stop, head):
                    return OTHER
            head.vias += 1
            q = value
            while q < stop:
                if q[0] == c',':
                    head.vias += 1
                q += 1
        elif first == c'f' and (named(p, name_size, "from", 4) or name_size == 1):
            if froms or address(
                value, stop, &head.caller, &head.caller_size, &head.from_tag, &head.from_tag_size
            ) == NULL:
                return OTHER
            froms = True
            head.from_value = value
            head.from_size = stop - value
        elif first == c't' and (named(p, name_size, "to", 2) or name_size == 1):
            if tos or address(value, stop, &unused, &unused_size, &head.to_tag, &head.to_tag_size) == NULL:
                return OTHER
            tos = True
        elif (first == c'c' and named(p, name_size, "call-id", 7)) or (first == c'i' and name_size == 1):
            q = run(value, stop, WORD)
            if head.call_id != NULL or q == value:
                return OTHER
            if q < stop:
                if q[0] != c'@':
                    return OTHER
                unused = q + 1
                q = run(unused, stop, WORD)
                if q == unused or q != stop:
                    return OTHER
            head.call_id = value
            head.call_id_size = stop - value
        elif first == c'c' and named(p, name_size, "cseq", 4):
            q = run(value, stop, DIGIT)
            if head.cseq_method != NULL or q == value or q - value > 9 or q >= stop or q[0] != c' ':
                return OTHER
            head.cseq = 0
            while value < q:
                head.cseq = head.cseq * 10 + (value[0] - 48)
                value += 1
            head.cseq_method = q + 1
            value = run(q + 1, stop, UPPER)
            if value != stop or value == q + 1:
                return OTHER
            head.cseq_method_size = stop - q - 1
        elif first == c'u' and named(p, name_size, "user-agent", 10):
            if head.agent != NULL or value >= stop or value[0] == c' ' or stop[-1] == c' ':
                return OTHER
            q = value
            while q < stop:
                if not 32 <= q[0] < 127:
                    return OTHER
                q += 1
            head.agent = value
            head.agent_size = stop - value
        elif first == c'y' and name_size == 1 or first == c'i' and named(p, name_size, "identity", 8):
            head.vouches = True
        elif first == c's' and named(p, name_size, "session-id", 10):
            head.leads_on = True
        elif first == c'x' or (first == c'p' and named(p, name_size, "p-call-id", 9)):
            head.leads_on = True  # X-CID and its kin: Python looks which
        p = stop + 2
    if head.branch == NULL or not froms or not tos or head.call_id == NULL or head.cseq_method == NULL:
        return OTHER
    return TAKEN


def scanned(bytes message):
    """
    What `scan` reads of a message, for the tests; None when it leaves it to Python.

    Returns:
        Status, method (of CSeq in a response), Call-ID, CSeq number, tags of From and To, branch; then users of Request-URI and From, whole From,
        User-Agent, hops, whether a header may name another leg.
    """
    cdef Head head
    if scan(<const unsigned char*>PyBytes_AS_STRING(message), PyBytes_GET_SIZE(message), &head) != TAKEN:
        return None
    return (
        head.status, head.cseq_method[: head.cseq_method_size] if head.status else head.method[: head.method_size],
        head.call_id[: head.call_id_size], head.cseq,
        head.from_tag[: head.from_tag_size] if head.from_tag != NULL else b"",
        head.to_tag[: head.to_tag_size] if head.to_tag != NULL else b"",
        head.branch[: head.branch_size],
        head.callee[: head.callee_size] if head.callee != NULL else b"",
        head.caller[: head.caller_size] if head.caller != NULL else b"",
        head.from_value[: head.from_size],
        head.agent[: head.agent_size] if head.agent != NULL else b"",
        head.vias, head.leads_on,
    )  # fmt: skip
