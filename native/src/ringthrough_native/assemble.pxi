# Records to open calls: the ordinary record, the ordinary message and the ordinary turn of a call are dealt with here,
# in C; each that is not goes to the same Python that would read it without this module, at its place in the order.

cdef long long LINGER_US = _assemble.LINGER_US
cdef long long PENDING_US = _assemble.PENDING_US
cdef long long TALK_US = _assemble.TALK_US
cdef long long MIRROR_US = _assemble.MIRROR_US
cdef long long RECHECK_US = _assemble._RECHECK_US
cdef long long GRACE_US = _assemble.GRACE_US
cdef object describes_media = _assemble._describes_media
cdef object tail_of = _joining.tail
cdef object named_scanner = _scanners._named
cdef object Sighting = _Sighting
cdef object Opening = _Opening
cdef int AGENTS_REMEMBERED = 4096
cdef long long NEVER = 0x7FFFFFFFFFFFFFFF


cdef inline int be16(const unsigned char* p) noexcept nogil:
    return p[0] << 8 | p[1]


cdef bint known_start(const unsigned char* p) noexcept nogil:
    """Whether four octets begin a response or a registered method (`captures.sniff.PREFIXES`)."""
    return (
        memcmp(p, "SIP/", 4) == 0 or memcmp(p, "INVI", 4) == 0 or memcmp(p, "ACK ", 4) == 0
        or memcmp(p, "BYE ", 4) == 0 or memcmp(p, "CANC", 4) == 0 or memcmp(p, "OPTI", 4) == 0
        or memcmp(p, "REGI", 4) == 0 or memcmp(p, "PRAC", 4) == 0 or memcmp(p, "SUBS", 4) == 0
        or memcmp(p, "NOTI", 4) == 0 or memcmp(p, "PUBL", 4) == 0 or memcmp(p, "INFO", 4) == 0
        or memcmp(p, "REFE", 4) == 0 or memcmp(p, "MESS", 4) == 0 or memcmp(p, "UPDA", 4) == 0
    )


cdef inline long long clipped(due):
    """A time as it fits; the dissector's `_NEVER` is one more than does."""
    return NEVER if due > NEVER else due


cdef inline bint same_packet(int one, int other) noexcept nogil:
    return one == other or one <= 0 or other <= 0


cdef inline const unsigned char* found(
    const unsigned char* p, Py_ssize_t size, const char* text, Py_ssize_t text_size
) noexcept nogil:
    return <const unsigned char*>memmem(p, size, text, text_size)


cdef str tail(str user):
    """Last seven digits of a number."""
    cdef Py_ssize_t size = len(user), i
    cdef const unsigned char* p
    if size >= 7 and PyUnicode_IS_COMPACT_ASCII(user):
        p = <const unsigned char*>PyUnicode_1BYTE_DATA(user) + size - 7
        for i in range(7):
            if not 48 <= p[i] <= 57:
                break
        else:
            return user[size - 7 :]
    return tail_of(user)


class Assembler(_assemble.Assembler):
    """`calls.Assembler`, which also takes records as they come out of a file."""

    _Attempt = Attempt
    _OpenCall = OpenCall

    def __init__(self, folder):
        super().__init__(folder)
        self._core = Core(self)

    def feed_rows(self, rows, dissector):
        """
        Dissect records and take in the messages in them.

        Returns:
            The transport of a message that came by another one than UDP, if any did.
        """
        return (<Core>self._core).feed_rows(rows, dissector)

    def flush(self, limit_us=None):
        """Hand over the calls that are over, in the order of their keys."""
        return (<Core>self._core).flush(self.now_us - GRACE_US if limit_us is None else limit_us)

    def _close(self, call, *, cut=False):
        (<Core>self._core).close(call, cut)


