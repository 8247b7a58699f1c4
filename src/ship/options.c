#include "ship/options.h"

#include <stddef.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "ship/ship.h"

static const char *const formats[] = { "protobuf", "json", NULL };
static const char *const packings[] = { "none", "gzip", NULL };

#define AT(m)	offsetof(struct ship, o.m)

const struct opt ship_opts[] = {
	{ "batch-age", 0, OPT_DUR, AT(batch_age), "TIME",
	    "longest wait for more records (default 10s)", 0, 0, NULL },
	{ "batch-bytes", 0, OPT_SIZE, AT(batch_bytes), "SIZE",
	    "largest request before compression (default 3M)", 1024,
	    INT64_C(1) << 30, NULL },
	{ "batch-count", 0, OPT_NUM, AT(batch_count), "N",
	    "most records in a request (default 5000)", 1, 1000000, NULL },
	{ "cacert", 0, OPT_STR, AT(tls.ca_file), "FILE",
	    "certificates to trust (PEM)", 0, 0, NULL },
	{ "cert", 0, OPT_STR, AT(tls.cert_file), "FILE",
	    "client certificate (PEM)", 0, 0, NULL },
	{ "cert-key", 0, OPT_STR, AT(tls.key_file), "FILE",
	    "key of the client certificate (PEM)", 0, 0, NULL },
	{ "compress", 0, OPT_ENUM, AT(compress), "HOW",
	    "compression of requests (default gzip)", 0, 0, packings },
	{ "dry-run", 'n', OPT_FLAG, AT(dry_run), NULL,
	    "say what would be sent, send nothing", 0, 0, NULL },
	{ "endpoint", 'e', OPT_STR, AT(endpoint), "URL",
	    "base URL of the destination", 0, 0, NULL },
	{ "follow", 0, OPT_FLAG, AT(follow), NULL,
	    "with --spool: go on until a signal comes", 0, 0, NULL },
	{ "format", 'f', OPT_ENUM, AT(format), "FORMAT",
	    "encoding of requests (default protobuf)", 0, 0, formats },
	{ "header", 0, OPT_LIST, AT(header), "NAME:VALUE",
	    "one more header, which is no secret; may be repeated", 0, 0,
	    NULL },
	{ "in-flight", 0, OPT_NUM, AT(in_flight), "N",
	    "requests at a time (default 4)", 1, 64, NULL },
	{ "key-command", 0, OPT_LIST, AT(key_command), "COMMAND",
	    "take the Langfuse keys it prints; may be repeated", 0, 0, NULL },
	{ "left", 0, OPT_STR, AT(left_path), "FILE",
	    "append what could not be delivered", 0, 0, NULL },
	{ "once", 0, OPT_FLAG, AT(once), NULL,
	    "with --spool: read nothing, deliver what is there", 0, 0, NULL },
	{ "public-key-file", 0, OPT_STR, AT(public_file), "FILE",
	    "file with the Langfuse public key", 0, 0, NULL },
	{ "rate", 0, OPT_NUM, AT(rate), "N",
	    "no more than so many requests a minute", 1, 6000000, NULL },
	{ "receipts", 0, OPT_STR, AT(receipts_path), "FILE",
	    "append a line for each request that was accepted", 0, 0, NULL },
	{ "refused", 0, OPT_STR, AT(refused_path), "FILE",
	    "append what the destination refuses", 0, 0, NULL },
	{ "retry-for", 0, OPT_DUR, AT(retry_for), "TIME",
	    "go on trying so long after the end of input (default 5m)", 0, 0,
	    NULL },
	{ "retry-parked", 0, OPT_FLAG, AT(retry_parked), NULL,
	    "with --spool: try what was refused once more", 0, 0, NULL },
	{ "route", 'R', OPT_STR, AT(route), "FILE",
	    "which records go where, see aitrace-route(5)", 0, 0, NULL },
	{ "secret-key-file", 0, OPT_STR, AT(secret_file), "FILE",
	    "file with the Langfuse secret key, closed to others", 0, 0,
	    NULL },
	{ "since", 0, OPT_STR, AT(since), "TIME",
	    "only what began then or later", 0, 0, NULL },
	{ "skip-delivered", 0, OPT_FLAG, AT(skip_delivered), NULL,
	    "with --spool: send nothing that was delivered before", 0, 0,
	    NULL },
	{ "spool", 0, OPT_STR, AT(spool), "DIR",
	    "keep records there until they are accepted", 0, 0, NULL },
	{ "spool-limit", 0, OPT_SIZE, AT(spool_limit), "SIZE",
	    "of what we write there; the oldest go (default 100M)", 65536,
	    INT64_C(1) << 50, NULL },
	{ "timeout", 0, OPT_DUR, AT(timeout), "TIME",
	    "for a request to be answered (default 60s)", 0, 0, NULL },
	{ "to", 't', OPT_LIST, AT(to), "NAME[=URL]",
	    "destination (default langfuse); may be repeated", 0, 0, NULL },
	{ "until", 0, OPT_STR, AT(until), "TIME",
	    "only what began before", 0, 0, NULL },
	{ "verify", 0, OPT_FLAG, AT(verify), NULL,
	    "send nothing, ask Langfuse whether it has the spans", 0, 0,
	    NULL },
	{ .name = NULL }
};

void
options_init(struct ship_options *o)
{
	*o = (struct ship_options){ .format = -1, .compress = -1,
	    .timeout = -1, .batch_bytes = 3 * 1024 * 1024,
	    .batch_count = 5000, .batch_age = 10 * CLOCK_S, .in_flight = 4,
	    .retry_for = 300 * CLOCK_S, .spool_limit = 100 * 1024 * 1024 };
}

void
options_fini(struct ship_options *o)
{
	opt_list_fini(&o->to);
	opt_list_fini(&o->header);
	opt_list_fini(&o->key_command);
}

int
options_check(const struct ship_options *o)
{
	const char *wrong = NULL;

	if (o->spool == NULL && (o->follow || o->once || o->retry_parked ||
	    o->skip_delivered))
		wrong = "--follow, --once, --retry-parked and "
		    "--skip-delivered go with --spool";
	else if (o->follow && o->once)
		wrong = "--follow or --once";
	if (wrong == NULL)
		return 0;
	log_error("%s", wrong);
	return EXIT_USAGE;
}
