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
