/* The database as a source: read while its program may be writing to it. */
#include <stdbool.h>

#include "import/db.h"
#include "import/import.h"
#include "import/opencode.h"
#include "import/source.h"

static int
failed(struct import *im, const struct err *e)
{
	if (e->msg[0] == '\0')
		return -1;	/* memory, or the output */
	import_bad(im, e->msg);
	return IMPORT_BAD;
}

static int
file(struct import *im, int fd, const char *path)
{
	struct opencode_counts n = { 0 };
	struct err e;
	struct db *db;
	int res;

	(void)fd;
	db = db_open(path, &e);
	if (db == NULL)
		return failed(im, &e);
	if (!opencode_is(db)) {
		db_close(db);
		import_bad(im, "a database, and not opencode's");
		return IMPORT_BAD;
	}
	res = opencode_read(db, &im->made, &n, &e);
	im->objects += n.sessions + n.bad;
	if (res == 0)
		res = db_check(db, &e);
	db_close(db);
	if (res == -1)
		return failed(im, &e);
	if (n.bad == 0)
		return 0;
	import_bad(im, "some of its rows are no JSON objects");
	return IMPORT_BAD;
}

const struct source source_opencode = {
	.name = "opencode database",
	.is_file = db_is,
	.file = file,
};
