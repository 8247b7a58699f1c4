/*
 * A destination as it is to be used now: a row of sink.h completed by options,
 * environment and credentials.
 *
 * For destinations that take them, the standard variables count, the one of
 * the signal before the general one: OTEL_EXPORTER_OTLP_[TRACES_|LOGS_|
 * METRICS_]{ENDPOINT,HEADERS,PROTOCOL,COMPRESSION,TIMEOUT,CERTIFICATE,
 * CLIENT_KEY,CLIENT_CERTIFICATE}. Source: OpenTelemetry specification, "OTLP
 * Exporter Configuration".
 */
#ifndef SINK_DEST_H
#define SINK_DEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/client.h"
#include "net/cred.h"
#include "record/ids.h"
#include "sink/sink.h"

#define DEST_MAX_HEADERS	32

/* What options say; NULL and negative: nothing. */
struct dest_conf {
	const char		*endpoint;	/* base URL */
	int			 format;	/* enum otlp_format, or -1 */
	int			 gzip;		/* 0, 1, or -1 */
	int64_t			 timeout;	/* or -1 */
	struct client_tls	 tls;
	const struct cred_from	*keys;
	const char *const	*headers;	/* "Name: value" */
	size_t			 nheaders;
	const char		*name;		/* among others of its kind */
	const char		*token;		/* instead of a key pair */
	bool			 no_env;	/* no variable counts */
};

/* How one signal travels. */
struct dest_way {
	char			*url;		/* NULL: it does not */
	char			*label;		/* the same, for messages */
	/*
	 * Names the place for the ledger: a hash of the URL and of whatever
	 * credentials or headers decide the project. It gives none away.
	 */
	char			 self[TRACE_ID_LEN + 1];
	char			*header[DEST_MAX_HEADERS + 1];
	size_t			 nheaders;
	enum otlp_format	 format;
	bool			 gzip;
	int64_t			 timeout;
	struct client_tls	 tls;
};

struct dest {
	const struct sink	*sink;
	const char		*name;		/* of conf, else of the sink */
	struct dest_way		 way[SINK_WAYS];
};

/*
 * Strings of conf that messages need later, its name and files, are not
 * copied. 0; EXIT_NOCREDS without credentials, EXIT_BADCONF for what is wrong, with
 * the cause. d is then to be given to dest_fini as well.
 */
int dest_init(struct dest *d, const struct sink *sink,
    const struct dest_conf *conf, struct err *e);

/* Wipes and frees. */
void dest_fini(struct dest *d);

#endif
