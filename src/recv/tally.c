#include "config.h"

#include "recv/tally.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"

static const char *const protos[TALLY_PROTOS] = { "http", "grpc", "langfuse" };
static const char *const signals[RECV_SIGNALS] = { "traces", "logs",
    "metrics", "unknown" };
static const char *const outcomes[RECV_OUTCOMES] = { "accepted", "bad",
    "refused", "busy" };

/* The last one is for every other status. */
static const struct {
	unsigned	 status;
	const char	*cause;
} causes[RECV_CAUSES] = {
	{ 400, "bad_data" }, { 401, "credentials" }, { 403, "origin" },
	{ 404, "path" }, { 405, "method" }, { 408, "slow" }, { 413, "size" },
	{ 415, "type" }, { 503, "busy" }, { 0, "other" },
};

void
recv_tally_answer(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, unsigned status)
{
	uint64_t *total[RECV_OUTCOMES] = { &t->accepted, &t->bad, &t->refused,
	    &t->busy };
	size_t which = status < 300 ? 0 : status == 400 ? 1 :
	    status == 503 ? 3 : 2, i = 0;

	(*total[which])++;
	t->by[proto][sig].requests[which]++;
	if (which == 0)
		return;
	while (i < RECV_CAUSES - 1 && causes[i].status != status)
		i++;
	t->causes[i]++;
}

void
recv_tally_records(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, uint64_t records, uint64_t rejected)
{
	t->records += records;
	t->rejected += rejected;
	t->by[proto][sig].records += records;
	t->by[proto][sig].rejected += rejected;
}

void
recv_tally_body(struct recv_tally *t, enum tally_proto proto,
    enum otlp_signal sig, uint64_t bytes)
{
	t->bytes_in += bytes;
	t->by[proto][sig].bytes += bytes;
}

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
plain(struct buf *b, const char *name, const char *type, const char *help,
    uint64_t v)
{
	metric(b, name, type, help);
	buf_addf(b, "aitrace_recv_%s ", name);
	buf_addu(b, v);
	buf_addc(b, '\n');
}

/*
 * A row of protocol and signal. Those that every server has are there from the
 * beginning, so that a rate can be taken of them.
 */
static void
row(struct buf *b, const char *name, size_t p, size_t s, const char *outcome,
    uint64_t v)
{
	if (v == 0 && (p == TALLY_LANGFUSE || s == OTLP_SIGNAL_UNKNOWN))
		return;
	buf_addf(b, "aitrace_recv_%s{protocol=\"%s\",signal=\"%s\"", name,
	    protos[p], signals[s]);
	if (outcome != NULL)
		buf_addf(b, ",outcome=\"%s\"", outcome);
	buf_adds(b, "} ");
	buf_addu(b, v);
	buf_addc(b, '\n');
}

static void
put_counts(const struct recv_tally *t, struct buf *b)
{
	metric(b, "requests_total", "counter", "Requests answered.");
	for (size_t p = 0; p < TALLY_PROTOS; p++)
		for (size_t s = 0; s < RECV_SIGNALS; s++)
			for (size_t o = 0; o < RECV_OUTCOMES; o++)
				row(b, "requests_total", p, s, outcomes[o],
				    t->by[p][s].requests[o]);
	metric(b, "records_total", "counter",
	    "Spans, log records and data points.");
	for (size_t p = 0; p < TALLY_PROTOS; p++)
		for (size_t s = 0; s < RECV_SIGNALS; s++) {
			row(b, "records_total", p, s, "written",
			    t->by[p][s].records);
			row(b, "records_total", p, s, "rejected",
			    t->by[p][s].rejected);
		}
	metric(b, "received_bytes_total", "counter",
	    "Bodies of requests, as they were sent.");
	for (size_t p = 0; p < TALLY_PROTOS; p++)
		for (size_t s = 0; s < RECV_SIGNALS; s++)
			row(b, "received_bytes_total", p, s, NULL,
			    t->by[p][s].bytes);
	metric(b, "not_accepted_total", "counter",
	    "Requests that were not accepted, by the reason.");
	for (size_t i = 0; i < RECV_CAUSES; i++) {
		buf_addf(b, "aitrace_recv_not_accepted_total{cause=\"%s\"} ",
		    causes[i].cause);
		buf_addu(b, t->causes[i]);
		buf_addc(b, '\n');
	}
}

void
recv_tally_metrics(const struct recv_tally *t, const struct recv_gauges *g,
    struct buf *b)
{
	put_counts(t, b);
	plain(b, "aborted_total", "counter",
	    "Requests whose client had gone before the answer.", t->aborted);
	plain(b, "invalid_utf8_total", "counter",
	    "Bytes that were no UTF-8 and were replaced.", t->bad_utf8);
	plain(b, "written_bytes_total", "counter", "Lines handed on.",
	    t->bytes_out);
	plain(b, "waiting_bytes", "gauge",
	    "Bodies being received and lines that wait for the reader.",
	    g->waiting);
	plain(b, "connections", "gauge", "Open HTTP connections.",
	    g->connections);
	plain(b, "last_write_timestamp_seconds", "gauge",
	    "When lines were handed on last, 0 if never.",
	    (uint64_t)(g->last_write / CLOCK_S));
	if (g->spool_bytes < 0)
		return;
	plain(b, "spool_bytes", "gauge", "Size of all files of the spool.",
	    (uint64_t)g->spool_bytes);
	plain(b, "spool_removed_files_total", "counter",
	    "Files removed to keep the spool in its limits.",
	    g->spool_dropped);
}
