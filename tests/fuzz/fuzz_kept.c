/*
 * Any bytes in the files that delivery keeps in a spool. In the ledger: what
 * is noted behind them is found the next time. In what is parked: each line
 * goes back into the spool or stays, none is lost. The first byte chooses the
 * file the rest is in.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "net/spooled.h"
#include "sink/ledger.h"
#include "sink/refusals.h"
#include "tests/fuzz/fuzz.h"

#define LIMIT	(64 * 1024 * 1024)

static const char *const file[] = { ".accepted", ".delivered",
    "parked.ndjson" };

static void
ledger(const char *dir)
{
	static const char line[] = "{\"record\":\"span\"}";
	struct err e = { "" };
	struct ledger l;

	for (int round = 0; round < 2; round++) {
		must(ledger_open(&l, dir, true, &e) == 0, e.msg);
		must(round == 0 || ledger_knows(&l, "there", line,
		    sizeof(line) - 1), "what was noted is known");
		must(!ledger_knows(&l, "elsewhere", line, sizeof(line) - 1),
		    "and nothing else");
		must(ledger_add(&l, "there", line, sizeof(line) - 1) == 0 &&
		    ledger_write(&l) == 0, "noted");
		must(round == 0 || ledger_settle(&l) == 0, "settled");
		ledger_fini(&l);
	}
	must(ledger_open(&l, dir, true, &e) == 0, e.msg);
	must(ledger_knows(&l, "there", line, sizeof(line) - 1),
	    "also when it was forgotten");
	ledger_fini(&l);
}

/* Lines, the last of which may be without its end. */
static size_t
count(const char *p, size_t n)
{
	size_t lines = n > 0 && p[n - 1] != '\n';

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

static void
parked(const char *dir, const char *path, const char *p, size_t n)
{
	struct buf stay = { 0 }, back = { 0 };
	struct err e = { "" };
	struct spooled *s;
	struct intake t;

	intake_init(&t, dir, LIMIT, clock_system());
	must(refusals_retry(dir, &t, &e) == 0, e.msg);
	must(intake_close(&t, &e) == 0, e.msg);
	if (access(path, F_OK) == 0)
		must(file_read(path, LIMIT, &stay, &e) == 0, e.msg);
	s = spooled_open(dir, &e);
	must(s != NULL, e.msg);
	while (spooled_next(s, LIMIT, LIMIT, &back, &e) == 1)
		;
	must(count(back.p, back.n) + count(stay.p, stay.n) == count(p, n),
	    "no line is lost");
	must(t.lines == count(back.p, back.n), "what went back is counted");
	must(spooled_forget(s, &e) == 0, e.msg);
	spooled_close(s);
	intake_fini(&t);
	buf_fini(&stay);
	buf_fini(&back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const made[] = { ".accepted", ".delivered",
	    ".delivered.1", "parked.ndjson", ".lock", ".reading", ".shipped" };
	char dir[] = "/tmp/aitrace-fuzz.XXXXXX", path[64];
	struct err e = { "" };
	unsigned which;

	if (size == 0)
		return 0;
	which = data[0] % 3;
	must(mkdtemp(dir) != NULL, "a folder");
	(void)snprintf(path, sizeof(path), "%s/%s", dir, file[which]);
	must(file_write_atomic(path, data + 1, size - 1, 0600, &e) == 0,
	    e.msg);
	if (which < 2)
		ledger(dir);
	else
		parked(dir, path, (const char *)data + 1, size - 1);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, made[i]);
		(void)unlink(path);
	}
	must(rmdir(dir) == 0, "nothing else was made");
	return 0;
}
