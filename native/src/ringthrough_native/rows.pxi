# Rows as CSV: `report.rows.csv_rows`, cell by cell in C.

cdef tuple PLACES = tuple(_rows._NAMES.index(name) for name in _rows.OUTPUT)
cdef Py_ssize_t CELLS = len(PLACES)
cdef int* CELL_AT = <int*>malloc(CELLS * sizeof(int))
cdef int* CELL_KIND = <int*>malloc(CELLS * sizeof(int))
cdef long long LAST_SECOND = 253_402_300_800  # the year 10000
cdef object plain_csv_rows = _rows.csv_rows

cdef enum:
    TEXT = 0
    NUMBER = 1
    FLAG = 2
    TIME = 3

cdef void _places():
    cdef Py_ssize_t i
    for i in range(CELLS):
        CELL_AT[i] = PLACES[i]
        name = _rows.OUTPUT[i]
        sql = _rows._SQL[name]
        CELL_KIND[i] = TIME if name == "at" else TEXT if sql == "VARCHAR" else FLAG if sql == "BOOLEAN" else NUMBER

_places()


cdef void calendar(long long second, char* text) noexcept nogil:
    """Write `YYYY-MM-DDThh:mm:ss.` for a second since 1970. Days to a civil date: 400 years are 146,097 days."""
    cdef long long days = second // 86_400, era, year
    cdef int rest = <int>(second % 86_400), of_era, of_year, month, day
    days += 719_468  # from 1 March of the year 0, so that leap days come last
    era = days // 146_097
    of_era = <int>(days - era * 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = <int>(of_era - (365 * year + year // 4 - year // 100))
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (1 if month <= 2 else 0)
    two_digits(text, <int>(year // 100))
    two_digits(text + 2, <int>(year % 100))
    text[4] = text[7] = c'-'
    two_digits(text + 5, month)
    two_digits(text + 8, day)
    text[10] = c'T'
    two_digits(text + 11, rest // 3_600)
    two_digits(text + 14, rest // 60 % 60)
    two_digits(text + 17, rest % 60)
    text[13] = text[16] = c':'
    text[19] = c'.'


cdef inline void two_digits(char* text, int number) noexcept nogil:
    text[0] = <char>(48 + number // 10)
    text[1] = <char>(48 + number % 10)


cdef class Csv:
    """Writes rows; keeps its buffer and the text of the second it wrote last."""

    cdef char* buffer
    cdef Py_ssize_t room, used
    cdef long long second
    cdef char second_text[20]
    cdef dict numbers

    def __cinit__(self):
        self.room = 1 << 14
        self.buffer = <char*>malloc(self.room)
        self.second = -1
        self.numbers = {}

    def __dealloc__(self):
        free(self.buffer)

    cdef inline bint grow(self, Py_ssize_t more) except? -1:
        cdef char* wider
        if self.used + more > self.room:
            while self.used + more > self.room:
                self.room *= 2
            wider = <char*>realloc(self.buffer, self.room)
            if wider == NULL:
                raise MemoryError
            self.buffer = wider
        return True

    cdef bytes line(self, tuple call, tuple verdict):
        """One row; None when a cell is not ASCII, or of a type that the schema does not foresee."""
        cdef Py_ssize_t i, at, calls = PyTuple_GET_SIZE(call)
        cdef int kind
        cdef PyObject* cell
        self.used = 0
        for i in range(CELLS):
            at = CELL_AT[i]
            cell = PyTuple_GET_ITEM(call, at) if at < calls else PyTuple_GET_ITEM(verdict, at - calls)
            kind = CELL_KIND[i]
            if kind == TEXT:
                if not self.text(<object>cell):
                    return None
            elif cell != <PyObject*>None:
                if kind == FLAG:
                    self.raw("true" if <object>cell else "false", 4 if <object>cell else 5)
                elif kind == TIME:
                    if not self.time(<object>cell):
                        return None
                elif not self.number(<object>cell):
                    return None
            elif kind == FLAG:
                self.raw("false", 5)
            elif kind == TIME:
                return None
            self.grow(1)
            self.buffer[self.used] = c','
            self.used += 1
        self.used -= 1
        self.raw("\r\n", 2)
        return PyBytes_FromStringAndSize(self.buffer, self.used)

    cdef inline raw(self, const char* text, Py_ssize_t size):
        self.grow(size)
        memcpy(self.buffer + self.used, text, size)
        self.used += size

    cdef bint text(self, object cell) except? -1:
        cdef const unsigned char* p
        cdef Py_ssize_t size, i
        cdef bint quoted = False, formula = False
        if type(cell) is not str or not PyUnicode_IS_COMPACT_ASCII(cell):
            return False
        size = PyUnicode_GET_LENGTH(cell)
        if not size:
            return True
        p = <const unsigned char*>PyUnicode_1BYTE_DATA(cell)
        if p[0] == c'=' or p[0] == c'-' or p[0] == c'@' or p[0] == c'\t' or p[0] == c'\r' or p[0] == c'\n':
            formula = True
        elif p[0] == c'+':
            formula = size == 1 or not all_digits(p + 1, size - 1)
        for i in range(size):
            if p[i] == c'"' or p[i] == c',' or p[i] == c'\r' or p[i] == c'\n':
                quoted = True
                break
        self.grow(2 * size + 3)
        if not quoted:
            if formula:
                self.buffer[self.used] = c"'"
                self.used += 1
            memcpy(self.buffer + self.used, p, size)
            self.used += size
            return True
        self.buffer[self.used] = c'"'
        self.used += 1
        if formula:
            self.buffer[self.used] = c"'"
            self.used += 1
        for i in range(size):
            if p[i] == c'"':
                self.buffer[self.used] = c'"'
                self.used += 1
            self.buffer[self.used] = p[i]
            self.used += 1
        self.buffer[self.used] = c'"'
        self.used += 1
        return True

    cdef bint number(self, object cell) except? -1:
        cdef long long value
        cdef char digits[24]
        cdef int size = 0
        cdef bint negative
        if type(cell) is int:
            try:
                value = cell
            except OverflowError:
                return False
            if value == 0:
                self.raw("0", 1)
                return True
            negative = value < 0
            if negative:
                if value == -NEVER - 1:
                    return False
                value = -value
            while value:
                size += 1
                digits[24 - size] = <char>(48 + value % 10)
                value //= 10
            if negative:
                size += 1
                digits[24 - size] = c'-'
            self.raw(digits + 24 - size, size)
            return True
        text = self.numbers.get(cell)
        if text is None:
            if type(cell) is not float:
                return False
            text = str(cell).encode("ascii")
            if len(self.numbers) > 1000:
                self.numbers.clear()
            self.numbers[cell] = text
        self.raw(PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
        return True

    cdef bint time(self, object cell) except? -1:
        cdef long long at_us, second
        cdef int micro, i
        try:
            at_us = cell
        except (OverflowError, TypeError):
            return False
        if at_us < 0:
            return False
        second = at_us // 1_000_000
        micro = <int>(at_us - second * 1_000_000)
        if second != self.second:
            if second >= LAST_SECOND:
                return False
            calendar(second, self.second_text)
            self.second = second
        self.grow(27)
        memcpy(self.buffer + self.used, self.second_text, 20)
        for i in range(5, -1, -1):
            self.buffer[self.used + 20 + i] = <char>(48 + micro % 10)
            micro //= 10
        self.buffer[self.used + 26] = c'Z'
        self.used += 27
        return True


def csv_rows(batch):
    """Rows of a batch as CSV, one piece of octets a row: what `report.rows.csv_rows` gives."""
    cdef Csv csv = Csv()
    cdef list lines = []
    for row in batch:
        line = csv.line(<tuple>row[0], <tuple>row[1])
        if line is None:
            line = plain_csv_rows([row])[0]
        lines.append(line)
    return lines
