#include "filter/regex.h"

#define PCRE2_CODE_UNIT_WIDTH	8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MATCH_LIMIT	1000000		/* steps of one match */
#define DEPTH_LIMIT	10000
#define HEAP_LIMIT_KB	16384

struct regex {
	pcre2_code		*code;
	pcre2_match_data	*data;
	pcre2_match_context	*ctx;
};

void
regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	pcre2_match_context_free(r->ctx);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

static struct regex *
failed(struct regex *r, char *why, size_t n, const char *text)
{
	regex_free(r);
	(void)snprintf(why, n, "%s", text);
	return NULL;
}

struct regex *
regex_new(const char *pattern, size_t len, char *why, size_t n, size_t *at)
{
	struct regex *r = calloc(1, sizeof(*r));
	PCRE2_UCHAR msg[128] = "not a regular expression";
	PCRE2_SIZE off = 0;
	int err = 0;

	*at = 0;
	if (r == NULL)
		return failed(r, why, n, "out of memory");
	r->code = pcre2_compile((PCRE2_SPTR)pattern, len, PCRE2_UTF |
	    PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &err, &off,
	    NULL);
	if (r->code == NULL) {
		(void)pcre2_get_error_message(err, msg, sizeof(msg));
		*at = off;
		return failed(r, why, n, (const char *)msg);
	}
	/* Without JIT it is slower, and nothing else. */
	(void)pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	r->data = pcre2_match_data_create(1, NULL);
	r->ctx = pcre2_match_context_create(NULL);
	if (r->data == NULL || r->ctx == NULL)
		return failed(r, why, n, "out of memory");
	(void)pcre2_set_match_limit(r->ctx, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(r->ctx, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(r->ctx, HEAP_LIMIT_KB);
	return r;
}

enum regex_res
regex_match(const struct regex *r, const char *p, size_t n)
{
	int rc = pcre2_match(r->code, (PCRE2_SPTR)(n != 0 ? p : ""), n, 0, 0,
	    r->data, r->ctx);

	if (rc >= 0)
		return REGEX_YES;
	return rc == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}