cdef class Core:
    """What an `Assembler` does in C, on the assembler's own tables."""

    cdef object owner, joiner, folder
    cdef dict open, by_number, by_route, by_session, agents
    cdef object pending, lingering
    cdef object others

    def __init__(self, owner):
        self.owner = owner
        self.joiner = owner._joiner
        self.folder = owner._folder
        self.open = owner._open
        self.by_number = self.joiner._by_number
        self.by_route = self.joiner._by_route
        self.by_session = self.joiner._by_session
        self.pending = owner._pending
        self.lingering = owner._lingering
        self.agents = {}

    cdef feed_rows(self, rows, dissector):
        cdef const unsigned char* p
        cdef const unsigned char* start
        cdef const unsigned char* begin
        cdef Py_ssize_t size, end
        cdef int length
        cdef long long at_us, due, now_us = self.owner.now_us
        cdef long sip = 0
        cdef tuple row
        cdef bytes data
        cdef object file = dissector._file
        cdef int file_number = file
        cdef object feed = self.owner.feed
        other = None
        due = clipped(dissector._due)
        for row in rows:
            at_us = row[0]
            data = row[3]
            p = <const unsigned char*>PyBytes_AS_STRING(data)
            size = PyBytes_GET_SIZE(data)
            if size >= 46 and at_us < due and row[2] == 1:
                # Ethernet, IPv4 without options or fragments, UDP: the conditions of `Dissector.feed_rows`.
                length = be16(p + 38)
                end = 34 + length
                start = p + 42
                if (
                    p[12] == 8 and p[13] == 0 and p[14] == 0x45 and p[23] == 17 and not be16(p + 20) & 0x3FFF
                    and be16(p + 16) == length + 20 and length > 12 and end <= size and known_start(start)
                ):
                    begin = start + 4
                    if memcmp(start, "SIP/", 4) == 0:
                        if end < 50 or memcmp(begin, "2.0 ", 4) != 0:
                            begin = NULL
                    elif found(begin, end - 46, " SIP/2.0\r\n", 10) == NULL:
                        begin = NULL
                    if begin != NULL:
                        sip += 1
                        if memcmp(start, "ACK ", 4) == 0:
                            continue
                        if at_us > now_us:
                            now_us = at_us
                        if not self.take(row, at_us, file_number, p, start, end - 42):
                            feed(self.sighting(row, file, p, end))
                        continue
            sightings = dissector.feed(at_us, row[1], row[2], data, row[4])
            due = clipped(dissector._due)
            for sighting in sightings:
                if sighting[3] != "udp" and other is None:
                    other = sighting[3]
                feed(sighting)
        if now_us > self.owner.now_us:
            self.owner.now_us = now_us
        if sip:
            tally = dissector._tally
            tally.sip += sip
            tally.messages += sip
        return other

    cdef object sighting(self, tuple row, object file, const unsigned char* p, Py_ssize_t end):
        return tuple.__new__(Sighting, (
            row[0], file, row[1], "udp", PyBytes_FromStringAndSize(<const char*>p + 26, 4), be16(p + 34),
            PyBytes_FromStringAndSize(<const char*>p + 30, 4), be16(p + 36), row[3][42:end], 0, be16(p + 18),
        ))  # fmt: skip

    cdef bint take(
        self, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m, Py_ssize_t size
    ) except? -1:
        """Take in one message, when it is an ordinary one; False leaves it to Python."""
        cdef Head head
        cdef OpenCall call
        if m[0] == c'S':
            if found(m, size, "INVITE", 6) == NULL:
                return True  # its CSeq names another method, and no call hangs on the answer to that
            return self.response(row, at_us, file, p, m, size) or self.answer(row, at_us, file, p, m, size)
        if m[0] != c'I' and m[0] != c'B' and m[0] != c'C':
            return False
        if scan(m, size, &head) != TAKEN:
            return False
        if head.method_size == 6 and memcmp(head.method, "INVITE", 6) == 0:
            return self.invite(row, at_us, file, p, m, size, &head)
        if head.method_size == 3 and memcmp(head.method, "BYE", 3) == 0:
            found_call = self.open.get(octets(head.call_id, head.call_id_size))
            if found_call is None:
                return False
            call = <OpenCall>found_call
            if at_us > call.deadline_us or call.shadowed:
                return False
            self.bye(call, row, at_us, file, p, m, size, &head)
            return True
        if head.method_size == 6 and memcmp(head.method, "CANCEL", 6) == 0:
            found_call = self.open.get(octets(head.call_id, head.call_id_size))
            if found_call is None:
                return False
            call = <OpenCall>found_call
            if at_us > call.deadline_us or call.shadowed or len(call.attempts) != 1:
                return False
            return self.cancel(call, row, at_us, file, p, m, size)
        return False

    cdef bint response(
        self, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m, Py_ssize_t size
    ) except? -1:
        """`Assembler._quickly`: a response that names the Call-ID and the branch of a call's only INVITE."""
        cdef const unsigned char* end = m + size
        cdef const unsigned char* q = m
        cdef const unsigned char* r
        cdef const unsigned char* call_id = NULL
        cdef Py_ssize_t call_id_size = 0, branch_size
        cdef bint of_invite = False
        cdef OpenCall call
        cdef Attempt attempt
        cdef int status
        if size < 11 or not (KINDS[m[8]] & KINDS[m[9]] & KINDS[m[10]] & DIGIT):
            return False
        status = (m[8] - 48) * 100 + (m[9] - 48) * 10 + (m[10] - 48)
        while call_id == NULL or not of_invite:
            q = <const unsigned char*>memchr(q, c'\r', end - q)
            if q == NULL:
                break
            q += 1
            if q >= end or q[0] != c'\n':
                continue
            q += 1
            if call_id == NULL:
                r = NULL
                if same(q, end, "Call-ID", 7) or same(q, end, "call-id", 7):
                    r = q + 7
                elif q < end and q[0] == c'i':
                    r = q + 1
                if r != NULL:
                    r = blanks(r, end)
                    if r < end and r[0] == c':':
                        r = blanks(r + 1, end)
                        call_id = r
                        while r < end and r[0] != c' ' and r[0] != c'\t' and r[0] != c'\r' and r[0] != c'\n':
                            r += 1
                        call_id_size = r - call_id
                        if not call_id_size or not same(r, end, "\r\n", 2):
                            call_id = NULL
                        continue
            if not of_invite and end - q > 4 and (q[0] | 32) == c'c' and (q[1] | 32) == c's' and q[2] == c'e' and q[3] == c'q':
                r = blanks(q + 4, end)
                if r < end and r[0] == c':':
                    r = blanks(r + 1, end)
                    of_invite = r < end and KINDS[r[0]] & DIGIT and same(run(r, end, DIGIT), end, " INVITE\r\n", 9)
        if call_id == NULL:
            return False
        found_call = self.open.get(octets(call_id, call_id_size))
        if found_call is None:
            return False
        call = <OpenCall>found_call
        if len(call.attempts) != 1 or at_us > call.deadline_us or call.shadowed:
            return False
        attempt = <Attempt>call.attempts[0]
        if attempt.final or attempt.orphan:
            return False
        branch_size = PyBytes_GET_SIZE(attempt.branch)
        q = m
        while True:
            q = found(q, end - q, ";branch=", 8)
            if q == NULL:
                return False
            q += 8
            if same(q, end, PyBytes_AS_STRING(attempt.branch), branch_size):
                break
        if status < 200:
            if status == attempt.last_status or status < 100:
                return False
            attempt.last_status = status
            attempt.last_tag = b""
            attempt.reply_us = at_us
            attempt.reply_ident = be16(p + 18)
            if status == 100:
                if not attempt.trying_us:
                    attempt.trying_us = at_us
            else:
                if status >= 180 and not attempt.eighteen_us:
                    attempt.eighteen_us = at_us
                if status == 180 and not attempt.ring_us:
                    attempt.ring_us = at_us
                    attempt.ring_file = file
                    attempt.ring_frame = row[1]
                if not attempt.early and not same(end - 4, end, "\r\n\r\n", 4):
                    attempt.early = (
                        found(m, size, "\r\nContent-Type: application/sdp\r\n", 33) != NULL
                        or describes_media(octets(m, size))
                    )
            if not call.answered:
                call.deadline_us = at_us + PENDING_US
            return True
        if not of_invite:
            return False  # the answer to a CANCEL has the branch of the INVITE
        attempt.final_us = attempt.final_last_us = at_us
        attempt.final = status
        attempt.final_tag = b""
        attempt.final_file = file
        attempt.final_frame = row[1]
        attempt.final_data = octets(m, size)
        attempt.final_ident = be16(p + 18)
        if status < 300:
            call.answered = True
            call.deadline_us = at_us + TALK_US
        elif not call.answered:
            self.linger(call, at_us)
        return True

    cdef bint answer(
        self, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m, Py_ssize_t size
    ) except? -1:
        """A response to one of several INVITEs, or one that comes again: read here, noted by `Assembler._response`."""
        cdef Head head
        cdef OpenCall call
        if scan(m, size, &head) != TAKEN or head.cseq_method_size != 6 or memcmp(head.cseq_method, "INVITE", 6) != 0:
            return False
        found_call = self.open.get(octets(head.call_id, head.call_id_size))
        if found_call is None:
            return False
        call = <OpenCall>found_call
        if at_us > call.deadline_us:
            return False
        sighting = self.sighting(row, file, p, 34 + be16(p + 38))
        to_tag = octets(head.to_tag, head.to_tag_size) if head.to_tag != NULL else b""
        self.owner._response(call, sighting, head.status, head.cseq, to_tag, octets(head.branch, head.branch_size))
        if call.shadowed:
            self.owner.journal.append(sighting)
        return True

    cdef bint invite(
        self, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m, Py_ssize_t size,
        Head* head,
    ) except? -1:
        """An INVITE that begins a call which stands alone; all others are left to Python."""
        cdef OpenCall call
        cdef Attempt attempt, first
        cdef bytes src, dst, call_id
        cdef str callee, caller
        cdef tuple route, number
        if (
            head.leads_on or head.to_tag != NULL or head.from_tag == NULL or head.callee == NULL or head.caller == NULL
            or not KINDS[head.caller[head.caller_size - 1]] & DIGIT
            or head.cseq_method_size != 6 or memcmp(head.cseq_method, "INVITE", 6) != 0
        ):
            return False
        call_id = octets(head.call_id, head.call_id_size)
        again = self.open.get(call_id)
        if again is not None:
            said = tuple.__new__(Opening, (
                ascii_text(head.callee, head.callee_size), ascii_text(head.caller, head.caller_size), "",
                ascii_text(head.from_value, head.from_size), self.agent(head)[0], "", "", head.vias,
            ))  # fmt: skip
            self.owner._invite(
                self.sighting(row, file, p, 34 + be16(p + 38)), again, call_id, head.cseq,
                octets(head.from_tag, head.from_tag_size), octets(head.branch, head.branch_size), said,
            )
            return True
        for name in (b"sipvicious", b"friendly-scanner", b"nm@nm", b"sipsak@", b"sipcli"):
            if found(head.from_value, head.from_size, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name)) != NULL:
                return False
        agent, scanner = self.agent(head)
        if scanner:
            return False
        src = octets(p + 26, 4)
        dst = octets(p + 30, 4)
        first = Attempt.__new__(Attempt)
        first.at_us = first.last_us = at_us
        first.file = file
        first.frame = row[1]
        first.src = src
        first.sport = be16(p + 34)
        first.dst = dst
        first.dport = be16(p + 36)
        first.cseq = head.cseq
        first.branch = octets(head.branch, head.branch_size)
        first.vias = head.vias
        first.ident = be16(p + 18)
        first.reply_ident = first.final_ident = first.cancel_ident = -1
        first.last_tag = first.final_tag = first.final_data = first.cancel_data = b""
        call = OpenCall.__new__(OpenCall)
        call.call_id = call_id
        call.from_tag = octets(head.from_tag, head.from_tag_size)
        call.attempts = [first]
        call.deadline_us = at_us + PENDING_US
        call.kind = "call"
        call.session = ""
        call.bye_branch = call.bye_data = call.invite_data = b""
        if head.vouches:
            call.invite_data = octets(m, size)
        call.bye_ident = -1
        call.open_members = 1
        call.children = ()
        call.caller_raw = ascii_text(head.caller, head.caller_size)
        call.callee_raw = ascii_text(head.callee, head.callee_size)
        call.user_agent = agent
        # Joiner.enter, for a leg that names no other
        callee = tail(call.callee_raw)
        caller = tail(call.caller_raw)
        parent = self.by_number.get((src, callee))
        if parent is not None:
            parent = self.joiner._through(call, parent, caller)
        route = (src, caller, callee)
        call.route_key = route
        if parent is None:
            other = self.by_route.get(route)
            if other is not None and self.joiner._advances(other, call):
                parent = other
        number = (dst, callee)
        call.number_key = number
        self.by_number[number] = call
        self.by_route[route] = call
        if parent is not None:
            call.parent = parent
            parent.children = (*parent.children, call)
            root = call.root()
            root.open_members += 1
            call.shadowed = root.shadowed
        elif self.owner._shard_until:
            self.owner._shadow(call, (at_us, 0, 0, "", src))
        self.open[call_id] = call
        self.wait(self.pending, call.deadline_us, call)
        if call.shadowed:
            self.owner.journal.append(self.sighting(row, file, p, 34 + be16(p + 38)))
        return True

    cdef tuple agent(self, Head* head):
        """User-Agent as text, and whether it is a scanner's; the same few come in call after call."""
        cdef bytes raw
        if head.agent == NULL:
            return ("", False)
        raw = octets(head.agent, head.agent_size)
        known = self.agents.get(raw)
        if known is None:
            text = raw.decode("ascii")
            known = (text, named_scanner(text))
            if len(self.agents) >= AGENTS_REMEMBERED:
                self.agents.clear()
            self.agents[raw] = known
        return known

    cdef bye(
        self, OpenCall call, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m,
        Py_ssize_t size, Head* head,
    ):  # fmt: skip
        cdef int ident = be16(p + 18)
        cdef bytes branch = octets(head.branch, head.branch_size)
        if call.bye_us:
            if branch == call.bye_branch:
                if at_us - call.bye_last_us <= MIRROR_US and same_packet(call.bye_ident, ident):
                    call.duplicates += 1
                else:
                    call.repeats += 1
                call.bye_last_us = at_us
                call.bye_ident = ident
            return
        call.bye_us = call.bye_last_us = at_us
        call.bye_file = file
        call.bye_frame = row[1]
        call.bye_branch = branch
        call.bye_ident = ident
        call.bye_by_caller = (
            head.from_tag_size == PyBytes_GET_SIZE(call.from_tag)
            and memcmp(head.from_tag, PyBytes_AS_STRING(call.from_tag), head.from_tag_size) == 0
        )
        call.bye_data = octets(m, size)
        self.linger(call, at_us)

    cdef bint cancel(
        self, OpenCall call, tuple row, long long at_us, int file, const unsigned char* p, const unsigned char* m,
        Py_ssize_t size,
    ) except? -1:  # fmt: skip
        cdef Attempt attempt = <Attempt>call.attempts[0]
        if attempt.cancel_us:
            return False
        attempt.cancel_us = attempt.cancel_last_us = at_us
        attempt.cancel_file = file
        attempt.cancel_frame = row[1]
        attempt.cancel_ident = be16(p + 18)
        attempt.cancel_data = octets(m, size)
        if not call.answered and not attempt.final:
            call.deadline_us = at_us + 2 * LINGER_US
            self.owner._push(call, call.deadline_us)
        return True

    cdef linger(self, OpenCall call, long long at_us):
        call.deadline_us = at_us + LINGER_US
        self.wait(self.lingering, call.deadline_us, call)

    cdef wait(self, queue, long long due_us, OpenCall call):
        if not queue or <long long>(<tuple>queue[-1])[0] <= due_us:
            queue.append((due_us, call))
        else:
            self.owner._push(call, due_us)

    cdef list flush(self, limit_us):
        cdef long long limit = limit_us, due_us
        cdef OpenCall call
        cdef tuple waiting
        for queue in (self.lingering, self.pending):
            while queue:
                waiting = <tuple>queue[0]
                due_us = waiting[0]
                if due_us > limit:
                    break
                queue.popleft()
                call = <OpenCall>waiting[1]
                if not call.closed:
                    self.look(call, due_us)
        heap = self.owner._heap
        while heap:
            waiting = <tuple>heap[0]
            due_us = waiting[0]
            if due_us > limit:
                break
            heappop(heap)
            call = <OpenCall>waiting[2]
            if not call.closed:
                self.look(call, due_us)
        return self.owner._ready(limit_us)

    cdef look(self, OpenCall call, long long due_us):
        if call.deadline_us > due_us:
            self.owner._push(call, min(call.deadline_us, due_us + RECHECK_US))
        else:
            self.close(call, False)

    cdef close(self, OpenCall call, bint cut):
        cdef Attempt first
        call.closed = True
        if self.open.get(call.call_id) is call:
            del self.open[call.call_id]
        # Joiner.drop
        if call.number_key is not None and self.by_number.get(call.number_key) is call:
            del self.by_number[call.number_key]
        if call.route_key is not None and self.by_route.get(call.route_key) is call:
            del self.by_route[call.route_key]
        if call.session and self.by_session.get(call.session) is call:
            del self.by_session[call.session]
        root = <OpenCall>call.root() if call.parent is not None else call
        root.open_members -= 1
        if root.open_members:
            return
        if not root.shadowed:
            first = <Attempt>root.attempts[0]
            ended_us = max(m.deadline_us for m in root.members()) if root.children else root.deadline_us
            row = self.folder.fold(root, end_us=self.owner.now_us if cut else 0)
            self.owner._done.append(((ended_us, first.file, first.frame), row))
        for member in root.members() if root.children else (root,):
            member.attempts = []
            member.children = ()
            member.bye_data = member.invite_data = b""


cdef inline const unsigned char* blanks(const unsigned char* p, const unsigned char* end) noexcept nogil:
    while p < end and (p[0] == c' ' or p[0] == c'\t'):
        p += 1
    return p


cdef inline bytes octets(const unsigned char* p, Py_ssize_t size):
    return PyBytes_FromStringAndSize(<const char*>p, size)


cdef inline str ascii_text(const unsigned char* p, Py_ssize_t size):
    return PyUnicode_DecodeASCII(<const char*>p, size, NULL)
