/*
 * aitrace-recv: OTLP in, records out. Without operands it is a server, with
 * them it converts saved requests.
 */
#include "config.h"

#include <stddef.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/opt.h"
#include "recv/conf.h"
#include "recv/offline.h"
#include "recv/server.h"

static const char *const signals[] = { "auto", "traces", "logs", "metrics",
    NULL };

static const char *const sandbox[] = { "auto", "off", NULL };
static const char *const keys[] = { "none", "env", NULL };

#define AT(m)	offsetof(struct recv_conf, m)

static const struct opt opts[] = {
	{ "listen", 'l', OPT_STR, AT(listen), "ADDRESS",
	    "serve OTLP/HTTP there (default 127.0.0.1:4318)", 0, 0, NULL },
	{ "grpc", 'g', OPT_STR, AT(grpc), "ADDRESS",
	    "serve OTLP/gRPC there (default 127.0.0.1:4317)", 0, 0, NULL },
	{ "socket-mode", 0, OPT_STR, AT(socket_mode), "MODE",
	    "of the socket of unix:/path (default 0600)", 0, 0, NULL },
	{ "token-file", 0, OPT_STR, AT(token_file), "FILE",
	    "only take what comes with the token in it", 0, 0, NULL },
	{ "tls-cert", 0, OPT_STR, AT(tls_cert), "FILE",
	    "serve over TLS, with this certificate (PEM)", 0, 0, NULL },
	{ "tls-key", 0, OPT_STR, AT(tls_key), "FILE",
	    "the certificate's private key (PEM)", 0, 0, NULL },
	{ "langfuse-keys", 0, OPT_ENUM, AT(langfuse_keys), "FROM",
	    "check the key pair of Langfuse SDKs", 0, 0, keys },
	{ "sandbox", 0, OPT_ENUM, AT(sandbox), "WHEN",
	    "give up what a server does not need", 0, 0, sandbox },
	{ "spool", 0, OPT_STR, AT(spool), "DIR",
	    "keep the records there instead of printing them", 0, 0, NULL },
	{ "segment-size", 0, OPT_SIZE, AT(segment_size), "SIZE",
	    "of a file of the spool (default 64M)",
	    4096, INT64_C(1) << 40, NULL },
	{ "segment-age", 0, OPT_DUR, AT(segment_age), "TIME",
	    "of a file of the spool (default 1h)",
	    CLOCK_S, 86400 * 366 * CLOCK_S, NULL },
	{ "compress", 0, OPT_FLAG, AT(compress), NULL,
	    "pack finished files of the spool with zstd", 0, 0, NULL },
	{ "retain-size", 0, OPT_SIZE, AT(retain_size), "SIZE",
	    "of the whole spool; the oldest files go",
	    4096, INT64_C(1) << 50, NULL },
	{ "retain-age", 0, OPT_DUR, AT(retain_age), "TIME",
	    "of a file of the spool; older ones go",
	    CLOCK_S, 86400 * 3660 * CLOCK_S, NULL },
	{ "redact", 0, OPT_FLAG, AT(redact), NULL,
	    "take secrets out before anything is written", 0, 0, NULL },
	{ "redact-rules", 0, OPT_LIST, AT(redact_rules), "FILE",
	    "redact by these rules, too (may be repeated)", 0, 0, NULL },
	{ "redact-secret-env", 0, OPT_LIST, AT(redact_env), "VARIABLE",
	    "redact this variable's value, too (may be repeated)", 0, 0,
	    NULL },
	{ "max-body", 0, OPT_SIZE, AT(max_body), "SIZE",
	    "largest request, also when unpacked (default 20M)",
	    1024, INT64_C(1) << 30, NULL },
	{ "max-memory", 0, OPT_SIZE, AT(max_memory), "SIZE",
	    "most that may wait to be handed on (default 256M)",
	    INT64_C(1) << 20, INT64_C(1) << 40, NULL },
	{ "max-connections", 0, OPT_NUM, AT(max_conns), "N",
	    "open at a time (default 1024)", 1, 65536, NULL },
	{ "wait", 0, OPT_DUR, AT(wait), "TIME",
	    "for a slow reader before a client gets 503 (default 5s)",
	    0, 3600 * CLOCK_S, NULL },
	{ "request-timeout", 0, OPT_DUR, AT(request), "TIME",
	    "for a request to come in whole (default 60s)",
	    CLOCK_S, 86400 * CLOCK_S, NULL },
	{ "idle-timeout", 0, OPT_DUR, AT(idle), "TIME",
	    "between requests of a connection (default 300s)",
	    CLOCK_S, 86400 * CLOCK_S, NULL },
	{ "min-rate", 0, OPT_SIZE, AT(min_rate), "SIZE",
	    "bytes a second a body has to bring (default 1k)",
	    0, INT64_C(1) << 30, NULL },
	{ "signal", 's', OPT_ENUM, AT(signal), "SIGNAL",
	    "what protobuf files hold", 0, 0, signals },
	{ "ready-fd", 0, OPT_NUM, AT(ready_fd), "FD",
	    "write HOST:PORT and a newline there when listening",
	    0, 1 << 20, NULL },
	{ .name = NULL }
};

int
main(int argc, char **argv)
{
	struct recv_conf conf = { .segment_size = RECV_SEGMENT_SIZE,
	    .segment_age = RECV_SEGMENT_AGE,
	    .max_body = RECV_MAX_BODY, .max_memory = RECV_MAX_MEMORY,
	    .max_conns = RECV_MAX_CONNS, .wait = RECV_WAIT,
	    .idle = RECV_IDLE, .request = RECV_REQUEST,
	    .min_rate = RECV_MIN_RATE, .ready_fd = -1 };
	const struct opt_program prog = { "aitrace-recv", "[FILE ... | -]",
	    "Receive OpenTelemetry data and print one record a line.",
	    opts, NULL, &conf, NULL };
	int first, rc;

	switch (opt_parse(&prog, argc, argv, &first)) {
	case OPT_DONE:
		return EXIT_OK;
	case OPT_BAD:
		return EXIT_USAGE;
	case OPT_RUN:
		break;
	}
	if (first < argc)
		rc = offline_run(&conf, argv + first, (size_t)(argc - first));
	else
		rc = server_run(&conf);
	opt_list_fini(&conf.redact_rules);
	opt_list_fini(&conf.redact_env);
	log_fini();
	return rc;
}
