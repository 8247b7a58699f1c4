/*
 * Editing a record: the line that comes out is a record, has what was set,
 * lacks what was dropped, keeps the rest, and the same edit changes it no
 * more. The first byte picks the edits.
 */
#include <string.h>

#include "record/edit.h"
#include "tests/fuzz/bothways.h"
#include "tests/fuzz/fuzz.h"

static void
change(struct edit *e, unsigned which)
{
	if ((which & 1) != 0)
		edit_attr_str(e, "k", "v\"\n", 3);
	if ((which & 2) != 0)
		edit_attr_int(e, "new.name", -5);
	if ((which & 4) != 0)
		edit_attr_drop(e, "gone");
	if ((which & 8) != 0)
		edit_member_str(e, F_NAME, "renamed", 7);
	if ((which & 16) != 0)
		edit_member(e, F_STATUS, "{\"code\":\"OK\"}", 13);
	if ((which & 32) != 0)
		edit_member_drop(e, F_BODY);
	if ((which & 64) != 0)
		edit_attr_bool(e, "k", true);	/* the later one wins */
}

static void
check(const struct record *r, unsigned which)
{
	int64_t i;

	if ((which & 64) != 0)
		must(record_attr(r, "k").type == JSON_TRUE, "k was set");
	else if ((which & 1) != 0)
		must(json_str_is(record_attr(r, "k"), "v\"\n"), "k was set");
	if ((which & 2) != 0)
		must(json_int(record_attr(r, "new.name"), &i) == 0 &&
		    i == -5, "new.name was set");
	if ((which & 4) != 0)
		must(record_attr(r, "gone").type == JSON_NONE,
		    "gone was dropped");
	if ((which & 8) != 0)
		must(json_str_is(r->field[F_NAME], "renamed"),
		    "the name was set");
	if ((which & 16) != 0)
		must(r->field[F_STATUS].n == 13, "the status was set");
	if ((which & 32) != 0)
		must(r->field[F_BODY].type == JSON_NONE,
		    "the body was dropped");
}

static void
edit_once(const struct record *r, unsigned which, struct buf *out)
{
	struct edit e = { 0 };

	edit_begin(&e, r);
	change(&e, which);
	must(edit_append(&e, out) == 0, "an edit can be written");
	edit_fini(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record r = { 0 }, edited = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	const char *why = NULL, *line = (const char *)data + 1;
	unsigned which;

	if (size == 0)
		return 0;
	which = data[0];
	must(both_ways(&r, &edited, line, size - 1) == NULL,
	    "indexed both ways, it is the same");
	if (record_index(&r, line, size - 1, &why) == -1) {
		must(why != NULL, "a refusal has a reason");
		record_fini(&r);
		record_fini(&edited);
		return 0;
	}
	/* What is no object has no attributes to set. */
	if (r.field[F_ATTRIBUTES].type != JSON_NONE &&
	    r.field[F_ATTRIBUTES].type != JSON_OBJECT)
		which &= ~71U;
	edit_once(&r, which, &once);
	if ((which & 127) == 0)
		must(once.n == size - 1 && memcmp(once.p, line, once.n) == 0,
		    "no edit, no change");
	must(record_index(&edited, once.p, once.n, &why) == 0,
	    "an edited record is a record");
	check(&edited, which);
	edit_once(&edited, which, &twice);
	must(once.n == twice.n && memcmp(once.p, twice.p, once.n) == 0,
	    "twice is once");
	record_fini(&r);
	record_fini(&edited);
	buf_fini(&once);
	buf_fini(&twice);
	return 0;
}
