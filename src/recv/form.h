/* In which of the two forms of OTLP a file is written. */
#ifndef RECV_FORM_H
#define RECV_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum form { FORM_UNKNOWN, FORM_JSON, FORM_PROTOBUF };

/*
 * A JSON document begins with a brace and then a name or the other brace. A
 * protobuf request begins with the byte 0x0a, which is white space in JSON,
 * and a length, which may look like a brace. FORM_UNKNOWN while the first n
 * bytes do not tell; never at eof.
 */
enum form form_tell(const char *p, size_t n, bool eof);

#endif
