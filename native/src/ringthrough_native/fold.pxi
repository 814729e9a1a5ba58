# The row of a call that is over: `Folder.fold` for a call of one INVITE at one hop, which most are.

cdef type Call = _schema.Call
cdef Py_ssize_t CALL_SIZE = len(Call._fields)
cdef tuple NO_SIGNAL = _fold._NO_SIGNAL
cdef object WEAK = _fold._WEAK
cdef object signal_columns = _fold._signal_columns
cdef object cause_columns = _fold._cause_columns
cdef object causes = _causes_of
cdef object read_octets = _read_octets
cdef object phrase_of = _fold._phrase
cdef object server_of = _fold._server
cdef object text_of = _fold._text
cdef object endpoint = _addresses.endpoint
cdef object normalise = _numbers.normalise
cdef object TELLING = frozenset(SPOKEN)
cdef int PHRASES_REMEMBERED = 4096


class Folder(_fold.Folder):
    """`calls.Folder`."""

    def __init__(self, names, **given):
        super().__init__(names, **given)
        self._core = Fold(self)

    def fold(self, root, *, end_us=0):
        """Make the row of a call whose legs are all over."""
        cdef OpenCall call = root
        if len(call.attempts) != 1 or call.children:
            return super().fold(root, end_us=end_us)
        return (<Fold>self._core).fold(call, end_us)


