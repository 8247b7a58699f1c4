/*
 * Passes over a JSON value by its quotes, backslashes and brackets, 64 bytes at
 * a time, without a look at anything else: for long texts in which nothing is
 * looked for. What is passed over is not checked.
 */
#ifndef JSON_PASS_H
#define JSON_PASS_H

/*
 * The value at p, without white space before it: the position behind it, or
 * NULL when it does not end before end. (A number or literal ends at end, too,
 * as for json_skip.) Where the value is valid JSON, that is the position
 * json_skip gives (json/scan.h), whatever the depth; else it is NULL or anywhere
 * from p to end. Nothing at or behind end is read. The time is linear in the
 * length of any text, valid or not.
 */
const char *json_pass(const char *p, const char *end);

#endif
