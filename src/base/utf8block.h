/* UTF-8 sixteen bytes at a time, where the processor can. Used by utf8.c. */
#ifndef BASE_UTF8BLOCK_H
#define BASE_UTF8BLOCK_H

/*
 * p is where a character begins. A later place where one begins, all before
 * which is valid UTF-8; p itself if nothing could be said. What stands at the
 * returned place is not looked at: it may be invalid.
 */
const char *utf8block_skip(const char *p, const char *end);

#endif
