/*
 * Asks a Langfuse server whose keys these are: GET /api/public/projects, which
 * counts against no rate limit.
 */
#ifndef CRED_PROJECT_H
#define CRED_PROJECT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/cred.h"

enum project_answer {
	PROJECT_KNOWN,		/* name is filled */
	PROJECT_REFUSED,	/* the server does not take the keys */
	PROJECT_SILENT,		/* no answer, or none of Langfuse's */
	PROJECT_MISTAKE		/* URL or certificate: asking is no use */
};

/*
 * name gets what the server says of the project, as it may be shown: `name
 * (id) at host`. Otherwise the cause is in e.
 */
enum project_answer project_ask(const struct cred *c, const char *base,
    const char *ca_file, int64_t timeout_ns, struct buf *name,
    struct err *e);

#endif
