# What the assembler remembers while a call is open, as C structures: the same fields, with the same first values, as
# `ringthrough.calls.states`, which says what each of them means.


cdef class Attempt:
    cdef public long long trying_us, eighteen_us, ring_us, reply_us, final_us, final_last_us, cancel_us, cancel_last_us
    cdef public long long at_us, last_us, frame, ring_frame, final_frame, cancel_frame
    cdef public int ring_file, final_file, cancel_file, file, last_status, final, sport, dport, vias
    cdef public int reply_ident, final_ident, cancel_ident, ident
    cdef public bint early, orphan
    cdef public bytes last_tag, final_tag, final_data, cancel_data, src, dst, branch
    cdef public object cseq  # a message may name a number of any length

    def __init__(
        self, long long at_us, int file, long long frame, bytes src, int sport, bytes dst, int dport, object cseq,
        bytes branch, int vias, int ident,
    ):  # fmt: skip
        self.at_us = self.last_us = at_us
        self.file = file
        self.frame = frame
        self.src = src
        self.sport = sport
        self.dst = dst
        self.dport = dport
        self.cseq = cseq
        self.branch = branch
        self.vias = vias
        self.ident = ident
        self.reply_ident = self.final_ident = self.cancel_ident = -1
        self.last_tag = self.final_tag = self.final_data = self.cancel_data = b""


cdef class OpenCall:
    cdef public bint closed, answered, shadowed, bye_by_caller
    cdef public str kind, caller_raw, callee_raw, user_agent, session
    cdef public long long bye_us, bye_last_us, bye_frame, deadline_us
    cdef public int bye_file, bye_ident, repeats, duplicates, open_members
    cdef public bytes bye_branch, bye_data, call_id, from_tag, invite_data
    cdef public object parent, number_key, route_key
    cdef public tuple children
    cdef public list attempts

    def __init__(self, bytes call_id, bytes from_tag, object first, long long deadline_us):
        self.call_id = call_id
        self.from_tag = from_tag
        self.attempts = [first]
        self.deadline_us = deadline_us
        self.kind = "call"
        self.caller_raw = self.callee_raw = self.user_agent = self.session = ""
        self.bye_branch = self.bye_data = self.invite_data = b""
        self.bye_ident = -1
        self.open_members = 1
        self.children = ()

    def root(self):
        call = self
        while call.parent is not None:
            call = call.parent
        return call

    def members(self):
        found = [self]
        for call in found:
            found.extend(call.children)
        return found
