#include "config.h"

#include "recv/tally.h"

#include <stddef.h>

#include "base/log.h"

void
recv_tally_put(const struct recv_tally *t, struct buf *line)
{
	const struct {
		const char	*name;
		uint64_t	 v;
	} row[] = {
		{ "requests", t->requests }, { "accepted", t->accepted },
		{ "bad", t->bad }, { "refused", t->refused },
		{ "busy", t->busy }, { "aborted", t->aborted },
		{ "out", t->records }, { "rejected", t->rejected },
		{ "bad_utf8", t->bad_utf8 }, { "bytes_in", t->bytes_in },
		{ "bytes_out", t->bytes_out },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (i > 0)
			buf_addc(line, ' ');
		buf_adds(line, row[i].name);
		buf_addc(line, '=');
		buf_addu(line, row[i].v);
	}
}

void
recv_tally_log(const struct recv_tally *t)
{
	struct buf line = { 0 };

	recv_tally_put(t, &line);
	log_always("info: %s", buf_cstr(&line));
	buf_fini(&line);
}

static void
metric(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP aitrace_recv_%s %s\n# TYPE aitrace_recv_%s %s\n",
	    name, help, name, type);
}

static void
value(struct buf *b, const char *name, const char *outcome, uint64_t v)
{
	buf_addf(b, "aitrace_recv_%s", name);
	if (outcome != NULL)
		buf_addf(b, "{outcome=\"%s\"}", outcome);
	buf_addc(b, ' ');
	buf_addu(b, v);
	buf_addc(b, '\n');
}

void
recv_tally_metrics(const struct recv_tally *t, uint64_t waiting,
    uint64_t connections, struct buf *b)
{
	metric(b, "requests_total", "counter", "Requests by their outcome.");
	value(b, "requests_total", "accepted", t->accepted);
	value(b, "requests_total", "bad", t->bad);
	value(b, "requests_total", "refused", t->refused);
	value(b, "requests_total", "busy", t->busy);
	value(b, "requests_total", "aborted", t->aborted);
	metric(b, "records_total", "counter",
	    "Spans, log records and data points by their outcome.");
	value(b, "records_total", "written", t->records);
	value(b, "records_total", "rejected", t->rejected);
	metric(b, "invalid_utf8_total", "counter",
	    "Bytes that were no UTF-8 and were replaced.");
	value(b, "invalid_utf8_total", NULL, t->bad_utf8);
	metric(b, "received_bytes_total", "counter",
	    "Bodies of requests, as they were sent.");
	value(b, "received_bytes_total", NULL, t->bytes_in);
	metric(b, "written_bytes_total", "counter", "Lines handed on.");
	value(b, "written_bytes_total", NULL, t->bytes_out);
	metric(b, "waiting_bytes", "gauge",
	    "Bodies being received and lines that wait for the reader.");
	value(b, "waiting_bytes", NULL, waiting);
	metric(b, "connections", "gauge", "Open HTTP connections.");
	value(b, "connections", NULL, connections);
}