cdef class Fold:
    cdef object names, region, own, carriers, folder
    cdef str source
    cdef bint nanp
    cdef dict words, refusals, reasons

    def __init__(self, folder):
        self.folder = folder
        self.names = folder._names
        self.region = folder._region
        self.own = folder._own
        self.carriers = folder._carriers
        self.source = folder._source
        self.nanp = self.region in ("US", "CA")
        self.words = {}
        self.refusals = {}
        self.reasons = {}
        normalise("", self.region)  # an unknown region is told at once

    cdef fold(self, OpenCall call, long long end_us):
        cdef Attempt attempt = <Attempt>call.attempts[0]
        cdef int final = attempt.final
        cdef bint answered = final // 100 == 2
        cdef bint refused = final >= 300
        cdef long long cancel_us = attempt.cancel_us, bye_us = call.bye_us, final_us = attempt.final_us
        cdef long long begun_us, ring_end, heard, until
        cdef tuple row, signal = NO_SIGNAL
        cdef str file = "", cut, hop = "", caller, callee, ended_by = "", carrier
        frame = None
        silence = None
        if final:
            file = self.names[attempt.final_file]
            frame = attempt.final_frame
        if refused or cancel_us or bye_us:
            heeded = self.heeded(call, attempt)
            if heeded is not None:
                signal = (<tuple>heeded[0])[1]
                if not final or answered:
                    file = self.names[heeded[1]]
                    frame = heeded[2]
            elif refused:
                signal = self.causes(attempt.final_data)
        if not ((final and not cancel_us) or bye_us):
            until = cancel_us or end_us or call.deadline_us
            heard = attempt.reply_us if not cancel_us or attempt.reply_us <= cancel_us else 0
            silence = ms(heard if heard > 0 else attempt.at_us, until)
            hop = endpoint(attempt.dst, attempt.dport)
        cut = "start" if attempt.orphan else ""
        if end_us and not (refused or bye_us or (cancel_us and not answered)):
            cut = "both" if cut else "end"
        caller = self.number(call.caller_raw)
        callee = self.number(call.callee_raw)
        begun_us = 0 if attempt.orphan else attempt.at_us
        ring_end = (min(cancel_us, final_us) if cancel_us and final_us else cancel_us or final_us)
        if bye_us:
            ended_by = "caller" if call.bye_by_caller else "callee"
        elif cancel_us and not answered:
            ended_by = "caller"
        if self.carriers.carriers:
            carrier = self.folder._carrier([attempt], callee, attempt)
        else:
            carrier = endpoint(attempt.dst, 0)
        row = <tuple>PyType_GenericAlloc(Call, CALL_SIZE)
        put(row, 0, call_id_text(call.call_id))
        put(row, 1, attempt.at_us)
        put(row, 2, caller)
        put(row, 3, callee)
        put(row, 4, call.caller_raw)
        put(row, 5, call.callee_raw)
        put(row, 6, carrier)
        put(row, 7, self.folder._direction(attempt, attempt) if self.own else "")
        put(row, 8, call.kind)
        put(row, 9, "INVITE" if begun_us else "")
        put(row, 10, final or None)
        put(row, 11, self.phrase(attempt.final_data) if final else "")
        put(row, 12, None)
        put(row, 13, "")
        put(row, 14, endpoint(attempt.dst, attempt.dport) if final else "")
        put(row, 15, self.server(attempt.final_data) if refused else "")
        put(row, 16, call.user_agent)
        cdef Py_ssize_t i
        for i in range(16):
            put(row, 17 + i, signal[i])
        put(row, 33, ms(begun_us, attempt.eighteen_us) if attempt.eighteen_us else None)
        put(row, 34, ms(attempt.ring_us, ring_end) if attempt.ring_us else None)
        put(row, 35, ms(begun_us, final_us) if final else None)
        put(row, 36, None if attempt.orphan else ms(attempt.at_us, final_us))
        put(row, 37, ms(final_us, bye_us) if answered else None)
        put(row, 38, ms(begun_us, cancel_us) if cancel_us else None)
        put(row, 39, ms(begun_us, attempt.trying_us) if attempt.trying_us else None)
        put(row, 40, silence)
        put(row, 41, hop)
        put(row, 42, attempt.early)
        put(row, 43, ended_by)
        put(row, 44, 1)
        put(row, 45, 0)
        put(row, 46, 0)
        put(row, 47, 1)
        put(row, 48, call.repeats)
        put(row, 49, call.duplicates)
        put(row, 50, cut)
        put(row, 51, self.names[attempt.file])
        put(row, 52, attempt.frame)
        put(row, 53, self.names[attempt.ring_file] if attempt.ring_us else "")
        put(row, 54, attempt.ring_frame if attempt.ring_us else None)
        put(row, 55, file)
        put(row, 56, frame)
        put(row, 57, self.source)
        for i in range(58, CALL_SIZE):
            put(row, i, None if i == IDENTITY_CODE else "")
        if call.invite_data or signal[15]:
            return self.folder._prove(row, call.invite_data or None)
        return row

    cdef object heeded(self, OpenCall call, Attempt attempt):
        """`_telling`: the most telling refusal of final response, CANCEL and BYE, with the file and frame it is in."""
        found = None
        if attempt.final >= 300:
            said = self.refusal(attempt.final_data, attempt.final)
            if said is not None:
                found = (said, attempt.final_file, attempt.final_frame)
                if (<tuple>said)[0] not in WEAK:
                    return found
        if attempt.cancel_us:
            said = self.refusal(attempt.cancel_data, 0)
            if said is not None and (found is None or (<tuple>said)[0] not in WEAK):
                found = (said, attempt.cancel_file, attempt.cancel_frame)
                if (<tuple>said)[0] not in WEAK:
                    return found
        if call.bye_us:
            said = self.refusal(call.bye_data, 0)
            if said is not None and (found is None or (<tuple>said)[0] not in WEAK):
                found = (said, call.bye_file, call.bye_frame)
        return found

    cdef object refusal(self, bytes data, int status):
        """Kind and columns of the refusal in a message; None when it refuses nothing."""
        if status not in TELLING and not speaks_up(octet_pointer(data), len(data), status):
            return None
        few = few_lines(data, status)
        if few is None:
            return self.read(data, status)
        known = self.refusals.get(few, self)
        if known is self:
            known = self.read(<bytes>few, status)
            if len(self.refusals) >= PHRASES_REMEMBERED:
                self.refusals.clear()
            self.refusals[few] = known
        return known

    cdef object read(self, bytes data, int status):
        refusal = read_octets(data, status)
        return None if refusal is None else (refusal.kind, signal_columns(refusal))

    cdef tuple causes(self, bytes data):
        """What the Reason of a final response says that refuses nothing, as columns."""
        if not speaks_up(octet_pointer(data), len(data), 0):
            return NO_SIGNAL
        few = few_lines(data, 300)
        if few is None:
            few = data
        known = self.reasons.get(few)
        if known is None:
            said = causes(few)
            known = cause_columns(said) if said.reason else NO_SIGNAL
            if len(self.reasons) >= PHRASES_REMEMBERED:
                self.reasons.clear()
            self.reasons[few] = known
        return <tuple>known

    cdef str number(self, str raw):
        """`numbers.normalise`, where the number is global already or of the North American plan."""
        cdef Py_ssize_t size = len(raw), i
        cdef const unsigned char* p
        if size and PyUnicode_IS_COMPACT_ASCII(raw):
            p = <const unsigned char*>PyUnicode_1BYTE_DATA(raw)
            if p[0] == c'+':
                if 8 <= size <= 16 and c'1' <= p[1] <= c'9' and (p[1] != c'1' or size == 12) and all_digits(p + 1, size - 1):
                    return raw
            elif self.nanp and all_digits(p, size):
                if size == 11 and p[0] == c'1' and p[1] >= c'2' and p[4] >= c'2':
                    return "+" + raw
                if size == 10 and p[0] >= c'2' and p[3] >= c'2':
                    return "+1" + raw
        return normalise(raw, self.region)

    cdef str phrase(self, bytes data):
        cdef const unsigned char* p = octet_pointer(data)
        cdef Py_ssize_t size = len(data)
        cdef const unsigned char* stop
        if size > 13 and memcmp(p, "SIP/2.0 ", 8) == 0 and p[11] == c' ':
            stop = <const unsigned char*>memchr(p, c'\n', size)
            if stop != NULL and stop - p > 12 and stop[-1] == c'\r' and memchr(p, c'\r', stop - 1 - p) == NULL:
                return self.word(p + 12, stop - 1 - p - 12, data, phrase_of)
        return phrase_of(data)

    cdef str server(self, bytes data):
        """Server, else User-Agent; read here when no line before the empty one is folded or otherwise odd."""
        cdef const unsigned char* p = octet_pointer(data)
        cdef const unsigned char* end = p + len(data)
        cdef const unsigned char* stop
        cdef const unsigned char* value
        cdef const unsigned char* agent = NULL
        cdef Py_ssize_t agent_size = 0, size
        p = <const unsigned char*>memchr(p, c'\n', end - p)
        if p == NULL or p[-1] != c'\r':
            return server_of(data)
        p += 1
        while True:
            stop = <const unsigned char*>memchr(p, c'\r', end - p)
            if stop == NULL or stop + 1 >= end or stop[1] != c'\n' or memchr(p, c'\n', stop - p) != NULL:
                return server_of(data)
            if stop == p:
                break
            if p[0] == c' ' or p[0] == c'\t':
                return server_of(data)
            size = stop - p
            if size >= 7 and (p[0] | 32) == c's' and named(p, 6, "server", 6):
                if p[6] != c':' or (end - stop > 2 and (stop[2] == c' ' or stop[2] == c'\t')):
                    return server_of(data)
                value = blanks(p + 7, stop)
                while stop > value and (stop[-1] == c' ' or stop[-1] == c'\t'):
                    stop -= 1
                if value == stop:
                    return server_of(data)
                return self.word(value, stop - value, data, server_of)
            if agent == NULL and size >= 11 and (p[0] | 32) == c'u' and named(p, 10, "user-agent", 10):
                if p[10] != c':' or (end - stop > 2 and (stop[2] == c' ' or stop[2] == c'\t')):
                    return server_of(data)
                agent = blanks(p + 11, stop)
                value = stop
                while value > agent and (value[-1] == c' ' or value[-1] == c'\t'):
                    value -= 1
                agent_size = value - agent
            p = stop + 2
        if agent == NULL:
            return ""
        return self.word(agent, agent_size, data, server_of)

    cdef str word(self, const unsigned char* p, Py_ssize_t size, bytes data, otherwise):
        """Text that comes back in call after call, made once; what is not ASCII is read in Python."""
        cdef bytes raw = octets(p, size)
        cdef Py_ssize_t i
        known = self.words.get(raw)
        if known is None:
            for i in range(size):
                if p[i] >= 128:
                    return otherwise(data)
            known = raw.decode("ascii")
            if len(self.words) >= PHRASES_REMEMBERED:
                self.words.clear()
            self.words[raw] = known
        return <str>known


cdef Py_ssize_t IDENTITY_CODE = Call._fields.index("identity_code")


cdef str call_id_text(bytes call_id):
    cdef const unsigned char* p = octet_pointer(call_id)
    cdef Py_ssize_t i
    for i in range(len(call_id)):
        if p[i] >= 128:
            return text_of(call_id)
    return ascii_text(p, len(call_id))


cdef inline void put(tuple row, Py_ssize_t index, object value):
    Py_INCREF(value)
    PyTuple_SET_ITEM(row, index, value)


cdef inline const unsigned char* octet_pointer(bytes data):
    return <const unsigned char*>PyBytes_AS_STRING(data)


cdef inline bint all_digits(const unsigned char* p, Py_ssize_t size) noexcept nogil:
    return run(p, p + size, DIGIT) == p + size


cdef inline object ms(long long start_us, long long end_us):
    if not start_us or not end_us:
        return None
    return 0 if end_us <= start_us else (end_us - start_us) // 1000


cdef bint speaks(const unsigned char* p, Py_ssize_t size) noexcept nogil:
    """Whether a line belongs to a header that says something of a refusal, or may do so under an odd spelling."""
    cdef unsigned char first = p[0] | 32
    if first == c'r':
        return size > 6 and named(p, 6, "reason", 6)
    if first == c'c':
        return size > 9 and named(p, 9, "call-info", 9)
    if first == c'w':
        return size > 7 and named(p, 7, "warning", 7)
    return first == c'x'


cdef bint speaks_up(const unsigned char* p, Py_ssize_t size, int status) noexcept nogil:
    """Whether a line of a message may begin a Reason header, or in a response X-Twilio-Error: else it refuses nothing."""
    cdef const unsigned char* end = p + size
    while True:
        p = <const unsigned char*>memchr(p, c'\n', end - p)
        if p == NULL:
            return False
        p += 1
        if end - p >= 6 and (p[0] | 32) == c'r' and named(p, 6, "reason", 6):
            return True
        if status and end - p >= 8 and (p[0] | 32) == c'x' and named(p, 8, "x-twilio", 8):
            return True


cdef bytes few_lines(bytes data, int status):
    """
    The lines of a message that say something of a refusal, as a message of their own; None when a line is odd.

    `signals.read` looks at the first line of a response, at the method of a request, and at five headers: this says the
    same, and is often what was read a moment ago.
    """
    cdef const unsigned char* p = octet_pointer(data)
    cdef const unsigned char* end = p + len(data)
    cdef const unsigned char* stop
    cdef Py_ssize_t size = 0
    cdef char few[2048]
    cdef bint first = True
    if status:
        if len(data) < 12 or memcmp(p, "SIP/2.0 ", 8) != 0 or p[11] != c' ':
            return None
    elif same(p, end, "BYE sip", 7):
        memcpy(few, "BYE sip:a@b SIP/2.0\r\n", 21)
        size = 21
    elif same(p, end, "CANCEL sip", 10):
        memcpy(few, "CANCEL sip:a@b SIP/2.0\r\n", 24)
        size = 24
    else:
        return None
    while True:
        stop = <const unsigned char*>memchr(p, c'\r', end - p)
        if stop == NULL or stop + 1 >= end or stop[1] != c'\n' or memchr(p, c'\n', stop - p) != NULL:
            return None
        if stop == p:
            break
        if p[0] == c' ' or p[0] == c'\t':
            return None
        if first and not status:
            if stop - p < 9 or memcmp(stop - 8, " SIP/2.0", 8) != 0:
                return None
        elif first or speaks(p, stop - p):
            if size + (stop - p) + 4 > <Py_ssize_t>sizeof(few):
                return None
            memcpy(few + size, p, stop + 2 - p)
            size += stop + 2 - p
        first = False
        p = stop + 2
    few[size] = c'\r'
    few[size + 1] = c'\n'
    return PyBytes_FromStringAndSize(few, size + 2)
